package ring

import (
	"iter"
	"math"

	"github.com/swim-go/swim"
)

// Range is a part of the ring: the keys whose [Hash] is at least First and at
// most Last. None reaches over the end of the ring: one that would is two.
type Range struct{ First, Last uint64 }

// Contains reports whether a hash lies in r.
func (r Range) Contains(hash uint64) bool { return r.First <= hash && hash <= r.Last }

// Fraction is how large a part of the ring r is.
func (r Range) Fraction() float64 { return (float64(r.Last-r.First) + 1) / (1 << 64) }

// Move is a range of keys that one member owned and another does now.
type Move struct {
	Range
	// From is the owner before, as it was believed to be then, and To the owner
	// after. The Name is empty where there was, or is, none.
	From, To swim.Member
}

// Diff iterates over the ranges that have another owner after than before, in
// order. No two that touch have both members in common, and a range whose owner
// only restarted, moved to another address or is suspected now is not among
// them. A join moves ranges to the joiner alone, and a departure those of the
// departed alone.
func Diff(before, after *Snapshot) iter.Seq[Move] {
	return func(yield func(Move) bool) {
		if before.same(&after.circle) {
			return // and so the same places are of the same names
		}
		pending, waiting := Move{}, false
		for r, owners := range arcs(before, after) {
			from, to := before.owner(owners[0]), after.owner(owners[1])
			if from.Name == to.Name {
				continue
			}
			if waiting && pending.Last == r.First-1 && pending.From.Name == from.Name && pending.To.Name == to.Name {
				pending.Last = r.Last
				continue
			}
			if waiting && !yield(pending) {
				return
			}
			pending, waiting = Move{r, from, to}, true
		}
		if waiting {
			yield(pending)
		}
	}
}

// Ranges iterates over the whole ring in order, each range with its owner. No
// two that touch have the same one.
func (s *Snapshot) Ranges() iter.Seq2[Range, swim.Member] {
	return func(yield func(Range, swim.Member) bool) {
		for m := range Diff(new(Snapshot), s) {
			if !yield(m.Range, m.To) {
				return
			}
		}
	}
}

// Share is the part of all keys that the member of a name owns, from 0 to 1.
func (s *Snapshot) Share(name string) float64 {
	share := 0.0
	for r, owner := range s.Ranges() {
		if owner.Name == name {
			share += r.Fraction()
		}
	}
	return share
}

// arcs iterates over the ring cut at the points of both snapshots, with the
// owners that each arc has in them.
func arcs(before, after *Snapshot) iter.Seq2[Range, [2]uint32] {
	return func(yield func(Range, [2]uint32) bool) {
		b, a := walk{circle: &before.circle}, walk{circle: &after.circle}
		for first := uint64(0); ; {
			lastBefore, from := b.at(first)
			lastAfter, to := a.at(first)
			last := min(lastBefore, lastAfter)
			if !yield(Range{first, last}, [2]uint32{from, to}) || last == math.MaxUint64 {
				return
			}
			first = last + 1
		}
	}
}

// owner returns a member by its place, and the zero Member for nobody.
func (s *Snapshot) owner(place uint32) swim.Member {
	if place == nobody {
		return swim.Member{}
	}
	return s.members[place]
}
