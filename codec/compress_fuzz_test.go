package codec_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// FuzzCompressedDecode holds any bytes whatever to what Decode promises: an
// error, or a message within the limits that comes out the same when it goes
// round, compressed and plain.
func FuzzCompressedDecode(f *testing.F) {
	for _, data := range compressedVectors(f) {
		f.Add(data)
	}
	for _, data := range forged(f) {
		f.Add(data)
	}
	for _, b := range bombs(f) {
		if len(b.data) < 4<<10 {
			f.Add([]byte(b.data))
		}
	}
	// Small enough for the fuzzer to reach, large enough for all forms.
	const limit = 64 << 10
	limited := codec.Compressed{MaxDecodedBytes: limit}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m wire.Message
		err := limited.Decode(&m, data)
		if most := max(1536, min(limit, codec.MaxRatio*len(data))); cap(m.Room) > most || len(m.Room) != 0 {
			t.Errorf("room of %d and length %d for %d bytes, want at most %d", cap(m.Room), len(m.Room), len(data), most)
		}
		if err != nil {
			checkReset(t, &m)
			return
		}
		if got := decode(t, unpacked(t, data)); !reflect.DeepEqual(got, bare(m)) {
			t.Errorf("%+v\nunpacks to\n%+v", m, got)
		}
		if got := read(t, reading, compress(t, &m)); !reflect.DeepEqual(got, bare(m)) {
			t.Errorf("%+v\ncame round as\n%+v", m, got)
		}
	})
}

// FuzzCompressedRoundTrip makes messages instead of bytes, and damages what was
// made of them.
func FuzzCompressedRoundTrip(f *testing.F) {
	f.Add(uint16(8), "rack=12", []byte("payload"), uint8(1), uint16(3), uint8(1))
	f.Add(uint16(100), "rack=12", []byte{}, uint8(0), uint16(0), uint8(0))
	f.Add(uint16(0), "", []byte("all work and no play "), uint8(60), uint16(9), uint8(0x80))
	f.Fuzz(func(t *testing.T, rows uint16, meta string, payload []byte, times uint8, at uint16, flip uint8) {
		m := wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(int(rows % 500))}
		for i := range m.Updates {
			m.Updates[i].Meta = meta
		}
		m = bare(m)
		if p := bytes.Repeat(payload, int(times)); len(p) > 0 {
			m.Payload = p
		}
		data := compress(t, &m)
		checkSent(t, &m, data)
		if got := read(t, reading, data); !reflect.DeepEqual(got, m) {
			t.Errorf("%+v\ncame round as\n%+v", m, got)
		}
		data[int(at)%len(data)] ^= flip
		var damaged wire.Message
		if reading.Decode(&damaged, data) == nil {
			encode(t, &damaged)
		} else {
			checkReset(t, &damaged)
		}
	})
}
