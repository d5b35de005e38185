package codec_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// TestCompressedViewsLast checks that what was unpacked lasts as long as its
// message: the packet's buffer is used again, and other messages are decoded.
func TestCompressedViewsLast(t *testing.T) {
	for _, n := range []int{8, 100} { // s2 and zstd
		first := wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(n), Payload: []byte("first")}
		second := wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(n + 5)[5:], Payload: []byte("other")}
		buffer := compress(t, &first)
		var m, other wire.Message
		if err := reading.Decode(&m, buffer); err != nil {
			t.Fatal(err)
		}
		for i := range buffer {
			buffer[i] = 0xaa
		}
		for range 3 {
			if err := reading.Decode(&other, compress(t, &second)); err != nil {
				t.Fatal(err)
			}
		}
		if got := bare(m); !reflect.DeepEqual(got, first) {
			t.Fatalf("%d claims became\n%+v", n, got)
		}
		if cap(m.Payload) != len(m.Payload) {
			t.Errorf("a payload of %d bytes has room for %d: appending to it would write over others", len(m.Payload), cap(m.Payload))
		}
	}
}

// TestCompressedUsesRoomAgain decodes into one message what comes in any order,
// plain and compressed, large and small, whole and cut.
func TestCompressedUsesRoomAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(*seed, 6))
	var m wire.Message
	largest := 0
	for i := range 500 {
		want := likely(rng)
		data, err := codec.Compressed{Send: codec.Sending(1 + rng.IntN(2))}.Append(nil, &want)
		if err != nil {
			t.Fatal(err)
		}
		if data[0] == marked {
			largest = max(largest, len(encode(t, &want)), 1536)
		}
		if rng.IntN(4) == 0 {
			m.Reset()
		}
		if rng.IntN(4) == 0 {
			_ = reading.Decode(&m, data[:rng.IntN(len(data))])
		}
		room := cap(m.Room)
		if err := reading.Decode(&m, data); err != nil {
			t.Fatal(err)
		}
		if len(m.Room) != 0 || cap(m.Room) < room || cap(m.Room) > largest {
			t.Fatalf("message %d of seed %d: room of %d, length %d, then of %d; the largest so far took %d",
				i, *seed, room, len(m.Room), cap(m.Room), largest)
		}
		if got := bare(m); !reflect.DeepEqual(got, want) {
			t.Fatalf("message %d of seed %d: %+v\nwant %+v", i, *seed, got, want)
		}
	}
}

// A forgetful codec knows nothing of Room, as one that was written by a user.
type forgetful struct{ codec.Msgpack }

func (f forgetful) Decode(m *wire.Message, data []byte) error {
	*m = wire.Message{}
	return f.Msgpack.Decode(m, data)
}

func TestCompressedKeepsRoomForForgetfulCodecs(t *testing.T) {
	c := codec.Compressed{Codec: forgetful{}}
	m := wire.Message{Room: make([]byte, 0, 5000)}
	room := &m.Room[:1][0]
	table := wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(20)}
	for _, data := range [][]byte{compress(t, &table), encode(t, &table), nil, {marked, 9}, encode(t, &table)[:9], compress(t, &table)} {
		_ = c.Decode(&m, data)
		if cap(m.Room) != 5000 || len(m.Room) != 0 || &m.Room[:1][0] != room {
			t.Fatalf("after %.5x the room is of %d bytes and length %d", data, cap(m.Room), len(m.Room))
		}
	}
	if got := bare(m); !reflect.DeepEqual(got, table) {
		t.Errorf("came out as %+v", got)
	}
}

// TestCompressedKeepsRoomAfterGarbage: a flood of garbage takes one room and no
// more.
func TestCompressedKeepsRoomAfterGarbage(t *testing.T) {
	var m wire.Message
	garbage := append([]byte{marked, 1, 0x80, 0x10}, make([]byte, 40)...) // 2,048 bytes, it says
	if err := reading.Decode(&m, garbage); err == nil || cap(m.Room) != 2048 {
		t.Fatalf("error %v, and room of %d, want 2048", err, cap(m.Room))
	}
	room := &m.Room[:1][0]
	if err := reading.Decode(&m, garbage); err == nil || &m.Room[:1][0] != room {
		t.Errorf("error %v, and another room", err)
	}
}

func TestMessageResetKeepsRoom(t *testing.T) {
	m := wire.Message{Room: make([]byte, 3, 8)}
	if m.Reset(); len(m.Room) != 0 || cap(m.Room) != 8 {
		t.Errorf("room of %d bytes and length %d, want 8 and 0", cap(m.Room), len(m.Room))
	}
}

// TestMessageRoomIsNotSent checks that a codec which goes by reflection, as
// package json does, does not take Room for a part of the message.
func TestMessageRoomIsNotSent(t *testing.T) {
	m := samples()[0].msg
	want, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	m.Room = []byte("room")
	if got, err := json.Marshal(m); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s, want %s (%v)", got, want, err)
	}
}

// TestCompressedConcurrently uses one value from several goroutines, which check
// that none of them sees what another one unpacked.
func TestCompressedConcurrently(t *testing.T) {
	c := codec.Compressed{Send: codec.SendCompressed}
	var wg sync.WaitGroup
	for g := range uint64(4) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(*seed, g))
			var buffer []byte
			var m, last, want wire.Message
			for i := range 150 {
				sent := likely(rng)
				data, err := c.Append(buffer[:0], &sent)
				if err != nil {
					t.Error(err)
					return
				}
				m, last = last, m // the message before is kept meanwhile
				if err := c.Decode(&m, data); err != nil {
					t.Error(err)
					return
				}
				if got := bare(last); i > 0 && !reflect.DeepEqual(got, want) {
					t.Errorf("goroutine %d, message %d of seed %d changed: %+v\nwant %+v", g, i-1, *seed, got, want)
					return
				}
				want, buffer = sent, data
				if data[0] != marked {
					buffer = nil // views of the message are in there
				}
			}
		})
	}
	wg.Wait()
}
