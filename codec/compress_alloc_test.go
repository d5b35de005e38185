//go:build !race

package codec_test

import (
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// The race detector makes pools forget, so this does not hold under it.
func TestCompressedNoAllocations(t *testing.T) {
	for _, s := range append(
		samples(),
		sample{name: "packet", msg: packetOf(1400)},
		sample{name: "page", msg: wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(100)}},
		sample{name: "large", msg: wire.Message{Kind: wire.Sync, Sender: alice, Updates: claims(1000)}},
	) {
		plain, data := encode(t, &s.msg), compress(t, &s.msg)
		dst := make([]byte, 0, len(plain)) // no byte more than the inner codec needs
		var decoded, decodedPlain wire.Message
		for what, f := range map[string]func() error{
			"Append":          func() (err error) { dst, err = compressing.Append(dst[:0], &s.msg); return err },
			"Decode":          func() error { return reading.Decode(&decoded, data) },
			"Decode of plain": func() error { return reading.Decode(&decodedPlain, plain) },
			"Size":            func() error { sizes += compressing.Size(&s.msg); return nil },
		} {
			n := testing.AllocsPerRun(100, func() {
				if err := f(); err != nil {
					t.Fatal(err)
				}
			})
			if n != 0 {
				t.Errorf("%s of %s, %d bytes, compressed %d: %v allocations, want 0", what, s.name, len(plain), len(data), n)
			}
		}
	}
}

// TestCompressedRoomGrowsOnce decodes packets that get longer one by one into a
// message that was never used.
func TestCompressedRoomGrowsOnce(t *testing.T) {
	var packets [][]byte
	for n := 450; n <= 1400; n += 50 {
		m := packetOf(n)
		packets = append(packets, compress(t, &m))
	}
	updates := make([]wire.Update, 0, 64)
	n := testing.AllocsPerRun(20, func() {
		m := wire.Message{Updates: updates}
		for _, data := range packets {
			if data[0] != marked {
				t.Fatal("plain: the test is about what is compressed")
			}
			if err := (codec.Compressed{}).Decode(&m, data); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n > 2 { // the message, and its room
		t.Errorf("%v allocations for %d packets, want 2", n, len(packets))
	}
}
