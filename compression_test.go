package swim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
)

// tableBytes is how many bytes a node sends over streams to one that joins a
// cluster of 60 through it, whose table of some 7 KB compresses well.
func tableBytes(t *testing.T, n network, configure, joiner func(*swim.Config)) uint64 {
	t.Helper()
	seed := n.start("seed", configure)
	for i := range 60 {
		n.join(n.start(fmt.Sprintf("node-%02d", i), configure), "seed")
	}
	n.waitLive(seed, 61)
	before := seed.Stats().FrameBytesOut
	late := n.start("late", joiner)
	n.join(late, "seed")
	if got := len(late.Members()); got != 62 {
		t.Fatalf("the one that joined knows %d members, want 62", got)
	}
	return seed.Stats().FrameBytesOut - before
}

func compressing(c swim.Compression) func(*swim.Config) {
	return func(cfg *swim.Config) {
		cfg.Compression, cfg.Meta = c, []byte(strings.Repeat("zone=a;rack=7;", 6))
	}
}

// Whatever a node sends, all others read it. The bubbles share the compressors'
// pools, too: what was made in one works in the next.
func TestCompressionMixes(t *testing.T) {
	sent := make(map[swim.Compression]uint64)
	all := []swim.Compression{0, swim.CompressStreams, swim.CompressAll, swim.CompressNothing}
	for i, c := range all {
		bubble(t, func(t *testing.T, n network) {
			sent[c] = tableBytes(t, n, compressing(c), compressing(all[(i+1)%len(all)]))
		})
	}
	t.Logf("a table of 61: %v", sent)
	if plain := sent[swim.CompressNothing]; plain < 4<<10 || sent[swim.CompressStreams] > plain/2 || sent[swim.CompressAll] > plain/2 || sent[0] > plain/2 {
		t.Errorf("sent %v bytes by Compression; want the same by default as with CompressStreams, half of CompressNothing's at most", sent)
	}
}

// A Compressed of the user's own is taken as it is.
func TestCompressedOfYourOwn(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		own := func(c *swim.Config) { c.Codec = codec.Compressed{Send: codec.SendPlain} }
		plain := tableBytes(t, n, own, own)
		if plain < 2<<10 {
			t.Errorf("sent %d bytes; a Compressed was put around one that sends plain", plain)
		}
	})
}

func TestCompressionsHaveNames(t *testing.T) {
	for c, want := range map[swim.Compression]string{
		swim.CompressStreams: "streams", swim.CompressAll: "all", swim.CompressNothing: "nothing", 0: "Compression(0)",
	} {
		if got := c.String(); got != want {
			t.Errorf("%d is %q, want %q", c, got, want)
		}
	}
}
