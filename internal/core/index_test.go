package core

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/swim-go/swim/wire"
)

// The index is compared with a map over random additions and removals, from a
// few names so that chains of neighbours form and break.
func TestIndexFindsWhatAMapFinds(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 0))
		tab := table{names: index{secret: rng.Uint64()}}
		tab.add(&Identity{Name: "self"})
		want := map[string]wire.Ref{}
		for range 600 {
			name := fmt.Sprint("n", rng.IntN(60))
			if ref, ok := want[name]; ok && rng.IntN(2) == 0 {
				tab.remove(ref)
				delete(want, name)
			} else if !ok {
				want[name] = tab.add(&Identity{Name: name})
			}
			for i := range 60 {
				name := fmt.Sprint("n", i)
				got, ok := tab.find(name)
				if ref, known := want[name]; ok != known || got != ref {
					t.Fatalf("seed %d: find(%s) = %d, %v, want %d, %v", seed, name, got, ok, ref, known)
				}
			}
		}
		if tab.names.used != len(want) {
			t.Fatalf("seed %d: %d entries for %d members", seed, tab.names.used, len(want))
		}
	}
}

// Ten thousand nodes of ten thousand rows each fit a simulation only if a row
// takes little.
func TestRowsAreCompact(t *testing.T) {
	tab := table{}
	for i := range 10_000 {
		tab.add(&Identity{Name: fmt.Sprint("node", i)})
	}
	if perRow := len(tab.names.slots) * 4 / 10_000; perRow > 12 {
		t.Errorf("the index takes %d bytes a row", perRow)
	}
}

func TestHashIsTheSameEverywhere(t *testing.T) {
	// Nodes compare digests, so these values are part of the wire format.
	for name, want := range map[string]uint64{"": 0xf52a15e9a9b5e89b, "node": 0x8db0e5bbd1cf8d73} {
		if got := hash(name, 0); got != want {
			t.Errorf("hash(%q) = %#x, want %#x", name, got, want)
		}
	}
}
