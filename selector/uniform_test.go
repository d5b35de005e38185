package selector

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swim-go/swim/wire"
)

// chiSquare is Pearson's statistic of counts against equal shares of draws
// among cells outcomes.
func chiSquare(counts map[string]int, cells, draws int) float64 {
	want := float64(draws) / float64(cells)
	sum := float64(cells-len(counts)) * want // outcomes never seen
	for _, got := range counts {
		d := float64(got) - want
		sum += d * d / want
	}
	return sum
}

// critical bounds chiSquare for a given number of outcomes; a fair draw exceeds
// it once in 10^4. The seeds are fixed, so a test that passes keeps passing.
var critical = map[int]float64{6: 25.7, 24: 57, 50: 94.6, 60: 108}

const draws = 100_000

type sampler func(dst, list []wire.Ref, n int, except wire.Ref, rng *rand.Rand) []wire.Ref

// spread draws three of five, one more being excepted, and returns how far the
// 60 possible results are from equally likely.
func spread(s sampler, seed uint64) float64 {
	rng := seeded(seed)
	list := []wire.Ref{1, 2, 3, 4, 5, 6}
	counts := make(map[string]int)
	for range draws {
		counts[fmt.Sprint(s(nil, list, 3, 4, rng))]++
	}
	return chiSquare(counts, 60, draws)
}

func TestSampleIsUniform(t *testing.T) {
	for seed := range uint64(3) {
		if x := spread(sample, seed); x > critical[60] {
			t.Errorf("seed %d: chi-square %.1f over 60 results, want at most %.1f", seed, x, critical[60])
		}
	}
}

// neighbour takes whoever follows except in place of it: the tempting shortcut.
func neighbour(dst, list []wire.Ref, n int, except wire.Ref, rng *rand.Rand) []wire.Ref {
	for _, i := range rng.Perm(len(list)) {
		ref := list[i]
		if ref == except {
			ref = list[(i+1)%len(list)]
		}
		if len(dst) < n && !slices.Contains(dst, ref) {
			dst = append(dst, ref)
		}
	}
	return dst
}

// window takes consecutive members from a random place on.
func window(dst, list []wire.Ref, n int, except wire.Ref, rng *rand.Rand) []wire.Ref {
	for i := rng.IntN(len(list)); len(dst) < n; i++ {
		if ref := list[i%len(list)]; ref != except {
			dst = append(dst, ref)
		}
	}
	return dst
}

func TestUniformityCheckerCatchesMistakes(t *testing.T) {
	for name, s := range map[string]sampler{"neighbour": neighbour, "window": window} {
		if x := spread(s, 0); x <= critical[60] {
			t.Errorf("%s: chi-square %.1f, want more than %.1f", name, x, critical[60])
		}
	}
}

func TestPickIsUniform(t *testing.T) {
	for name, s := range map[string]chooser{"round robin": new(RoundRobin), "random": new(Random)} {
		rng := seeded(3)
		fill(s, 50, rng)
		counts := make(map[string]int)
		for range draws / 2 {
			// Probes go on in between: they must not skew the picks.
			s.Next(rng)
			for _, ref := range s.Pick(nil, 2, wire.ForGossip, wire.Self, rng) {
				counts[fmt.Sprint(ref)]++
			}
		}
		if x := chiSquare(counts, 50, draws); x > critical[50] {
			t.Errorf("%s: chi-square %.1f over 50 members, want at most %.1f", name, x, critical[50])
		}
	}
}

func TestRandomNextIsUniform(t *testing.T) {
	rng := seeded(4)
	var r Random
	fill(&r, 50, rng)
	counts := make(map[string]int)
	for range draws {
		ref, _ := r.Next(rng)
		counts[fmt.Sprint(ref)]++
	}
	if x := chiSquare(counts, 50, draws); x > critical[50] {
		t.Errorf("chi-square %.1f over 50 members, want at most %.1f", x, critical[50])
	}
}

// SWIM section 4.3: each traversal is in a new random order. All 24 orders of
// four members are equally likely, however the one before went.
func TestPaperTraversalOrderIsUniform(t *testing.T) {
	rng := seeded(5)
	var r RoundRobin
	fill(&r, 4, rng)
	counts := make(map[string]int)
	for range draws {
		var order [4]wire.Ref
		for i := range order {
			order[i], _ = r.Next(rng)
		}
		counts[fmt.Sprint(order)]++
	}
	if x := chiSquare(counts, 24, draws); x > critical[24] {
		t.Errorf("chi-square %.1f over 24 orders, want at most %.1f", x, critical[24])
	}
}

// SWIM section 4.3: a joiner is inserted at a uniformly random position. With
// two of five probed, it takes each of the six places with the same
// likelihood: two behind the cursor, four ahead.
func TestPaperJoinPlaceIsUniform(t *testing.T) {
	rng := seeded(6)
	counts := make(map[string]int)
	behind := draws
	for range draws {
		var r RoundRobin
		fill(&r, 5, rng)
		for range 2*5 + 2 { // it holds in any traversal
			r.Next(rng)
		}
		r.Add(6, wire.Member{}, rng)
		place := 0
		for r.passed < len(r.all.refs) {
			place++
			if ref, _ := r.Next(rng); ref == 6 {
				counts[fmt.Sprint(place)]++
				behind--
			}
		}
	}
	// The two places behind cannot be told apart, and need not be.
	counts["behind, first"], counts["behind, second"] = behind/2, behind-behind/2
	if x := chiSquare(counts, 6, draws); x > critical[6] {
		t.Errorf("chi-square %.1f over 6 places, want at most %.1f: %v", x, critical[6], counts)
	}
}
