package swimtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

func selectorPicks(t testing.TB, newSelector func() swim.MemberSelector) {
	s, rng := newSelector(), seeded(7)
	populate(s, 20, rng)
	for _, purpose := range purposes {
		chosen := 0
		for except := range wire.Ref(20) {
			chosen += len(s.Pick(nil, 3, purpose, except, rng))
		}
		if chosen == 0 {
			t.Errorf("Pick for %v chose nobody among 20 members in 20 tries", purpose)
		}
	}
}

// wantPicked fails t if a member is picked that may not be. what says what it is.
func wantPicked(t testing.TB, s swim.MemberSelector, rng *rand.Rand, what string, may func(wire.Ref) bool) {
	t.Helper()
	for _, purpose := range purposes {
		for range 20 {
			for _, ref := range s.Pick(nil, 12, purpose, wire.Self, rng) {
				if !may(ref) {
					t.Fatalf("Pick for %v chose %d, %s", purpose, ref, what)
				}
			}
		}
	}
}

// pick is one call of Pick, and what it made of dst.
type pick struct {
	dst     []wire.Ref
	n       int
	purpose wire.Purpose
	except  wire.Ref
	got     []wire.Ref
}

func (p pick) String() string {
	return fmt.Sprintf("Pick of %d for %v, except %d,", p.n, p.purpose, p.except)
}

// chosen are those that were appended.
func (p pick) chosen() []wire.Ref { return p.got[min(len(p.dst), len(p.got)):] }

// eachPick picks in all ways among few members and many, with a dst that holds members,
// with room to spare and without.
func eachPick(s swim.MemberSelector, look func(pick)) {
	rng := seeded(8)
	for size := wire.Ref(0); size <= 20; size++ {
		if size > 0 {
			s.Add(size, memberOf(size, 0), rng)
		}
		for _, purpose := range purposes {
			for n := range 6 {
				for _, except := range []wire.Ref{wire.Self, 1, size} {
					for _, room := range []int{0, 32} {
						dst := append(make([]wire.Ref, 0, 2+room), 1, 2)
						got := s.Pick(dst, n, purpose, except, rng)
						look(pick{[]wire.Ref{1, 2}, n, purpose, except, got})
					}
				}
			}
		}
	}
}
