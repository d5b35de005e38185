package selector

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swim-go/swim/wire"
)

// both runs a test for each selector of the package.
func both(t *testing.T, test func(t *testing.T, s chooser)) {
	t.Run("RoundRobin", func(t *testing.T) { test(t, new(RoundRobin)) })
	t.Run("Random", func(t *testing.T) { test(t, new(Random)) })
}

func set(refs []wire.Ref) string {
	refs = slices.Clone(refs)
	slices.Sort(refs)
	return fmt.Sprint(refs)
}

func TestEmpty(t *testing.T) {
	both(t, func(t *testing.T, s chooser) {
		rng := seeded(1)
		check := func(when string) {
			t.Helper()
			if ref, ok := s.Next(rng); ok {
				t.Errorf("%s: Next = %d, want nobody", when, ref)
			}
			if got := s.Pick(nil, 3, wire.ForRelay, wire.Self, rng); len(got) != 0 {
				t.Errorf("%s: Pick = %v, want nobody", when, got)
			}
		}
		check("at first")
		s.Add(1, wire.Member{}, rng)
		if ref, ok := s.Next(rng); !ok || ref != 1 {
			t.Errorf("alone: Next = %d, %v, want 1", ref, ok)
		}
		s.Remove(1)
		check("after the last left")
	})
}

// Add says also that a known member changed; that must not give it two turns.
func TestAddTwice(t *testing.T) {
	both(t, func(t *testing.T, s chooser) {
		rng := seeded(2)
		fill(s, 3, rng)
		s.Next(rng)
		s.Add(2, wire.Member{Meta: "zone=b"}, rng)
		if got := set(s.Pick(nil, 9, wire.ForSync, wire.Self, rng)); got != "[1 2 3]" {
			t.Errorf("members are %v, want [1 2 3]", got)
		}
		s.Remove(2)
		if got := set(s.Pick(nil, 9, wire.ForSync, wire.Self, rng)); got != "[1 3]" {
			t.Errorf("members are %v after one Remove, want [1 3]", got)
		}
	})
}

func TestRemoveUnknown(t *testing.T) {
	both(t, func(t *testing.T, s chooser) {
		rng := seeded(3)
		s.Remove(7) // before anybody was added
		fill(s, 3, rng)
		s.Next(rng)
		for _, ref := range []wire.Ref{4, 63, 64, 100_000} {
			s.Remove(ref)
		}
		if got := set(s.Pick(nil, 9, wire.ForSync, wire.Self, rng)); got != "[1 2 3]" {
			t.Errorf("members are %v, want [1 2 3]", got)
		}
	})
}

// A ref may come to stand for another member: whoever has it is new, and is
// chosen once per traversal like anybody else.
func TestRefReuse(t *testing.T) {
	both(t, func(t *testing.T, s chooser) {
		rng := seeded(4)
		fill(s, 4, rng)
		for range 100 {
			ref, _ := s.Next(rng)
			s.Remove(ref)
			if got := s.Pick(nil, 9, wire.ForSync, wire.Self, rng); len(got) != 3 || slices.Contains(got, ref) {
				t.Fatalf("members are %v after Remove(%d)", got, ref)
			}
			s.Add(ref, wire.Member{Name: "another"}, rng)
			if got := set(s.Pick(nil, 9, wire.ForSync, wire.Self, rng)); got != "[1 2 3 4]" {
				t.Fatalf("members are %v, want [1 2 3 4]", got)
			}
		}
	})
}

func TestPick(t *testing.T) {
	both(t, func(t *testing.T, s chooser) {
		rng := seeded(5)
		const members = 10
		fill(s, members, rng)
		prefix := []wire.Ref{3, 3}
		for n := -1; n <= members+2; n++ {
			for _, except := range []wire.Ref{wire.Self, 1, 7, 99} {
				for purpose := wire.ForRelay; purpose <= wire.ForSync; purpose++ {
					s.Next(rng)
					want := members
					if except == 1 || except == 7 {
						want--
					}
					want = max(0, min(n, want))
					got := s.Pick(slices.Clone(prefix), n, purpose, except, rng)
					if !slices.Equal(got[:2], prefix) {
						t.Fatalf("Pick(%d) changed what dst held: %v", n, got)
					}
					got = got[2:]
					if len(got) != want || slices.Contains(got, except) || !distinctMembers(got, members) {
						t.Fatalf("Pick(%d, %v, except %d) = %v, want %d distinct members", n, purpose, except, got, want)
					}
				}
			}
		}
	})
}

func distinctMembers(refs []wire.Ref, members int) bool {
	refs = slices.Clone(refs)
	slices.Sort(refs)
	for i, ref := range refs {
		if ref < 1 || int(ref) > members || i > 0 && refs[i-1] == ref {
			return false
		}
	}
	return true
}

// Pick shuffles the list and undoes it: whoever had a turn must have had it
// afterwards too.
func TestPickDoesNotDisturbTheTraversal(t *testing.T) {
	rng := seeded(6)
	var r RoundRobin
	fill(&r, 30, rng)
	for range 2_000 {
		r.Next(rng)
		before := slices.Clone(r.all.refs)
		r.Pick(nil, rng.IntN(33), wire.ForGossip, wire.Ref(rng.IntN(32)), rng)
		if !slices.Equal(before, r.all.refs) {
			t.Fatalf("the list was %v and is %v", before, r.all.refs)
		}
	}
}

// The same calls with the same generator give the same answers.
func TestDeterminism(t *testing.T) {
	play := func(s chooser) (log []wire.Ref) {
		rng := seeded(7)
		ops := seeded(8)
		for range 5_000 {
			ref := wire.Ref(1 + ops.IntN(200))
			switch ops.IntN(4) {
			case 0:
				s.Add(ref, wire.Member{}, rng)
			case 1:
				s.Remove(ref)
			case 2:
				next, _ := s.Next(rng)
				log = append(log, next)
			case 3:
				log = s.Pick(log, 3, wire.ForGossip, ref, rng)
			}
		}
		return log
	}
	if a, b := play(new(RoundRobin)), play(new(RoundRobin)); !slices.Equal(a, b) {
		t.Error("RoundRobin: two runs differ")
	}
	if a, b := play(new(Random)), play(new(Random)); !slices.Equal(a, b) {
		t.Error("Random: two runs differ")
	}
}

// allocations is how many f makes in 10,000 calls, after as many to warm up.
// (testing.AllocsPerRun rounds an average down, and so would hide 9,999.)
func allocations(f func()) float64 {
	return testing.AllocsPerRun(1, func() {
		for range 10_000 {
			f()
		}
	})
}

func TestNoAllocations(t *testing.T) {
	both(t, func(t *testing.T, s chooser) {
		rng := seeded(9)
		fill(s, 1_000, rng)
		if n := allocations(func() { s.Next(rng) }); n != 0 {
			t.Errorf("Next: %v allocations, want none", n)
		}
		dst := make([]wire.Ref, 0, 3)
		if n := allocations(func() { dst = s.Pick(dst[:0], 3, wire.ForRelay, 5, rng) }); n != 0 {
			t.Errorf("Pick: %v allocations, want none", n)
		}
		if n := allocations(func() { s.Remove(500); s.Add(500, wire.Member{}, rng) }); n != 0 {
			t.Errorf("Remove and Add: %v allocations, want none", n)
		}
	})
}

// A simulator keeps 10^8 rows, so what a member costs here is a promise.
func TestMemoryPerMember(t *testing.T) {
	const n = 10_000
	rng := seeded(10)
	var r RoundRobin
	fill(&r, n, rng)
	total := 4*cap(r.all.refs) + 8*cap(r.all.known)
	if limit := n * 6; total > limit {
		t.Errorf("%d members take %d bytes, want at most %d", n, total, limit)
	}
}

func benchmarkSizes(b *testing.B, run func(b *testing.B, s chooser, n int, rng *rand.Rand)) {
	for _, n := range []int{128, 10_000} {
		b.Run(fmt.Sprintf("RoundRobin/%d", n), func(b *testing.B) { run(b, new(RoundRobin), n, seeded(1)) })
		b.Run(fmt.Sprintf("Random/%d", n), func(b *testing.B) { run(b, new(Random), n, seeded(1)) })
	}
}

func BenchmarkNext(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, s chooser, n int, rng *rand.Rand) {
		fill(s, n, rng)
		b.ReportAllocs()
		for b.Loop() {
			s.Next(rng)
		}
	})
}

func BenchmarkPick3(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, s chooser, n int, rng *rand.Rand) {
		fill(s, n, rng)
		dst := make([]wire.Ref, 0, 3)
		b.ReportAllocs()
		for b.Loop() {
			dst = s.Pick(dst[:0], 3, wire.ForGossip, wire.Ref(n/2), rng)
		}
	})
}

// BenchmarkJoin is what one node pays for all the joins of a cluster.
func BenchmarkJoin(b *testing.B) {
	for _, n := range []int{128, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rng := seeded(1)
			b.ReportAllocs()
			for b.Loop() {
				var r RoundRobin
				fill(&r, n, rng)
			}
		})
	}
}

func BenchmarkRemoveAdd(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, s chooser, n int, rng *rand.Rand) {
		fill(s, n, rng)
		b.ReportAllocs()
		for b.Loop() {
			ref := wire.Ref(1 + rng.IntN(n))
			s.Remove(ref)
			s.Add(ref, wire.Member{}, rng)
		}
	})
}
