package ring

import (
	"fmt"
	"testing"

	"github.com/swim-go/swim"
)

// shares is how much of the ring each member owns, by name.
func shares(s *Snapshot) map[string]float64 {
	owned := make(map[string]float64)
	for r, m := range s.Ranges() {
		owned[m.Name] += r.Fraction()
	}
	return owned
}

// imbalance is the share of whoever owns most, as a multiple of the mean.
func imbalance(s *Snapshot) float64 {
	most := 0.0
	for _, share := range shares(s) {
		most = max(most, share)
	}
	return most * float64(s.Len())
}

// named is n members whose names depend on a seed.
func named(seed, n int) []swim.Member {
	members := cluster(n)
	for i := range members {
		members[i].Name = fmt.Sprintf("%s.rack-%d", members[i].Name, seed)
	}
	return members
}

// The bounds are a little above the worst of ten in the package's table.
func TestBalance(t *testing.T) {
	for n, bound := range map[int]float64{3: 1.12, 10: 1.2, 100: 1.26, 1000: 1.3} {
		for seed := range 3 {
			var r Ring
			r.Add(named(seed, n)...)
			if got := imbalance(r.Snapshot()); got > bound || got < 1 {
				t.Errorf("seed %d: of %d members, one owns %.2f of the mean, want at most %.2f", seed, n, got, bound)
			}
		}
	}
}

// misplaced tells what is wrong with a change: it may move keys to joiners or
// from the departed alone, and all that they own.
func misplaced(before, after *Snapshot, name string) string {
	moved := 0.0
	for m := range Diff(before, after) {
		moved += m.Fraction()
		if m.From.Name == m.To.Name || (m.From.Name != name && m.To.Name != name) {
			return fmt.Sprintf("%v moved from %q to %q when %q came or went", m.Range, m.From.Name, m.To.Name, name)
		}
	}
	want := before.Share(name) + after.Share(name) // one of them is 0
	if d := moved - want; d > 1e-9 || d < -1e-9 {
		return fmt.Sprintf("%.4f moved when %q came or went, who owned %.4f", moved, name, want)
	}
	return ""
}

// A join moves what the joiner owns then, which is about one part of n, and
// nothing else. A departure moves it back.
func TestMovementIsMinimal(t *testing.T) {
	for seed := range 20 {
		rng := seeded(uint64(seed))
		n := 2 + rng.IntN(60)
		var r Ring
		r.Add(named(seed, n)...)
		before := r.Snapshot()
		joiner := fmt.Sprint("joiner-", seed)
		r.Add(swim.Member{Name: joiner})
		joined := r.Snapshot()
		if problem := misplaced(before, joined, joiner); problem != "" {
			t.Fatalf("seed %d: %s", seed, problem)
		}
		if ideal := 1 / float64(n+1); joined.Share(joiner) < 0.75*ideal || joined.Share(joiner) > 1.25*ideal {
			t.Errorf("seed %d: the last of %d owns %.4f, want about %.4f", seed, n+1, joined.Share(joiner), ideal)
		}
		gone := before.Members()[rng.IntN(n)].Name
		r.Remove(gone)
		if problem := misplaced(joined, r.Snapshot(), gone); problem != "" {
			t.Fatalf("seed %d: %s", seed, problem)
		}
	}
}

// The checker has to see a change that moves more than it must.
func TestMovementCheckerCatches(t *testing.T) {
	var r, other Ring
	r.Add(cluster(10)...)
	before := r.Snapshot()
	r.Add(swim.Member{Name: "joiner"}, swim.Member{Name: "unnoticed"})
	if misplaced(before, r.Snapshot(), "joiner") == "" {
		t.Error("two came, and the checker saw one")
	}
	other.Add(named(1, 10)...)
	if misplaced(before, other.Snapshot(), "joiner") == "" {
		t.Error("all keys moved, and the checker saw nothing wrong")
	}
}
