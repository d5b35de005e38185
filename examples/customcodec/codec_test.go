package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// sample holds what is awkward for JSON: bytes that are no text, numbers that no
// floating point holds, text that needs escapes.
func sample() *wire.Message {
	update := wire.Update{
		Member: wire.Member{
			Name: `a"<\é`, Addr: "127.0.0.1:1", Meta: "\x00\xff\xfe bytes",
			Epoch: 1<<64 - 1, Incarnation: 1<<32 - 1, State: wire.Failed,
		},
		From: "b", Age: 7,
	}
	return &wire.Message{
		Kind: wire.Ack, Seq: 1<<32 - 1, Target: "t", Cursor: 3, Payload: []byte("\xff\x00"), Digest: 1<<64 - 1,
		Sender:  wire.Sender{Name: "s", Epoch: 1<<64 - 1, Incarnation: 5},
		Updates: []wire.Update{update, {Member: wire.Member{Name: "c"}}},
	}
}

func TestMessagesComeOutAsTheyWentIn(t *testing.T) {
	data, err := jsonCodec{}.Append([]byte("prefix"), sample())
	if err != nil {
		t.Fatal(err)
	}
	encoded, ok := strings.CutPrefix(string(data), "prefix")
	if !ok {
		t.Fatalf("Append does not append: %s", data)
	}
	// What m held before must not shine through, and its room must serve again.
	m := &wire.Message{Kind: wire.Gossip, Target: "old", Digest: 9, Payload: []byte("old"), Updates: make([]wire.Update, 3, 8)}
	m.Updates[0].From = "old"
	room := &m.Updates[0]
	if err := (jsonCodec{}).Decode(m, []byte(encoded)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m, sample()) {
		t.Errorf("got  %+v\nwant %+v", m, sample())
	}
	if &m.Updates[0] != room {
		t.Error("Decode does not reuse the room for claims")
	}
}

// Size of a message and UpdateSize of what is added to it never fall short of
// what Append makes of both.
func TestSizesNeverFallShort(t *testing.T) {
	var c jsonCodec
	whole := sample()
	for _, start := range []*wire.Message{{Kind: wire.Ping}, sample()} {
		m, size := *start, c.Size(start)
		for _, u := range append(whole.Updates, whole.Updates...) {
			m.Updates = append(m.Updates, u)
			size += c.UpdateSize(&u)
			data, err := c.Append(nil, &m)
			if err != nil || len(data) > size || len(data) > c.Size(&m) {
				t.Fatalf("%d claims take %d bytes, said to be %d and %d, %v", len(m.Updates), len(data), size, c.Size(&m), err)
			}
		}
	}
}

// Whatever comes in, the answer is an error or a message, never a panic.
func TestForeignBytes(t *testing.T) {
	valid, err := jsonCodec{}.Append(nil, sample())
	if err != nil {
		t.Fatal(err)
	}
	msgpack, err := codec.Msgpack{}.Append(nil, sample())
	if err != nil {
		t.Fatal(err)
	}
	bad := []string{
		"", "null!", `{"Kind":300}`, `{"Updates":7}`, strings.Repeat("[", 100_000),
		string(valid) + "x", string(valid[:len(valid)/2]), string(msgpack),
	}
	for _, data := range bad {
		if err := (jsonCodec{}).Decode(new(wire.Message), []byte(data)); err == nil {
			t.Errorf("no error for %.40q", data)
		}
	}
}
