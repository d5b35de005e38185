package selector

import (
	"math/rand/v2"
	"testing"

	"github.com/swim-go/swim/wire"
)

// chooser is what the tests need of a selector: the seam MemberSelector, which
// cannot be named here because the root package imports this one.
type chooser interface {
	Add(ref wire.Ref, m wire.Member, rng *rand.Rand)
	Remove(ref wire.Ref)
	Next(rng *rand.Rand) (wire.Ref, bool)
	Pick(dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref
}

var (
	_ chooser = (*RoundRobin)(nil)
	_ chooser = (*Random)(nil)
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5717)) }

// waiting is what the checker knows of one live member.
type waiting struct {
	probes  int // since its last probe, or since it joined
	largest int // the most members there were meanwhile
}

// churn describes what happens between two probes.
type churn struct {
	refs    int // members come from 1..refs
	changes int // at most so many joins and leaves between two probes
	steps   int // probes
	// evict makes the member probed last leave in percent of the steps, which is
	// the hardest case: then newcomers can take the places of the probed.
	evict int
}

// longestWait drives s through churn and returns the first wait of more than
// 2n-1 probes it saw, or the ratio of the longest wait to its bound. It fails
// the test at once if Next chooses somebody who is not a member.
func longestWait(t *testing.T, s chooser, c churn, seed uint64) (violation *waiting, worst float64) {
	t.Helper()
	rng := seeded(seed)
	live := make(map[wire.Ref]*waiting)
	grown := func() {
		for _, w := range live {
			w.largest = max(w.largest, len(live))
		}
	}
	join := func(ref wire.Ref) {
		s.Add(ref, wire.Member{}, rng)
		if live[ref] == nil {
			live[ref] = &waiting{}
			grown()
		}
	}
	leave := func(ref wire.Ref) {
		s.Remove(ref)
		delete(live, ref)
	}
	for ref := range c.refs / 2 {
		join(wire.Ref(ref + 1))
	}
	for range c.steps {
		for range rng.IntN(c.changes + 1) {
			if ref := wire.Ref(1 + rng.IntN(c.refs)); rng.IntN(2) == 0 {
				join(ref)
			} else {
				leave(ref)
			}
		}
		ref, ok := s.Next(rng)
		if ok != (len(live) > 0) || ok && live[ref] == nil {
			t.Fatalf("seed %d: Next = %d, %v with %d members", seed, ref, ok, len(live))
		}
		if !ok {
			continue
		}
		for _, w := range live {
			w.probes++
		}
		w := live[ref]
		bound := 2*w.largest - 1
		if w.probes > bound {
			return w, float64(w.probes) / float64(bound)
		}
		worst = max(worst, float64(w.probes)/float64(bound))
		*w = waiting{largest: len(live)}
		if rng.IntN(100) < c.evict {
			leave(ref)
			join(wire.Ref(1 + rng.IntN(c.refs)))
		}
	}
	for _, w := range live {
		if w.probes >= 2*w.largest-1 {
			return w, 0
		}
	}
	return nil, worst
}

var churns = []churn{
	{refs: 40, changes: 0, steps: 20_000},
	{refs: 40, changes: 1, steps: 20_000},
	{refs: 12, changes: 4, steps: 20_000},
	{refs: 80, changes: 1, steps: 20_000, evict: 50},
	{refs: 30, changes: 0, steps: 20_000, evict: 100},
	{refs: 3, changes: 3, steps: 20_000, evict: 20},
}

// SWIM section 4.3: "successive selections of the same target are at most
// 2n-1 periods apart". The paper has a fixed n in mind. This holds it under any
// churn, n being the largest number of members during the wait.
//
// Why it holds: let s be the probes since m was probed (or joined behind the
// cursor) and r how many are still to come in that traversal. At first s = 0
// and r <= n-1, and each probe moves one from r to s. Only a joiner ahead of
// the cursor adds to s+r, and then passed >= probes > s, so afterwards
// s+r <= passed-1+r = n-1. Likewise probes+r <= n throughout the next traversal,
// n being the largest since it began. So m waits n-1 and then n at most.
func TestPaperRoundRobinBound(t *testing.T) {
	worst := 0.0
	for _, c := range churns {
		for seed := range uint64(5) {
			violation, ratio := longestWait(t, new(RoundRobin), c, seed)
			if violation != nil {
				t.Errorf("seed %d, %+v: a member waited %d probes with at most %d members", seed, c, violation.probes, violation.largest)
			}
			worst = max(worst, ratio)
		}
	}
	// A bound that is never nearly reached would be a test of something else.
	if worst < 1 {
		t.Errorf("the longest wait was %.2f of 2n-1, want it reached", worst)
	}
}

// Mistakes in Add and Remove that the checker must see, each with the rest of
// RoundRobin intact.
type (
	// unmoved puts joiners behind the cursor and leaves the cursor where it is:
	// somebody probed gets a second turn in the place of the joiner's first.
	unmoved struct{ RoundRobin }
	// plain joins at a random place even while members that had their turn are
	// gone: SWIM's words without what they take for granted.
	plain struct{ RoundRobin }
	// front always joins at the cursor's right, to be probed in this traversal.
	front struct{ RoundRobin }
	// leaky moves the last member into any hole, and with a hole behind the
	// cursor somebody not yet probed is skipped.
	leaky struct{ RoundRobin }
)

func (u *unmoved) Add(ref wire.Ref, _ wire.Member, _ *rand.Rand) {
	if u.all.add(ref) {
		last := len(u.all.refs) - 1
		u.all.refs[0], u.all.refs[last] = u.all.refs[last], u.all.refs[0]
	}
}

func (p *plain) Add(ref wire.Ref, m wire.Member, rng *rand.Rand) {
	p.probes = 0
	p.RoundRobin.Add(ref, m, rng)
}

func (f *front) Add(ref wire.Ref, _ wire.Member, _ *rand.Rand) { f.all.add(ref) }

func (l *leaky) Remove(ref wire.Ref) {
	if hole := l.all.forget(ref); hole >= 0 {
		last := len(l.all.refs) - 1
		l.all.refs[hole] = l.all.refs[last]
		l.all.refs = l.all.refs[:last]
		l.passed = min(l.passed, last)
	}
}

// The checker is only worth what it catches.
func TestBoundCheckerCatchesMistakes(t *testing.T) {
	mistakes := map[string]func() chooser{
		"joiner behind an unmoved cursor": func() chooser { return new(unmoved) },
		"joiner anywhere":                 func() chooser { return new(plain) },
		"joiner always ahead":             func() chooser { return new(front) },
		"hole filled from the end":        func() chooser { return new(leaky) },
		"no rounds at all":                func() chooser { return new(Random) },
	}
	for name, broken := range mistakes {
		t.Run(name, func(t *testing.T) {
			for _, c := range churns {
				for seed := range uint64(5) {
					if violation, _ := longestWait(t, broken(), c, seed); violation != nil {
						return
					}
				}
			}
			t.Error("the checker saw nothing wrong")
		})
	}
}

// SWIM section 4.3: the mean time between probes of a member stays what it was
// with random choice.
func TestPaperMeanWait(t *testing.T) {
	const n, rounds = 50, 400
	for name, s := range map[string]chooser{"round robin": new(RoundRobin), "random": new(Random)} {
		rng := seeded(1)
		fill(s, n, rng)
		var first, last, count [n + 1]int
		for step := range n * rounds {
			ref, _ := s.Next(rng)
			if count[ref] == 0 {
				first[ref] = step
			}
			last[ref] = step
			count[ref]++
		}
		gaps, sum := 0, 0
		for ref := 1; ref <= n; ref++ {
			gaps += count[ref] - 1
			sum += last[ref] - first[ref]
		}
		if mean := float64(sum) / float64(gaps); mean < 0.99*n || mean > 1.01*n {
			t.Errorf("%s: mean wait %.2f, want %d within a hundredth", name, mean, n)
		}
	}
}

// A member that is there for a whole traversal is probed in it exactly once.
func TestTraversalVisitsEachOnce(t *testing.T) {
	const n = 20
	rng := seeded(2)
	var r RoundRobin
	fill(&r, n, rng)
	for round := range 50 {
		seen := make(map[wire.Ref]bool)
		for range n {
			ref, ok := r.Next(rng)
			if !ok || seen[ref] {
				t.Fatalf("round %d: Next = %d, %v; seen before: %v", round, ref, ok, seen[ref])
			}
			seen[ref] = true
		}
	}
}

func fill(s chooser, n int, rng *rand.Rand) {
	for ref := range n {
		s.Add(wire.Ref(ref+1), wire.Member{}, rng)
	}
}
