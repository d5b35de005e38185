package selector

import (
	"math/rand/v2"

	"github.com/swim-go/swim/wire"
)

// hand is how many members of each zone a Pick is going to name. Counting first
// and sampling each zone once makes the picks distinct with no search for
// repetitions, and no draw is ever rejected.
type hand []portion

// portion is what a Pick has to do with one zone.
type portion struct {
	left   int   // may still be taken
	take   int   // are taken
	weight int64 // of each that is left
}

// begin empties h, and returns how many members there are but except.
func (h *hand) begin(z *zones, except wire.Ref) (left int) {
	*h = (*h)[:0]
	for zone := range z.ends {
		*h = append(*h, portion{left: len(z.members(zone))})
	}
	left = len(z.refs)
	if zone := z.of(except); zone >= 0 {
		(*h)[zone].left--
		left--
	}
	return left
}

// take takes up to n members of a zone and returns how many.
func (h hand) take(zone, n int) int {
	if zone >= len(h) {
		return 0
	}
	p := &h[zone]
	n = min(n, p.left)
	p.left -= n
	p.take += n
	return n
}

// draw takes one member of any zone, each of those left by its weight.
func (h hand) draw(rng *rand.Rand) {
	total := int64(0)
	for i := range h {
		total += int64(h[i].left) * h[i].weight
	}
	if total == 0 {
		return
	}
	at := rng.Int64N(total)
	for i := range h {
		if at -= int64(h[i].left) * h[i].weight; at < 0 {
			h.take(i, 1)
			return
		}
	}
}
