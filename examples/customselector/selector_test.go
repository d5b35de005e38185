package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swim-go/swim/wire"
)

const seed = 7

// zones returns a selector of zone a that knows refs 1 to a as of its zone, and
// so many more of zone b.
func zones(a, b int) (*zoned, *rand.Rand) {
	rng := rand.New(rand.NewPCG(seed, 0))
	z := newZoned("a")
	for i := range a + b {
		zone := "a"
		if i >= a {
			zone = "b"
		}
		z.Add(wire.Ref(i+1), wire.Member{Meta: "zone=" + zone}, rng)
	}
	return z, rng
}

func TestPicksAreDistinctAndNotExcepted(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {1, 0}, {0, 1}, {3, 0}, {0, 3}, {2, 5}, {5, 2}} {
		z, rng := zones(size[0], size[1])
		members := size[0] + size[1]
		for n := range 9 {
			for purpose := wire.ForRelay; purpose <= wire.ForSync; purpose++ {
				for except := range wire.Ref(members + 1) {
					had := []wire.Ref{100}
					got := z.Pick(slices.Clone(had), n, purpose, except, rng)
					what := fmt.Sprintf("seed %d: %d of %v for %v but %d: %v", seed, n, size, purpose, except, got)
					others := members
					if except != wire.Self {
						others--
					}
					if got[0] != had[0] || len(got) != 1+min(n, others) {
						t.Fatal(what)
					}
					slices.Sort(got)
					if len(slices.Compact(slices.Clone(got))) != len(got) || except != wire.Self && slices.Contains(got, except) {
						t.Fatal(what)
					}
				}
			}
		}
	}
}

func TestGossipPrefersTheZoneAndReachesEverybody(t *testing.T) {
	z, rng := zones(10, 10)
	seen := make(map[wire.Ref]int)
	for range 1000 {
		picks := z.Pick(nil, 3, wire.ForGossip, wire.Self, rng)
		inside := 0
		for _, ref := range picks {
			seen[ref]++
			if ref <= 10 {
				inside++
			}
		}
		if inside < 2 {
			t.Fatalf("seed %d: %v has %d of the own zone, want at least 2", seed, picks, inside)
		}
	}
	// Everybody has at least the chance of the one that knows no zones, which is
	// one in 20: about 50 of 1000.
	for ref := range wire.Ref(20) {
		if seen[ref+1] < 20 {
			t.Errorf("seed %d: %d was chosen %d times of 1000", seed, ref+1, seen[ref+1])
		}
	}
}

// A member that moves is chosen by its new zone, and one that is gone never.
func TestZonesFollowTheMembers(t *testing.T) {
	z, rng := zones(1, 9)
	z.Add(10, wire.Member{Meta: "version=2 zone=a"}, rng)
	z.Remove(1)
	moved := 0
	for range 100 {
		picks := z.Pick(nil, 2, wire.ForGossip, wire.Self, rng)
		if slices.Contains(picks, 1) {
			t.Fatalf("seed %d: %v holds who was removed", seed, picks)
		}
		if slices.Contains(picks, 10) {
			moved++
		}
	}
	if moved != 100 {
		t.Errorf("seed %d: the only one of the zone was chosen %d times of 100", seed, moved)
	}
}
