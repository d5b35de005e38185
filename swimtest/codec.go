package swimtest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// TestCodec checks that a codec keeps the contract of [swim.Codec]. Each call of
// newCodec makes that of another node of one cluster; it may return the same each time.
//
// What a codec may do, such as return views, is no promise, and so not tested: the
// suite gives each Decode bytes of its own, and looks at no message after them.
func TestCodec(t *testing.T, newCodec func() swim.Codec) {
	run(t, codecSentences, just(newCodec))
}

var codecSentences = []sentence[func() swim.Codec]{
	{
		name:  "Messages come out as they went in",
		says:  "Codec turns messages into bytes and back.",
		check: codecRoundTrip,
	},
	{
		name:  "One codec understands another",
		says:  "All nodes of a cluster use the same one.",
		check: codecUnderstands,
	},
	{
		name:  "Append appends to dst",
		says:  "Append appends the encoding of m to dst.",
		check: codecAppends,
	},
	{
		name:  "Append does not change the message",
		says:  "It neither keeps nor changes m.",
		check: codecDoesNotChange,
	},
	{
		name:  "Append does not keep the message",
		says:  "It neither keeps nor changes m.",
		check: codecDoesNotKeep,
	},
	{
		name:  "No encoding begins with 0xc1",
		says:  "No encoding begins with the byte 0xc1, which marks those that the Node compressed, and those of codec.Compressed.",
		check: codecLeavesMark,
	},
	{
		name:  "Decode overwrites what was there",
		says:  "Decode overwrites m, reusing the room of m.Updates, with what data says.",
		check: codecOverwrites,
	},
	{
		name:  "Decode reuses the room of Updates",
		says:  "Decode overwrites m, reusing the room of m.Updates, with what data says.",
		check: codecReusesRoom,
	},
	{
		name:  "Several goroutines may use it at once",
		says:  "The Node calls it from several goroutines at once, never with the same message.",
		check: codecConcurrent,
	},
	{
		name:  "Decode allocates in proportion to what came",
		says:  "Any bytes whatever may come in: it returns an error rather than panic, and allocates in proportion to len(data), never to what data claims.",
		check: codecAllocates,
	},
	{
		name:  "Decode returns an error rather than panic",
		says:  "Any bytes whatever may come in: it returns an error rather than panic, and allocates in proportion to len(data), never to what data claims.",
		check: codecNeverPanics,
	},
	{
		name:  "Size is what Append makes or a few bytes more",
		says:  "Size is how many bytes Append makes of m, or a few more, and UpdateSize by how many u makes them more.",
		check: codecSizeIsClose,
	},
	{
		name:  "Size and UpdateSize together never fall short",
		says:  "Size of a message, and UpdateSize of all that is added to its Updates afterwards, together never fall short of what Append makes in the end: packets are filled on that.",
		check: codecUpdateSize,
	},
	{
		name:  "Size counts a broadcast as the second of two",
		says:  "So they are with Broadcasts, each of which is taken to add to Size what it adds as the second of two.",
		check: codecBroadcastSize,
	},
	valid(func(newCodec func() swim.Codec) any { return newCodec() }),
}

// encode is Append where it cannot fail.
func encode(t testing.TB, c swim.Codec, m *wire.Message) []byte {
	t.Helper()
	data, err := c.Append(nil, m)
	if err != nil {
		t.Fatalf("Append of %s: %v", brief(m), err)
	}
	return data
}

// wantDecoded fails t unless data, of which it takes a copy, says what want does.
func wantDecoded(t testing.TB, c swim.Codec, data []byte, want *wire.Message) {
	t.Helper()
	var got wire.Message
	if err := c.Decode(&got, bytes.Clone(data)); err != nil {
		t.Errorf("Decode of %s: %v", brief(want), err)
	} else if field := difference(&got, want); field != "" {
		t.Errorf("%s came out with other %s", brief(want), field)
	}
}

func codecRoundTrip(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	for _, m := range messages() {
		wantDecoded(t, c, encode(t, c, m), m)
	}
}

func codecUnderstands(t testing.TB, newCodec func() swim.Codec) {
	a, b := newCodec(), newCodec()
	for _, m := range messages() {
		wantDecoded(t, b, encode(t, a, m), m)
	}
}

func codecConcurrent(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	var wg sync.WaitGroup
	for range 4 {
		beside(t, &wg, func() {
			var got wire.Message
			for range 3 {
				for _, m := range messages() {
					if fault := codecFault(c, m, &got); fault != "" {
						t.Errorf("%s beside others: %s", brief(m), fault)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// codecFault says what is wrong with m when it has been to bytes and back, into got.
func codecFault(c swim.Codec, m, got *wire.Message) string {
	data, err := c.Append(nil, m)
	if err != nil {
		return fmt.Sprintf("Append: %v", err)
	}
	if size := c.Size(m); len(data) > size {
		return fmt.Sprintf("Append made %d bytes, and Size is %d", len(data), size)
	}
	if err := c.Decode(got, data); err != nil {
		return fmt.Sprintf("Decode: %v", err)
	}
	if field := difference(got, m); field != "" {
		return "it came out with other " + field
	}
	return ""
}

func codecAppends(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	const before = "before"
	for _, m := range messages() {
		for _, room := range []int{0, 1 << 16} {
			dst := append(make([]byte, 0, len(before)+room), before...)
			data, err := c.Append(dst, m)
			if err != nil {
				t.Fatalf("Append of %s: %v", brief(m), err)
			}
			rest, kept := bytes.CutPrefix(data, []byte(before))
			if !kept {
				t.Fatalf("Append of %s overwrote what dst held", brief(m))
			}
			wantDecoded(t, c, rest, m)
		}
	}
}

func codecDoesNotChange(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	for i, m := range messages() {
		encode(t, c, m)
		if field := difference(m, messages()[i]); field != "" {
			t.Errorf("Append changed %s of %s", field, brief(m))
		}
	}
}

func codecDoesNotKeep(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	for i, m := range messages() {
		before := messages()[i]
		data := encode(t, c, m)
		m.Seq++
		for i := range m.Payload {
			m.Payload[i] ^= 0xff
		}
		for i := range m.Updates {
			m.Updates[i].Incarnation++
		}
		wantDecoded(t, c, data, before)
		wantDecoded(t, c, encode(t, c, m), m)
	}
}

func codecLeavesMark(t testing.TB, newCodec func() swim.Codec) {
	const mark = 0xc1
	c := newCodec()
	switch c.(type) {
	case codec.Compressed, *codec.Compressed:
		return // the mark is its own
	}
	for _, m := range messages() {
		if data := encode(t, c, m); len(data) > 0 && data[0] == mark {
			t.Errorf("the encoding of %s begins with %#x", brief(m), mark)
		}
	}
}

func codecOverwrites(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	for _, m := range messages() {
		data := encode(t, c, m)
		for _, old := range messages() {
			got := *old
			if err := c.Decode(&got, bytes.Clone(data)); err != nil {
				t.Fatalf("Decode of %s over %s: %v", brief(m), brief(old), err)
			}
			if field := difference(&got, m); field != "" {
				t.Fatalf("%s decoded over %s differs in %s", brief(m), brief(old), field)
			}
		}
	}
}

func codecReusesRoom(t testing.TB, newCodec func() swim.Codec) {
	c := newCodec()
	data := encode(t, c, &wire.Message{Kind: wire.Gossip, Sender: sampleSender, Updates: sampleClaims(5)})
	got := wire.Message{Updates: make([]wire.Update, 3, 8)}
	room := &got.Updates[0]
	if err := c.Decode(&got, data); err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if len(got.Updates) != 5 || &got.Updates[0] != room {
		t.Error("Decode made new room for 5 Updates, where m had room for 8")
	}
}
