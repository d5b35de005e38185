package swimtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

// TestSelector checks that a selector keeps the contract of [swim.MemberSelector]. Each
// call of newSelector makes that of another node. The members that it is told of have
// metadata such as "zone=a"; one that chooses by metadata need not choose them alike, but
// each of them, and somebody for each purpose.
//
// That it does not call the Node, and keeps to one goroutine, cannot be seen from here.
func TestSelector(t *testing.T, newSelector func() swim.MemberSelector) {
	run(t, selectorSentences, just(newSelector))
}

const (
	saysSelectorAdd  = "Add tells of a live member other than the node itself that may be chosen from now on, or that one already told of has changed its address or metadata."
	saysSelectorNext = "Completeness rests on it: every member must come up again and again."
	saysSelectorPick = "Pick appends to dst up to n distinct members for purpose, other than except (which is [wire.Self] where nobody is excepted)."
)

var selectorSentences = []sentence[func() swim.MemberSelector]{
	{
		name:  "Add lets a member be chosen",
		says:  saysSelectorAdd,
		check: selectorAdds,
	},
	{
		name:  "Add of a known member changes it",
		says:  saysSelectorAdd,
		check: selectorAddsOnce,
	},
	{
		name:  "Remove keeps a member from being chosen",
		says:  "Remove tells that a member may not be chosen any more.",
		check: selectorRemoves,
	},
	{
		name:  "A ref may stand for another member later",
		says:  "Its ref may come to stand for another member later.",
		check: selectorRefReturns,
	},
	{
		name:  "Next returns false if there is nobody",
		says:  "It returns false if there is nobody.",
		check: selectorNobody,
	},
	{
		name:  "Next chooses every member again and again",
		says:  saysSelectorNext,
		check: func(t testing.TB, newSelector func() swim.MemberSelector) { selectorCompletes(t, newSelector(), false) },
	},
	{
		name:  "Next does so while others come and go",
		says:  saysSelectorNext,
		check: func(t testing.TB, newSelector func() swim.MemberSelector) { selectorCompletes(t, newSelector(), true) },
	},
	{
		name:  "Pick finds somebody for each purpose",
		says:  "MemberSelector chooses with whom the node speaks.",
		check: selectorPicks,
	},
	{
		name: "Pick appends to dst",
		says: saysSelectorPick,
		check: func(t testing.TB, newSelector func() swim.MemberSelector) {
			eachPick(newSelector(), func(p pick) {
				if len(p.got) < len(p.dst) || !slices.Equal(p.got[:len(p.dst)], p.dst) {
					t.Fatalf("%v made %v of a dst of %v", p, p.got, p.dst)
				}
			})
		},
	},
	{
		name: "Pick chooses n members at most",
		says: saysSelectorPick,
		check: func(t testing.TB, newSelector func() swim.MemberSelector) {
			eachPick(newSelector(), func(p pick) {
				if more := len(p.got) - len(p.dst); more > p.n {
					t.Fatalf("%v chose %d", p, more)
				}
			})
		},
	},
	{
		name: "Pick chooses distinct members",
		says: saysSelectorPick,
		check: func(t testing.TB, newSelector func() swim.MemberSelector) {
			eachPick(newSelector(), func(p pick) {
				if chosen := p.chosen(); len(slices.Compact(slices.Sorted(slices.Values(chosen)))) < len(chosen) {
					t.Fatalf("%v chose %v", p, chosen)
				}
			})
		},
	},
	{
		name: "Pick leaves out whom it is told to",
		says: saysSelectorPick,
		check: func(t testing.TB, newSelector func() swim.MemberSelector) {
			eachPick(newSelector(), func(p pick) {
				if slices.Contains(p.chosen(), p.except) {
					t.Fatalf("%v chose %v", p, p.chosen())
				}
			})
		},
	},
	{
		name:  "A seeded run can be repeated",
		says:  "Whatever randomness it needs comes from rng, so that a seeded run can be repeated.",
		check: selectorRepeats,
	},
	{
		name:   "No call blocks",
		says:   "It is called by one goroutine, must not block and must not call the Node.",
		check:  selectorDoesNotBlock,
		bubble: true,
	},
	valid(func(newSelector func() swim.MemberSelector) any { return newSelector() }),
}

// purposes are those that the Node picks for: whom to probe is for Next.
var purposes = []wire.Purpose{wire.ForRelay, wire.ForGossip, wire.ForSync}

// probesPerTurn is how many probes per member each of them is to come up in. Chosen at
// random, one in 10^9 would not.
const probesPerTurn = 24

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

// memberOf is who stands at a ref, in its so manieth life.
func memberOf(ref wire.Ref, life int) wire.Member {
	return wire.Member{
		Name: fmt.Sprintf("node-%d", ref), Addr: fmt.Sprintf("127.0.0.%d:%d", ref, 7946+life),
		Meta: "zone=" + string(rune('a'+(int(ref)+life)%3)), Epoch: uint64(life) + 1, State: wire.Alive,
	}
}

// populate adds members 1 to n.
func populate(s swim.MemberSelector, n wire.Ref, rng *rand.Rand) {
	for ref := range n {
		s.Add(ref+1, memberOf(ref+1, 0), rng)
	}
}

// turns counts how often each member comes up in so many probes.
func turns(s swim.MemberSelector, probes int, rng *rand.Rand) map[wire.Ref]int {
	turns := make(map[wire.Ref]int)
	for range probes {
		if ref, ok := s.Next(rng); ok {
			turns[ref]++
		}
	}
	return turns
}

func selectorAdds(t testing.TB, newSelector func() swim.MemberSelector) {
	const n = 12
	s, rng := newSelector(), seeded(1)
	for ref := wire.Ref(1); ref <= n; ref++ {
		s.Add(ref, memberOf(ref, 0), rng)
		if turns(s, probesPerTurn*int(ref), rng)[ref] == 0 {
			t.Fatalf("Next never chose member %d after Add, among %d", ref, ref)
		}
	}
}

func selectorAddsOnce(t testing.TB, newSelector func() swim.MemberSelector) {
	const n = 6
	s, rng := newSelector(), seeded(2)
	for life := range 3 {
		for ref := wire.Ref(1); ref <= n; ref++ {
			s.Add(ref, memberOf(ref, life), rng)
		}
	}
	if came := turns(s, probesPerTurn*n, rng); len(came) != n {
		t.Errorf("of %d members that were added thrice, Next chose %d", n, len(came))
	}
	for gone := wire.Ref(1); gone <= n; gone++ {
		s.Remove(gone)
		for ref := range turns(s, 4*n, rng) {
			if ref <= gone {
				t.Fatalf("Next chose %d, which was added thrice and then removed", ref)
			}
		}
		wantPicked(t, s, rng, "which was added thrice and then removed", func(ref wire.Ref) bool { return ref > gone && ref <= n })
	}
}

func selectorRemoves(t testing.TB, newSelector func() swim.MemberSelector) {
	const n = 12
	s, rng := newSelector(), seeded(3)
	populate(s, n, rng)
	for gone := wire.Ref(n); gone > 1; gone-- {
		turns(s, int(gone)/2, rng) // in the midst of a round
		s.Remove(gone)
		for ref := range turns(s, 4*n, rng) {
			if ref >= gone || ref < 1 {
				t.Fatalf("Next chose %d after Remove of %d to %d", ref, gone, n)
			}
		}
		wantPicked(t, s, rng, fmt.Sprintf("after Remove of %d to %d", gone, n), func(ref wire.Ref) bool { return ref < gone && ref >= 1 })
	}
}

func selectorRefReturns(t testing.TB, newSelector func() swim.MemberSelector) {
	const n = 8
	s, rng := newSelector(), seeded(4)
	populate(s, n, rng)
	for life := 1; life < 4; life++ {
		for ref := wire.Ref(1); ref <= n; ref += 2 {
			s.Remove(ref)
			s.Add(ref, memberOf(ref, life), rng)
		}
		if came := turns(s, probesPerTurn*n, rng); len(came) != n {
			t.Fatalf("Next chose %d of %d members, after half of the refs had come to stand for others", len(came), n)
		}
	}
}

func selectorNobody(t testing.TB, newSelector func() swim.MemberSelector) {
	s, rng := newSelector(), seeded(5)
	if ref, ok := s.Next(rng); ok {
		t.Errorf("Next chose %d before any was added", ref)
	}
	populate(s, 3, rng)
	if ref, ok := s.Next(rng); !ok || ref < 1 || ref > 3 {
		t.Errorf("Next is %d, %v among members 1 to 3", ref, ok)
	}
	for ref := range wire.Ref(3) {
		s.Remove(ref + 1)
	}
	if ref, ok := s.Next(rng); ok {
		t.Errorf("Next chose %d after all were removed", ref)
	}
	for _, purpose := range purposes {
		if got := s.Pick(nil, 3, purpose, wire.Self, rng); len(got) > 0 {
			t.Errorf("Pick for %v chose %v after all were removed", purpose, got)
		}
	}
}

// selectorCompletes fails t if one of the members that stay waits too long for its turn.
func selectorCompletes(t testing.TB, s swim.MemberSelector, churn bool) {
	const stay, most = 10, 20
	rng, there := seeded(6), [most + 1]bool{}
	populate(s, stay, rng)
	for round := range 5 {
		came := make(map[wire.Ref]int)
		for step := range probesPerTurn * most {
			// Others come and go about as often as somebody is probed.
			if ref := stay + 1 + wire.Ref(rng.IntN(most-stay)); churn && step%2 == 0 {
				if there[ref] {
					s.Remove(ref)
				} else {
					s.Add(ref, memberOf(ref, round), rng)
				}
				there[ref] = !there[ref]
			}
			if ref, ok := s.Next(rng); ok {
				came[ref]++
			}
		}
		for ref := wire.Ref(1); ref <= stay; ref++ {
			if came[ref] == 0 {
				t.Errorf("Next did not choose member %d once in %d probes, among %d at most", ref, probesPerTurn*most, most)
			}
		}
	}
}

// play is what a selector answers in a run with churn.
func play(s swim.MemberSelector, seed uint64) (answers []wire.Ref) {
	rng := seeded(seed)
	populate(s, 30, rng)
	for step := range 300 {
		ref, _ := s.Next(rng)
		answers = append(answers, ref)
		answers = s.Pick(answers, 3, purposes[step%len(purposes)], ref, rng)
		if gone := wire.Ref(1 + step%30); step%3 == 0 {
			s.Remove(gone)
			s.Add(gone, memberOf(gone, step), rng)
		}
	}
	return answers
}

func selectorRepeats(t testing.TB, newSelector func() swim.MemberSelector) {
	for seed := range uint64(3) {
		if !slices.Equal(play(newSelector(), seed), play(newSelector(), seed)) {
			t.Fatalf("two runs with seed %d differ", seed)
		}
	}
}

func selectorDoesNotBlock(t testing.TB, newSelector func() swim.MemberSelector) {
	s := newSelector()
	standsStill(t, "a run of all methods", func() { play(s, 9) })
}
