package ring

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/swim-go/swim"
)

// drawn is a snapshot of members a, b and so on with given points.
func drawn(stops ...stop) *Snapshot {
	s := new(Snapshot)
	for _, stop := range stops {
		for len(s.members) <= int(stop.owner) {
			s.members = append(s.members, swim.Member{Name: string(rune('a' + len(s.members)))})
		}
	}
	s.circle = new(circle).redraw(nil, stops, len(s.members))
	return s
}

func tell(moves []Move) string {
	text := ""
	for _, m := range moves {
		text += fmt.Sprintf("%d-%d:%s>%s ", m.First, m.Last-m.Last/math.MaxUint64*(math.MaxUint64-999), m.From.Name, m.To.Name)
	}
	return text
}

// A table of small rings. 999 stands for the end of the ring.
func TestDiff(t *testing.T) {
	const top = math.MaxUint64
	for _, c := range []struct {
		before, after *Snapshot
		want          string
	}{
		{drawn(), drawn(), ""},
		{drawn(), drawn(stop{5, 0}), "0-999:>a "},
		{drawn(stop{5, 0}), drawn(), "0-999:a> "},
		{drawn(stop{5, 0}), drawn(stop{5, 0}), ""},
		{drawn(stop{5, 0}), drawn(stop{9, 0}), ""},
		{drawn(stop{5, 0}, stop{9, 1}), drawn(stop{5, 0}), "6-9:b>a "},
		{drawn(stop{9, 0}), drawn(stop{5, 1}, stop{9, 0}), "0-5:a>b 10-999:a>b "}, // b has the end, too
		{drawn(stop{5, 0}, stop{9, 1}), drawn(stop{5, 1}, stop{9, 0}), "0-5:a>b 6-9:b>a 10-999:a>b "},
		{drawn(stop{5, 0}, stop{9, 1}, stop{20, 0}), drawn(stop{5, 0}, stop{7, 0}, stop{20, 0}), "6-9:b>a "},
		{drawn(stop{9, 0}), drawn(stop{0, 1}, stop{9, 0}, stop{top, 0}), "0-0:a>b "},
		{drawn(stop{5, 0}, stop{5, 1}), drawn(stop{5, 0}), ""}, // b's point hides behind a's
		{drawn(stop{5, 0}, stop{top, 1}), drawn(stop{5, 0}), "6-999:b>a "},
	} {
		if got := tell(slices.Collect(Diff(c.before, c.after))); got != c.want {
			t.Errorf("from %v %v to %v %v: %q, want %q", c.before.points, c.before.owners, c.after.points, c.after.owners, got, c.want)
		}
	}
}

// A key is in a range that moved if and only if it has another owner, who are
// the two that the range names; and the ranges are in order.
func TestDiffTellsWhatMoved(t *testing.T) {
	for seed := range uint64(30) {
		rng := seeded(seed)
		r := newRing(t, Options{Points: 1 + rng.IntN(40)})
		for range 10 {
			before := r.Snapshot()
			for range 1 + rng.IntN(4) {
				if name := fmt.Sprint("node-", rng.IntN(10)); rng.IntN(2) == 0 {
					r.Remove(name)
				} else {
					r.Add(swim.Member{Name: name, Addr: fmt.Sprint(rng.IntN(3))})
				}
			}
			after := r.Snapshot()
			moves := slices.Collect(Diff(before, after))
			for i := 1; i < len(moves); i++ {
				if moves[i].First <= moves[i-1].Last {
					t.Fatalf("seed %d: %v behind %v", seed, moves[i].Range, moves[i-1].Range)
				}
			}
			hashes := []uint64{0, math.MaxUint64}
			for _, p := range slices.Concat(before.points, after.points) {
				hashes = append(hashes, p-1, p, p+1)
			}
			for _, hash := range hashes {
				if problem := disagrees(before, after, moves, hash); problem != "" {
					t.Fatalf("seed %d: %s", seed, problem)
				}
			}
		}
	}
}

func disagrees(before, after *Snapshot, moves []Move, hash uint64) string {
	from, _ := before.OwnerAt(hash)
	to, _ := after.OwnerAt(hash)
	i := slices.IndexFunc(moves, func(m Move) bool { return m.Contains(hash) })
	switch {
	case i < 0 && from.Name != to.Name:
		return fmt.Sprintf("%d moved from %q to %q untold", hash, from.Name, to.Name)
	case i >= 0 && (from.Name == to.Name || moves[i].From != from || moves[i].To != to):
		return fmt.Sprintf("%d belonged to %v and belongs to %v, and the move is %v", hash, from, to, moves[i])
	}
	return ""
}

// A member's new address or state moves nothing.
func TestDiffIgnoresWhoStays(t *testing.T) {
	var r Ring
	r.Add(cluster(5)...)
	before := r.Snapshot()
	r.Add(swim.Member{Name: "node-3", Addr: "elsewhere", State: swim.Suspect, Epoch: 9})
	for m := range Diff(before, r.Snapshot()) {
		t.Fatalf("%v moved", m)
	}
	r.Remove("node-3")
	for range Diff(before, r.Snapshot()) {
		return // and a loop may be left
	}
	t.Error("a departure moved nothing")
}

// The ranges cover the ring without a gap, and each is its owner's.
func TestRangesCoverTheRing(t *testing.T) {
	var r Ring
	r.Add(cluster(7)...)
	s := r.Snapshot()
	next, sum, last := uint64(0), 0.0, ""
	for r, m := range s.Ranges() {
		if r.First != next || m.Name == last {
			t.Fatalf("%v of %s follows what ends before %d and is %s's", r, m.Name, next, last)
		}
		for _, hash := range []uint64{r.First, r.First/2 + r.Last/2, r.Last} {
			if owner, _ := s.OwnerAt(hash); owner != m || !r.Contains(hash) {
				t.Fatalf("%d in %v belongs to %s, want %s", hash, r, owner.Name, m.Name)
			}
		}
		next, last = r.Last+1, m.Name
		sum += r.Fraction()
	}
	if next != 0 || math.Abs(sum-1) > 1e-9 {
		t.Errorf("the ranges end before %d and are %.9f of the ring", next, sum)
	}
}
