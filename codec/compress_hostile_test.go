package codec_test

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// unpackHandful is what refusing may allocate besides: the least room, and what
// refusing a plain message may.
const unpackHandful = 1536 + handful

func TestCompressedBombs(t *testing.T) {
	for _, b := range bombs(t) {
		t.Run(b.name, func(t *testing.T) {
			data := []byte(b.data)
			var m wire.Message
			err := reading.Decode(&m, data)
			checkRefused(t, &m, err, data)
			if e, _ := errors.AsType[codec.DecodeError](err); e.Err != b.want || e.Offset != b.offset {
				t.Errorf("error %v, want %v at byte %d", err, b.want, b.offset)
			}
			limit := 64 // an error
			if !b.early {
				limit = codec.MaxRatio*len(data) + unpackHandful
			}
			n := allocated(func() {
				m = wire.Message{}
				_ = reading.Decode(&m, data)
			})
			if n > limit {
				t.Errorf("%d bytes refused at the cost of %d, want at most %d", len(data), n, limit)
			}
		})
	}
}

// TestCompressedBombsAreNoneWithoutTheirFault checks what the bombs are made
// from: each is accepted where its fault is left out.
func TestCompressedBombsAreNoneWithoutTheirFault(t *testing.T) {
	ping := string(encode(t, &samples()[0].msg))
	sized := uint32(len(ping))
	for name, frame := range map[string]string{
		"one segment": oneSegment(sized) + raw(ping, lastBlock),
		"window":      windowed(0, uint64(sized)) + raw(ping, lastBlock),
		"short":       magic + "\x20" + string(byte(sized)) + raw(ping, lastBlock),
		"empty block": oneSegment(sized) + raw("", false) + raw(ping, lastBlock),
	} {
		if m := read(t, reading, []byte("\xc1\x02"+frame)); m.Target != "bob" {
			t.Errorf("%s: %+v", name, m)
		}
	}
	zeros := wire.Message{Kind: wire.User, Sender: alice, Payload: make([]byte, 1200)}
	plain := string(encode(t, &zeros))
	text := strings.TrimRight(plain, "\x00")
	frame := oneSegment(uint32(len(plain))) + raw(text, false) + run(len(plain)-len(text), lastBlock)
	if m := read(t, reading, []byte("\xc1\x02"+frame)); !bytes.Equal(m.Payload, zeros.Payload) {
		t.Errorf("%+v", m)
	}
}

// TestCompressedCold refuses the bombs when there is no decoder yet: making one
// costs so much and not more, whatever the frame is.
func TestCompressedCold(t *testing.T) {
	const decoderBytes = 64 << 10
	for _, b := range bombs(t) {
		data := []byte(b.data)
		n := allocated(func() {
			runtime.GC()
			runtime.GC() // the second empties the pools
			_ = reading.Decode(new(wire.Message), data)
		})
		if limit := codec.MaxRatio*len(data) + unpackHandful + decoderBytes; n > limit {
			t.Errorf("%s: %d bytes refused at the cost of %d, want at most %d", b.name, len(data), n, limit)
		}
	}
}

// TestCompressedSmallest unpacks, almost at the highest ratio there is, the
// claims that take the most memory for their length.
func TestCompressedSmallest(t *testing.T) {
	m := wire.Message{Kind: wire.Sync, Sender: alice, Updates: make([]wire.Update, 110_000)}
	noise := make([]byte, len(encode(t, &m))/(codec.MaxRatio-8)) // hardly anything else will be left
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	m.Payload = noise
	plain := encode(t, &m)
	data := packZstd(t, plain)
	if ratio := len(plain) / len(data); ratio < codec.MaxRatio*3/4 || ratio >= codec.MaxRatio {
		t.Fatalf("ratio %d: the test is about one just below %d", ratio, codec.MaxRatio)
	}
	const decoderBytes = 320 << 10 // if there is none yet
	limit := allocated(func() { decode(t, plain) }) + len(plain) + unpackHandful + decoderBytes
	n := allocated(func() { read(t, reading, data) })
	t.Logf("%d bytes unpack to %d and take %d of memory", len(data), len(plain), n)
	if n > limit {
		t.Errorf("%d bytes decoded at the cost of %d, want at most %d", len(data), n, limit)
	}
}

// forged are compressed messages of all forms, short enough to be damaged in
// every way.
func forged(t testing.TB) map[string][]byte {
	t.Helper()
	m := wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(8)}
	n := wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(40)}
	return map[string][]byte{
		"s2":            compress(t, &m),
		"zstd":          packZstd(t, encode(t, &n), zstd.WithEncoderCRC(false)),
		"zstd, checked": packZstd(t, encode(t, &m)),
		"zstd, runs":    []byte("\xc1\x02" + oneSegment(6) + raw("\x95\x05\x00\xa0", false) + run(2, lastBlock)),
	}
}

func TestCompressedTruncated(t *testing.T) {
	for name, data := range forged(t) {
		read(t, reading, data)
		for n := range data {
			var m wire.Message
			err := reading.Decode(&m, data[:n])
			if checkRefused(t, &m, err, data[:n]); t.Failed() {
				t.Fatalf("%s cut to %d of %d bytes: %v", name, n, len(data), err)
			}
		}
	}
}

// TestCompressedFlipped flips every bit: what is still accepted is within its
// limits and can be encoded.
func TestCompressedFlipped(t *testing.T) {
	for name, data := range forged(t) {
		accepted := 0
		n := allocated(func() {
			accepted = 0
			for bit := range 8 * len(data) {
				flipped := slices.Clone(data)
				flipped[bit/8] ^= 1 << (bit % 8)
				var m wire.Message
				if reading.Decode(&m, flipped) == nil {
					accepted++
					encode(t, &m)
				} else {
					checkReset(t, &m)
				}
				if limit := max(1536, codec.MaxRatio*len(data)); cap(m.Room) > limit || t.Failed() {
					t.Fatalf("%s, bit %d: room of %d, want at most %d", name, bit, cap(m.Room), limit)
				}
			}
		})
		if limit := 8 * len(data) * (codec.MaxRatio*len(data) + unpackHandful); n > limit {
			t.Errorf("%s: %d flips cost %d bytes, want at most %d", name, 8*len(data), n, limit)
		}
		t.Logf("%s: %d of %d flips still decode", name, accepted, 8*len(data))
	}
}

// TestCompressedSuffixes appends one byte and two of all values.
func TestCompressedSuffixes(t *testing.T) {
	for name, data := range forged(t) {
		for suffix := range 1 << 16 {
			var m wire.Message
			long := append(slices.Clone(data), byte(suffix), byte(suffix>>8))
			if reading.Decode(&m, long) == nil || suffix < 256 && reading.Decode(&m, long[:len(data)+1]) == nil {
				t.Fatalf("%s: accepted with %#x after it", name, suffix)
			}
		}
	}
}
