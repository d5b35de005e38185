package core

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim/wire"
)

// Lifeguard section IV-B: max(Min, Max - (Max-Min)·log(C+1)/log(K+1)). With
// K = 3 each doubling of C+1 takes away half of what is above Min.
func TestSuspicionTimeoutFollowsLifeguard(t *testing.T) {
	s := suspicion{least: 10 * time.Second, most: 60 * time.Second, needed: 3, accusers: []string{"first"}}
	want := []time.Duration{60 * time.Second, 35 * time.Second, 20376 * time.Millisecond, 10 * time.Second}
	for c, name := range []string{"", "b", "c", "d"} {
		if c > 0 {
			if !s.wants(name) {
				t.Fatalf("accuser %q is new and not wanted", name)
			}
			s.confirm(name)
		}
		if got := s.timeout(); got < want[c]-60*time.Millisecond || got > want[c]+60*time.Millisecond {
			t.Errorf("with %d confirmations %v, want %v", c, got, want[c])
		}
		if s.wants(name) && name != "" {
			t.Errorf("%q would count twice", name)
		}
	}
	if s.wants("e") {
		t.Error("a fourth confirmation counts, and K is 3")
	}
}

// Lifeguard section V: alpha 5, 128 members, a second's interval: 10.54 s.
func TestSuspicionTimeoutAtThePapersSize(t *testing.T) {
	m := Machine{Params: Params{ProbeInterval: time.Second, Paper: true, Alpha: 5}}
	m.table.live = 128
	if got := m.suspicionTimeout(); got < 10530*time.Millisecond || got > 10540*time.Millisecond {
		t.Errorf("%v, want 10.54 s", got)
	}
	m.table.live = 3
	if got := m.suspicionTimeout(); got != 5*time.Second {
		t.Errorf("%v in a cluster of three, want alpha intervals", got)
	}
}

// Ours: 200 ms·(log2 n + 5), times SuspicionMult; in periods where there is no gossip.
func TestRefutationTime(t *testing.T) {
	for _, test := range []struct {
		n, mult int
		gossip  time.Duration
		want    time.Duration
	}{
		{1, 1, 200 * time.Millisecond, 1200 * time.Millisecond},
		{2, 1, 200 * time.Millisecond, 1200 * time.Millisecond},
		{4, 1, 200 * time.Millisecond, 1400 * time.Millisecond},
		{128, 1, 200 * time.Millisecond, 2400 * time.Millisecond},
		{128, 2, 200 * time.Millisecond, 4800 * time.Millisecond},
		{1024, 1, 500 * time.Millisecond, 7500 * time.Millisecond},
		{4, 1, 0, 7 * time.Second},
	} {
		m := Machine{Params: Params{ProbeInterval: time.Second, GossipInterval: test.gossip, GossipFanout: 3, SuspicionMult: test.mult}}
		m.table.live = test.n
		if got := m.suspicionTimeout(); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

// The heap is compared with a sorted list over random additions, changes of
// deadline and removals.
func TestSuspicionsComeDueInOrder(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var q suspicions
		due := map[wire.Ref]time.Duration{}
		for range 300 {
			ref := wire.Ref(1 + rng.IntN(40))
			if rng.IntN(3) == 0 {
				q.remove(ref)
				delete(due, ref)
			} else {
				s := q.add(ref)
				s.due = time.Duration(rng.IntN(20))
				due[ref] = s.due
				q.fix(s)
			}
			for ref, at := range due {
				if s := q.of(ref); s == nil || s.due != at || q.heap[s.heapIndex] != s {
					t.Fatalf("seed %d: the suspicion of %d is lost", seed, ref)
				}
			}
			if len(q.heap) != len(due) {
				t.Fatalf("seed %d: %d in the heap, want %d", seed, len(q.heap), len(due))
			}
		}
		type pair struct {
			at  time.Duration
			ref wire.Ref
		}
		var want, got []pair
		for ref, at := range due {
			want = append(want, pair{at, ref})
		}
		slices.SortFunc(want, func(a, b pair) int {
			if a.at != b.at {
				return int(a.at - b.at)
			}
			return int(a.ref - b.ref)
		})
		for q.first() != nil {
			got = append(got, pair{q.deadline(), q.first().ref})
			q.remove(q.first().ref)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: came due as %v, want %v", seed, got, want)
		}
	}
}
