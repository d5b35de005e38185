package codec_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// A sample is a message with the name of its golden file.
type sample struct {
	name, about string
	msg         wire.Message
}

const epoch = 1_700_000_000_123_456_789 // as nodes take it from the clock, in ns

var alice = wire.Sender{Name: "alice", Epoch: epoch, Incarnation: 3}

// samples has one message of each kind, then those at the edges of the format.
func samples() []sample {
	edge := func(n int) string { return strings.Repeat("x", n) }
	return []sample{
		{"ping", "a direct probe", wire.Message{
			Kind: wire.Ping, Seq: 70000, Sender: alice, Target: "bob", Digest: 0x123456789abcdef0,
		}},
		{"ping-req", "a relay is asked to probe", wire.Message{
			Kind: wire.PingReq, Seq: 7, Sender: alice, Target: "carol",
		}},
		{"ack", "an answer that carries one claim", wire.Message{
			Kind: wire.Ack, Seq: 70000, Sender: alice, Target: "bob", Updates: claims(1),
		}},
		{"nack", "a relay still waits", wire.Message{
			Kind: wire.Nack, Seq: 200, Sender: alice, Target: "carol",
		}},
		{"gossip", "a packet with eight claims of all states", wire.Message{
			Kind: wire.Gossip, Sender: alice, Updates: claims(8),
		}},
		{"sync", "16 claims: the first number that takes a header of 3 bytes", wire.Message{
			Kind: wire.Sync, Seq: 1 << 20, Sender: alice, Cursor: 40, Updates: claims(16),
		}},
		{"sync-reply", "15 claims: the last number that takes a header of 1 byte", wire.Message{
			Kind: wire.SyncReply, Seq: 1 << 20, Sender: alice, Cursor: 55, Updates: claims(15),
		}},
		{"user", "a payload with bytes that are not text", wire.Message{
			Kind: wire.User, Sender: alice, Payload: []byte("\x00\xff\xc1 hello"),
		}},
		{"broadcasts", "a packet with a broadcast of each form", wire.Message{
			Kind: wire.Gossip, Sender: alice, Broadcasts: []wire.Broadcast{
				{Origin: "bob", Epoch: epoch, Seq: 1, Channel: "chat", Payload: []byte("\x00\xff\xc1 hello")},
				{Origin: "bob", Epoch: epoch, Seq: 2, Channel: "state", Key: "leader", Payload: []byte("bob")},
				{Origin: "carol", Epoch: epoch, Seq: 1 << 33, Channel: "files", Size: 1 << 20},
				{Origin: "carol", Epoch: epoch, Seq: 1<<33 + 1},
			},
		}},
		{"fetch", "16 broadcasts: the first number that takes a header of 3 bytes", wire.Message{
			Kind: wire.Fetch, Seq: 3, Sender: alice, Broadcasts: had(16),
		}},

		{"zero", "every field is zero: nothing a node sends, and the shortest", wire.Message{}},
		{"unknown", "a kind and a state of a later version", wire.Message{
			Kind: 200, Sender: alice, Updates: []wire.Update{{Member: wire.Member{Name: "bob", State: 255}}},
		}},
		{"integers-7-bit", "the largest of one byte", integers(math.MaxInt8)},
		{"integers-8-bit", "the largest of two bytes", integers(math.MaxUint8)},
		{"integers-8-bit-least", "the smallest of two bytes", integers(1 << 7)},
		{"integers-16-bit", "the largest of three bytes", integers(math.MaxUint16)},
		{"integers-16-bit-least", "the smallest of three bytes", integers(1 << 8)},
		{"integers-32-bit", "the largest of five bytes", integers(math.MaxUint32)},
		{"integers-32-bit-least", "the smallest of five bytes", integers(1 << 16)},
		{"integers-64-bit", "the largest of nine bytes", integers(math.MaxUint64)},
		{"integers-64-bit-least", "the smallest of nine bytes", integers(1 << 32)},
		{"strings-31", "the longest with a header of one byte", texts(edge(31))},
		{"strings-32", "the shortest str with a header of two bytes", texts(edge(32))},
		{"strings-255", "the longest with a header of two bytes", texts(edge(255))},
		{"strings-256", "the shortest with a header of three bytes", texts(edge(256))},
		{"strings-binary", "bytes that are not UTF-8 pass unchanged", texts("\xff\x00\xc0")},
	}
}

// had returns what a member has of the broadcasts of n others.
func had(n int) []wire.Broadcast {
	bs := make([]wire.Broadcast, n)
	for i := range bs {
		bs[i] = wire.Broadcast{Origin: fmt.Sprintf("node-%05d", i), Epoch: epoch + uint64(i), Seq: uint64(i) << i}
		if i%2 == 1 {
			bs[i].Payload = bytes.Repeat([]byte{byte(i)}, i)
		}
	}
	return bs
}

// claims returns n claims of all states, some of them by an accuser.
func claims(n int) []wire.Update {
	us := make([]wire.Update, n)
	for i := range us {
		us[i] = wire.Update{Member: wire.Member{
			Name:        fmt.Sprintf("node-%05d", i),
			Addr:        fmt.Sprintf("10.0.%d.%d:7946", i/256%256, i%256),
			Meta:        "rack=12",
			Epoch:       epoch + uint64(i),
			Incarnation: uint32(i),
			State:       wire.State(i%4) + wire.Alive,
		}}
		switch us[i].State {
		case wire.Suspect:
			us[i].From = "carol"
		case wire.Failed:
			us[i].From, us[i].Age = "carol", 3600
		}
	}
	return us
}

// integers has v, or as much of it as fits, in every integer field.
func integers(v uint64) wire.Message {
	b, w := uint8(min(v, math.MaxUint8)), uint32(min(v, math.MaxUint32))
	return wire.Message{
		Kind: wire.Kind(b), Seq: w, Cursor: w, Digest: v,
		Sender: wire.Sender{Epoch: v, Incarnation: w},
		Updates: []wire.Update{{
			Member: wire.Member{Epoch: v, Incarnation: w, State: wire.State(b)},
			Age:    w,
		}},
		Broadcasts: []wire.Broadcast{{Epoch: v, Seq: v, Size: w}},
	}
}

// texts has s in every string field.
func texts(s string) wire.Message {
	return wire.Message{
		Sender: wire.Sender{Name: s}, Target: s, Payload: []byte(s),
		Updates:    []wire.Update{{Member: wire.Member{Name: s, Addr: s, Meta: s, Token: s}, From: s}},
		Broadcasts: []wire.Broadcast{{Origin: s, Channel: s, Key: s, Payload: []byte(s)}},
	}
}

// random returns a message whose integers are of all magnitudes, and whose
// strings and claims are often about as many as where a header grows.
func random(rng *rand.Rand) wire.Message {
	number := func() uint64 { return rng.Uint64() >> rng.IntN(65) }
	text := func() string {
		n := rng.IntN(40)
		switch r := rng.IntN(1000); {
		case r == 0:
			n = 65534 + rng.IntN(4)
		case r < 50:
			n = 254 + rng.IntN(4)
		}
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return string(b)
	}
	m := wire.Message{
		Kind: wire.Kind(rng.IntN(256)), Seq: uint32(number()),
		Sender: wire.Sender{Name: text(), Epoch: number(), Incarnation: uint32(number())},
		Target: text(), Cursor: uint32(number()), Digest: number(),
	}
	if n := rng.IntN(20); n > 0 {
		m.Updates = make([]wire.Update, n)
	}
	for i := range m.Updates {
		m.Updates[i] = wire.Update{
			Member: wire.Member{
				Name: text(), Addr: text(), Meta: text(), Epoch: number(),
				Incarnation: uint32(number()), State: wire.State(rng.IntN(256)), Token: text(),
			},
			From: text(), Age: uint32(number()),
		}
	}
	bin := func() []byte { // nil where it is empty, as Decode has it
		if p := text(); p != "" {
			return []byte(p)
		}
		return nil
	}
	if n := rng.IntN(40) - 20; n > 0 {
		m.Broadcasts = make([]wire.Broadcast, n)
	}
	for i := range m.Broadcasts {
		m.Broadcasts[i] = wire.Broadcast{
			Origin: text(), Epoch: number(), Seq: number(), Channel: text(), Key: text(),
			Size: uint32(number()), Payload: bin(),
		}
	}
	m.Payload = bin()
	return m
}

// encode is Append where it cannot fail.
func encode(t testing.TB, m *wire.Message) []byte {
	t.Helper()
	b, err := codec.Msgpack{}.Append(nil, m)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	return b
}

// decode is Decode into a new message where it cannot fail. Empty slices of the
// result are nil, so that it can be compared.
func decode(t testing.TB, data []byte) wire.Message {
	t.Helper()
	var m wire.Message
	if err := (codec.Msgpack{}).Decode(&m, data); err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if len(m.Updates) == 0 {
		m.Updates = nil
	}
	if len(m.Broadcasts) == 0 {
		m.Broadcasts = nil
	}
	return m
}
