package codec_test

import (
	"errors"
	"reflect"
	"testing"
	"unsafe"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// FuzzDecode holds any bytes whatever to what Decode promises: an error, or a
// message that comes out the same when it goes round.
func FuzzDecode(f *testing.F) {
	for _, data := range vectors(f) {
		f.Add(data)
		f.Add(data[:len(data)-1])
	}
	for _, v := range values {
		f.Add([]byte("\x9c\x05\x00\xa2al\x00\x00\xa0\x00\x90\xc4\x00\x00\x90" + v)) // a field more than ours
	}
	var c codec.Msgpack
	f.Fuzz(func(t *testing.T, data []byte) {
		var m wire.Message
		err := c.Decode(&m, data)
		if room := cap(m.Updates)*int(unsafe.Sizeof(wire.Update{})) + cap(m.Broadcasts)*int(unsafe.Sizeof(wire.Broadcast{})); room > 13*len(data)+handful {
			t.Errorf("room of %d bytes for a packet of %d", room, len(data))
		}
		if err != nil {
			checkRefused(t, &m, err, data)
			return
		}
		b := encode(t, &m)
		if got, want := c.Size(&m)-len(b), slack(&m); got != want {
			t.Errorf("Size exceeds the encoding by %d, want %d", got, want)
		}
		again := decode(t, b)
		if len(m.Updates) == 0 {
			m.Updates = nil
		}
		if len(m.Broadcasts) == 0 {
			m.Broadcasts = nil
		}
		if !reflect.DeepEqual(again, m) {
			t.Errorf("%+v\ncame round as\n%+v", m, again)
		}
		checkOracle(t, &m)
	})
}

// FuzzRoundTrip makes messages instead of bytes.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range samples() {
		m, u := s.msg, wire.Update{}
		if len(m.Updates) > 0 {
			u = m.Updates[len(m.Updates)-1]
		}
		f.Add(byte(m.Kind), m.Seq, m.Sender.Name, m.Sender.Epoch, m.Sender.Incarnation, m.Target, m.Cursor, m.Payload,
			uint16(len(m.Updates)), u.Name, u.Addr, u.Meta, u.Epoch, u.Incarnation, byte(u.State), u.From, u.Age)
	}
	f.Fuzz(func(t *testing.T,
		kind byte, seq uint32, sender string, senderEpoch uint64, senderIncarnation uint32,
		target string, cursor uint32, payload []byte,
		updates uint16, name, addr, meta string, epoch uint64, incarnation uint32, state byte, from string, age uint32,
	) {
		m := wire.Message{
			Kind: wire.Kind(kind), Seq: seq,
			Sender: wire.Sender{Name: sender, Epoch: senderEpoch, Incarnation: senderIncarnation},
			Target: target, Cursor: cursor,
		}
		if len(payload) > 0 {
			m.Payload = payload
		}
		for i := range uint64(updates % 300) {
			m.Updates = append(m.Updates, wire.Update{
				Member: wire.Member{
					Name: name, Addr: addr, Meta: meta, Epoch: epoch + i,
					Incarnation: incarnation + uint32(i), State: wire.State(state),
				},
				From: from, Age: age - uint32(i),
			})
		}
		checkOracle(t, &m)
		data := encode(t, &m)
		for _, cut := range []int{0, 1, len(data) / 2, len(data) - 1} {
			var got wire.Message
			if err := (codec.Msgpack{}).Decode(&got, data[:cut]); !errors.Is(err, codec.ErrTruncated) {
				t.Errorf("cut to %d of %d bytes: error %v, want ErrTruncated", cut, len(data), err)
			}
		}
	})
}
