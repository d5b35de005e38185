package codec

import (
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// What is worth compressing, and how. Receivers do not care: these may change.
const (
	// minPackedBytes is the shortest encoding that is compressed. A ping has less
	// and hardly anything in it twice.
	minPackedBytes = 256
	// zstdBytes is from where on zstd is used. Below, s2 takes a tenth of its time,
	// and packets are many; from here on zstd leaves a quarter of a sync where s2
	// leaves two fifths, for 13 µs more: less than those bytes take on a network
	// slower than half a Gbit/s.
	zstdBytes = 4 << 10
	// savedShare is the part of an encoding that compression must save, one in so
	// many: less is not worth unpacking it.
	savedShare = 10
	// windowBytes is how far back zstd looks for what it has seen. Row after row of
	// a table looks alike, so a larger window found no more and took more memory.
	windowBytes = 256 << 10
	// keptScratchBytes bounds what each scratch keeps: that of the rare large sync
	// is left to the collector.
	keptScratchBytes = 256 << 10
)

// pack replaces what b holds from start on by its compressed form, if that pays.
func (t *tools) pack(b []byte, start int) []byte {
	s := scratches.Get().(*scratch)
	defer s.release()
	plain := b[start:]
	f := formZstd
	if len(plain) < zstdBytes || !s.zstd(&t.encoders, plain) {
		f = formS2
		if !s.s2(plain) {
			return b
		}
	}
	return append(append(b[:start], marker, byte(f)), s.buf...)
}

// pays reports whether n bytes are worth sending as packed bytes: whether that
// saves enough, and a receiver will believe it.
func pays(n, packed int) bool {
	packed += headBytes
	return savedShare*(n-packed) >= n && n <= MaxRatio*packed
}

// scratch is where a message is compressed to.
type scratch struct{ buf []byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) release() {
	if cap(s.buf) <= keptScratchBytes {
		scratches.Put(s)
	}
}

func (s *scratch) s2(plain []byte) bool {
	s.buf = slices.Grow(s.buf[:0], s2.MaxEncodedLen(len(plain)))
	s.buf = s2.Encode(s.buf[:cap(s.buf)], plain)
	return pays(len(plain), len(s.buf))
}

// zstd returns false also for what it makes too short to be believed: s2, which
// cannot make it as short, may then still do.
func (s *scratch) zstd(encoders *sync.Pool, plain []byte) bool {
	e := encoders.Get().(*zstd.Encoder)
	defer encoders.Put(e)
	s.buf = slices.Grow(s.buf[:0], len(plain)/3)
	s.buf = e.EncodeAll(plain, s.buf)
	return pays(len(plain), len(s.buf))
}

func newEncoder() any {
	e, err := zstd.NewWriter(
		nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(windowBytes),
		zstd.WithEncoderCRC(false),
	)
	if err != nil {
		panic(err) // none of the options depends on anything
	}
	return e
}
