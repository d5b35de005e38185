package codec_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// TestDecodeGivesViews shows what decoded strings are: they change with the
// packet, so whoever keeps one clones it.
func TestDecodeGivesViews(t *testing.T) {
	data := encode(t, &wire.Message{
		Kind: wire.User, Sender: alice, Target: "bob", Payload: []byte("hello"),
		Updates: []wire.Update{{
			Member: wire.Member{Name: "carol", Addr: "10.0.0.1:7946", Meta: "rack=12"}, From: "dave",
		}},
	})
	m := decode(t, data)
	kept := strings.Clone(m.Sender.Name)
	for i := range data {
		data[i] = '*'
	}
	for want, got := range map[string]string{
		alice.Name: m.Sender.Name, "bob": m.Target, "hello": string(m.Payload), "carol": m.Updates[0].Name,
		"10.0.0.1:7946": m.Updates[0].Addr, "rack=12": m.Updates[0].Meta, "dave": m.Updates[0].From,
	} {
		if got != strings.Repeat("*", len(want)) {
			t.Errorf("%q reads %q after the packet was overwritten, want stars: it is not a view", want, got)
		}
	}
	if kept != alice.Name {
		t.Errorf("the clone reads %q, want %q", kept, alice.Name)
	}
}

// TestDecodePayloadIsCapped appends to a payload: what follows it in the packet
// must stay.
func TestDecodePayloadIsCapped(t *testing.T) {
	data := encode(t, &wire.Message{Payload: []byte("hello")})
	before := bytes.Clone(data)
	m := decode(t, data)
	if _ = append(m.Payload, '!'); !bytes.Equal(data, before) {
		t.Errorf("appending to the payload wrote into the packet: %q", data)
	}
	if len(m.Payload) != cap(m.Payload) {
		t.Errorf("payload of %d bytes with room for %d", len(m.Payload), cap(m.Payload))
	}
}

// TestDecodeChangesNoData decodes from memory that may be shared.
func TestDecodeChangesNoData(t *testing.T) {
	for name, data := range vectors(t) {
		before := bytes.Clone(data)
		if decode(t, data); !bytes.Equal(data, before) {
			t.Errorf("%s: data changed", name)
		}
	}
}

// TestDecodeResets decodes all samples in all orders of two into one message.
func TestDecodeResets(t *testing.T) {
	for _, first := range samples() {
		for _, second := range samples() {
			m := first.msg
			m.Updates, m.Broadcasts = slices.Clone(m.Updates), slices.Clone(m.Broadcasts)
			if err := (codec.Msgpack{}).Decode(&m, encode(t, &second.msg)); err != nil {
				t.Fatal(err)
			}
			for i, u := range m.Updates[len(m.Updates):cap(m.Updates)] {
				if u != (wire.Update{}) {
					t.Errorf("%s after %s: claim %d left in the room: %+v", second.name, first.name, i, u)
				}
			}
			for i, b := range m.Broadcasts[len(m.Broadcasts):cap(m.Broadcasts)] {
				if !reflect.ValueOf(b).IsZero() {
					t.Errorf("%s after %s: broadcast %d left in the room: %+v", second.name, first.name, i, b)
				}
			}
			if len(m.Updates) == 0 {
				m.Updates = nil
			}
			if len(m.Broadcasts) == 0 {
				m.Broadcasts = nil
			}
			if !reflect.DeepEqual(m, second.msg) {
				t.Errorf("%s after %s decodes as\n%+v\nwant\n%+v", second.name, first.name, m, second.msg)
			}
			err := codec.Msgpack{}.Decode(&m, []byte{0x91})
			checkRefused(t, &m, err, []byte{0x91})
		}
	}
}

// TestDecodeIntoDirtyRoom decodes a claim without accuser and age to where
// another with both still is, since the caller cut Updates without clearing it.
func TestDecodeIntoDirtyRoom(t *testing.T) {
	m := wire.Message{Updates: []wire.Update{{Member: wire.Member{Name: "x", Meta: "x"}, From: "x", Age: 1}}[:0]}
	data := []byte(fixarray(append(head[:7:7], fixarray(fixarray(bob[:6]...)))...))
	want := wire.Update{Member: wire.Member{Name: "bob", Addr: "b:1", Epoch: 5, Incarnation: 6, State: wire.Alive}}
	if err := (codec.Msgpack{}).Decode(&m, data); err != nil || m.Updates[0] != want {
		t.Errorf("decodes as %+v (%v), want %+v", m.Updates, err, want)
	}
}

// TestDecodeReusesRoom wants the caller's own memory back.
func TestDecodeReusesRoom(t *testing.T) {
	m := wire.Message{Updates: make([]wire.Update, 0, 8)}
	first := &m.Updates[:1][0]
	data := encode(t, &wire.Message{Kind: wire.Gossip, Updates: claims(8)})
	if err := (codec.Msgpack{}).Decode(&m, data); err != nil || &m.Updates[0] != first {
		t.Errorf("claims are not in the room that was given (%v)", err)
	}
}

// TestAppendKeepsNothing changes each side after Append and looks at the other.
func TestAppendKeepsNothing(t *testing.T) {
	message := func() wire.Message {
		return wire.Message{Kind: wire.User, Sender: alice, Updates: claims(2), Payload: []byte("hello")}
	}
	m, want := message(), encode(t, &wire.Message{Kind: wire.User, Sender: alice, Updates: claims(2), Payload: []byte("hello")})
	b, err := codec.Msgpack{}.Append([]byte("before"), &m)
	if err != nil || string(b) != "before"+string(want) {
		t.Fatalf("appended %q (%v), want %q", b, err, want)
	}
	if !reflect.DeepEqual(m, message()) {
		t.Errorf("message changed: %+v", m)
	}
	copy(m.Payload, "*****")
	clear(m.Updates)
	if string(b[len("before"):]) != string(want) {
		t.Errorf("encoding changed with the message: %q", b)
	}
	m = message()
	clear(b)
	if !reflect.DeepEqual(m, message()) {
		t.Errorf("message changed with the encoding: %+v", m)
	}
}

// TestManyGoroutines shares one codec, one message to encode and one packet.
func TestManyGoroutines(t *testing.T) {
	var (
		c    codec.Msgpack
		wg   sync.WaitGroup
		m    = wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(8)}
		data = encode(t, &m)
	)
	for range 8 {
		wg.Go(func() {
			var own wire.Message
			for range 200 {
				if err := c.Decode(&own, data); err != nil || !reflect.DeepEqual(own, m) {
					t.Errorf("decodes as %+v (%v)", own, err)
				}
				if b, err := c.Append(nil, &m); err != nil || !bytes.Equal(b, data) {
					t.Errorf("encodes as %x (%v)", b, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestEveryField gives every field of a message and of a claim, whatever wire
// may add to them, a value of its own: a field that is not encoded gets lost.
func TestEveryField(t *testing.T) {
	m := wire.Message{
		Updates: make([]wire.Update, 2), Payload: make([]byte, 3),
		Broadcasts: []wire.Broadcast{{Payload: make([]byte, 2)}, {Payload: make([]byte, 1)}},
	}
	n := uint64(0)
	fill(reflect.ValueOf(&m).Elem(), &n)
	if m.Updates[1].Age == 0 || n < 40 {
		t.Fatalf("only %d values filled in: %+v", n, m)
	}
	if got := decode(t, encode(t, &m)); !reflect.DeepEqual(got, m) {
		t.Errorf("decodes as\n%+v\nwant\n%+v", got, m)
	}
	rng := rand.New(rand.NewPCG(*seed, 3))
	for range 500 {
		m := random(rng)
		if got := decode(t, encode(t, &m)); !reflect.DeepEqual(got, m) {
			t.Fatalf("seed %d: decodes as\n%+v\nwant\n%+v", *seed, got, m)
		}
	}
}

// fill sets all that v holds to n, n+1 and so on.
func fill(v reflect.Value, n *uint64) {
	switch *n++; v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(strings.Repeat("s", int(*n)))
	default:
		v.SetUint(*n) // panics for a type that is new to the messages
	}
}
