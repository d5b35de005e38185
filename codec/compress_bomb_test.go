package codec_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// packS2 compresses whatever it is given, worth it or not, and so does packZstd.
func packS2(plain []byte) []byte { return append([]byte{marked, 1}, s2.Encode(nil, plain)...) }

func packZstd(t testing.TB, plain []byte, options ...zstd.EOption) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil, append([]zstd.EOption{zstd.WithEncoderConcurrency(1), zstd.WithSingleSegment(true)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{marked, 2}, e.EncodeAll(plain, nil)...)
}

// magic begins every zstd frame.
const magic = "\x28\xb5\x2f\xfd"

// Frame headers up to the first block. The byte behind the magic number says
// what follows it.
func oneSegment(contentBytes uint32) string {
	return magic + string(binary.LittleEndian.AppendUint32([]byte{0xa0}, contentBytes))
}

func windowed(window byte, contentBytes uint64) string {
	return magic + string(binary.LittleEndian.AppendUint64([]byte{0xc0, window}, contentBytes))
}

// The kinds of blocks that are not compressed.
const (
	rawBlock, runBlock = 0, 1
	lastBlock          = true
)

func block(kind, n int, last bool, body string) string {
	head := uint32(n)<<3 | uint32(kind)<<1
	if last {
		head |= 1
	}
	return string(binary.LittleEndian.AppendUint32(nil, head)[:3]) + body
}

// run is a block of n zeros, raw one of text.
func run(n int, last bool) string       { return block(runBlock, n, last, "\x00") }
func raw(text string, last bool) string { return block(rawBlock, len(text), last, text) }

// A bomb is what a compressed message must not be. One that is early is refused
// before anything is allocated for what it claims.
type bomb struct {
	name, data string
	want       error
	offset     int
	early      bool
}

func bombs(t testing.TB) []bomb {
	packed := string(compress(t, &wire.Message{Kind: wire.Gossip, Sender: alice, Updates: claims(8)}))
	return append(s2Bombs(packed), zstdBombs(t, packed)...)
}

func s2Bombs(packed string) []bomb {
	const head = "\xc1\x01"
	return []bomb{
		{"nothing", "", codec.ErrTruncated, 0, true},
		{"marker alone", "\xc1", codec.ErrTruncated, 1, true},
		{"form 0", "\xc1\x00" + packed[2:], codec.ErrMalformed, 1, true},
		{"form 3", "\xc1\x03" + packed[2:], codec.ErrMalformed, 1, true},
		{"form 255", "\xc1\xff" + packed[2:], codec.ErrMalformed, 1, true},

		{"s2 without length", head, codec.ErrTruncated, 2, true},
		{"s2 of nothing", head + "\x00", codec.ErrMalformed, 2, true},
		{"s2 length cut", head + "\xff\xff", codec.ErrMalformed, 2, true},
		{"s2 length of 2^31-1", head + "\xff\xff\xff\xff\x07" + packed[4:], codec.ErrTooLarge, 2, true},
		{"s2 length of 2^63", head + "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01" + packed[4:], codec.ErrMalformed, 2, true},
		{"s2 length one above the ratio", head + "\x81\x06" + strings.Repeat("a", 8), codec.ErrTooLarge, 2, true}, // 769 = 64*12+1
		{"s2 length at the ratio", head + "\x80\x06" + strings.Repeat("a", 8), codec.ErrMalformed, 2, false},
		{"s2 that is a bomb", string(packS2(make([]byte, 1<<24))), codec.ErrTooLarge, 2, true},
		{"s2 shorter than it claims", head + "\xff\x03" + packed[4:], codec.ErrMalformed, 2, false},
		{"s2 compressed twice", string(packS2([]byte(packed))), codec.ErrMalformed, 2, false},
	}
}

func zstdBombs(t testing.TB, packed string) []bomb {
	const head = "\xc1\x02"
	ping := string(encode(t, &samples()[0].msg))
	sized := uint32(len(ping))
	frame := head + oneSegment(sized) + raw(ping, lastBlock)
	endless := strings.Repeat(run(1<<17, false), 1000) // of 128 KiB each, the most there is
	end := run(1, lastBlock)
	const skipped = "\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
	return []bomb{
		{"zstd of nothing", head + oneSegment(0) + raw("", lastBlock), codec.ErrMalformed, 2, true},
		{"zstd without header", head, codec.ErrTruncated, 2, true},
		{"zstd magic alone", head + magic, codec.ErrTruncated, 6, true},
		{"zstd without magic", head + "garbage garbage garbage", codec.ErrMalformed, 2, true},
		{"zstd reserved bit", head + magic + "\x28" + string(byte(sized)) + raw(ping, lastBlock), codec.ErrMalformed, 2, true},
		{"zstd content of 2^64-1", head + windowed(0, 1<<64-1) + endless + end, codec.ErrTooLarge, 2, true},
		{"zstd content of 2^63", head + windowed(0, 1<<63) + endless + end, codec.ErrTooLarge, 2, true},
		{"zstd content of 4 GiB", head + oneSegment(1<<32-1) + endless + end, codec.ErrTooLarge, 2, true},
		{"zstd content above MaxDecodedBytes", head + windowed(0, 16<<20+1) + strings.Repeat(endless, 75) + end, codec.ErrTooLarge, 2, true},
		{"zstd content unknown, endless runs", head + magic + "\x00\x38" + endless + end, codec.ErrMalformed, 2, true},
		{"zstd window of 3.75 TB", head + windowed(0xff, uint64(sized)) + raw(ping, lastBlock), codec.ErrTooLarge, 2, true},
		{"zstd window larger than the content", head + windowed(1<<3, uint64(sized)) + raw(ping, lastBlock), codec.ErrTooLarge, 2, true},
		{"zstd window larger, and a run", head + windowed(7<<3, uint64(sized)) + run(1<<17, lastBlock), codec.ErrTooLarge, 2, true},
		{"zstd dictionary", head + magic + "\x21\x07" + string(byte(sized)) + raw(ping, lastBlock), codec.ErrMalformed, 2, true},
		{"zstd run longer than the content", head + oneSegment(500) + run(1<<17, lastBlock), codec.ErrMalformed, 2, false},
		{"zstd more than it claims", head + oneSegment(sized-1) + raw(ping, lastBlock), codec.ErrMalformed, 2, false},
		{"zstd less than it claims", head + oneSegment(sized+1) + raw(ping, lastBlock), codec.ErrMalformed, 2, false},
		{"zstd that is a bomb", string(packZstd(t, make([]byte, 1<<22))), codec.ErrTooLarge, 2, true},
		{"zstd never ends", head + oneSegment(sized) + endless, codec.ErrTruncated, 2 + 9 + 4000, true},
		{"zstd without blocks", head + oneSegment(sized), codec.ErrTruncated, 2 + 9, true},
		{"zstd block of a reserved type", head + oneSegment(sized) + "\x07\x00\x00", codec.ErrMalformed, 2, false},
		{"zstd checksum missing", head + magic + "\x24" + string(byte(sized)) + raw(ping, lastBlock), codec.ErrTruncated, 2 + 6 + 3 + len(ping), true},
		{"zstd checksum wrong", head + magic + "\x24" + string(byte(sized)) + raw(ping, lastBlock) + "abcd", codec.ErrMalformed, 2, false},
		{"zstd a byte after it", frame + "\x00", codec.ErrTrailing, len(frame), true},
		{"zstd twice", frame + frame[2:], codec.ErrTrailing, len(frame), true},
		{"zstd and a frame to skip", frame + skipped, codec.ErrTrailing, len(frame), true},
		{"zstd after a frame to skip", head + skipped + frame[2:], codec.ErrMalformed, 2, true},
		{"zstd compressed twice", string(packZstd(t, []byte(packed))), codec.ErrMalformed, 2, false},
		{"zstd of s2", string(packZstd(t, packS2([]byte(ping)))), codec.ErrMalformed, 2, false},
	}
}
