package selector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/swim-go/swim/wire"
)

// zoneOf is a function from refs to zones for nodes numbered through, sizes[0]
// of zone 0 first.
func zoneOf(sizes []int) []int {
	var of []int
	for zone, size := range sizes {
		for range size {
			of = append(of, zone)
		}
	}
	return of
}

// traffic lets all nodes of a cluster gossip for a while, each with a selector
// of its own. It returns how much each node heard, and how much crossed from
// zone to zone, both as parts of what RoundRobin brings about on average.
func traffic(seed uint64, sizes []int, newSelector func(own string) chooser) (heard []float64, crossed [][]float64) {
	const rounds, fanout = 300, 3
	of := zoneOf(sizes)
	heard = make([]float64, len(of))
	crossed = make([][]float64, len(sizes))
	for zone := range sizes {
		crossed[zone] = make([]float64, len(sizes))
	}
	rng := seeded(seed)
	var picks []wire.Ref
	for self, own := range of {
		s := newSelector(zoneName(own))
		for other, zone := range of {
			if other != self {
				s.Add(wire.Ref(other+1), wire.Member{Meta: zoneName(zone)}, rng)
			}
		}
		for range rounds {
			picks = s.Pick(picks[:0], fanout, wire.ForGossip, wire.Self, rng)
			for _, ref := range picks {
				heard[ref-1] += 1.0 / (rounds * fanout)
				pairs := sizes[own] * sizes[of[ref-1]]
				crossed[own][of[ref-1]] += float64(len(of)-1) / float64(rounds*fanout*pairs)
			}
		}
	}
	return heard, crossed
}

var clusters = [][]int{
	{60, 40, 20},
	{100, 1},
	{99, 1, 1, 1, 1, 1},
	{60, 2, 3, 4},
	{40, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8},
	{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
	{2, 30},
}

// unfair returns what is wrong with how gossip falls on the members: with
// RoundRobin each hears 1.
func unfair(newSelector func(own string) chooser) string {
	for i, sizes := range clusters {
		heard, _ := traffic(uint64(i), sizes, newSelector)
		for node, h := range heard {
			// Of 900 packets on average; five standard deviations.
			if math.Abs(h-1) > 5.0/30 {
				return fmt.Sprintf("seed %d, zones of %v: node %d hears %.2f, want 1", i, sizes, node, h)
			}
		}
	}
	return ""
}

func TestZonedHearsAsMuchAsRoundRobin(t *testing.T) {
	for _, k := range []uint8{0, 1, 16, 255} {
		if problem := unfair(func(own string) chooser { return &Zoned{Own: own, Zone: byMeta, Thinning: k} }); problem != "" {
			t.Errorf("Thinning %d: %s", k, problem)
		}
	}
}

// between is the share that the documentation promises.
func between(k float64, a, b int) float64 { return min(1, max(1/k, 4/float64(min(a, b)))) }

func TestZonedShareBetweenZones(t *testing.T) {
	for i, sizes := range clusters {
		for _, k := range []uint8{1, 4, 16} {
			_, crossed := traffic(uint64(i), sizes, func(own string) chooser { return &Zoned{Own: own, Zone: byMeta, Thinning: k} })
			for a := range sizes {
				for b := range sizes {
					if a == b {
						continue
					}
					// So many packets are sent from zone to zone with RoundRobin.
					all := 900 * float64(sizes[a]*sizes[b]) / float64(len(zoneOf(sizes))-1)
					want := between(float64(k), sizes[a], sizes[b])
					if got := crossed[a][b]; math.Abs(got-want) > 5*math.Sqrt(want/all) {
						t.Errorf("seed %d, Thinning %d, zones of %v: %.3f of the traffic from %d to %d, want %.3f", i, k, sizes, got, a, b, want)
					}
				}
			}
		}
	}
}

// Selectors that a cluster would suffer from.
type (
	// bridging sends a quarter of its gossip to any other zone.
	bridging struct {
		Zoned
		picks int
	}
	// partly takes notice of zones for three picks of four: what is left of that
	// does not suffice for a small zone.
	partly struct {
		Zoned
		picks int
	}
)

func (s *bridging) Pick(dst []wire.Ref, n int, _ wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	return somewhat(&s.Zoned, &s.picks, dst, n, except, rng, func() []wire.Ref { return s.zones.refs[s.zones.ends[ownZone]:] })
}

func (s *partly) Pick(dst []wire.Ref, n int, _ wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	return somewhat(&s.Zoned, &s.picks, dst, n, except, rng, func() []wire.Ref { return s.zones.refs })
}

func somewhat(z *Zoned, picks *int, dst []wire.Ref, n int, except wire.Ref, rng *rand.Rand, others func() []wire.Ref) []wire.Ref {
	for range n {
		from := z.zones.members(ownZone)
		if *picks++; *picks%4 == 0 || len(from) == 0 {
			from = others()
		}
		dst = sample(dst, from, 1, except, rng)
	}
	return dst
}

func TestFairnessCheckerCatchesMistakes(t *testing.T) {
	for name, broken := range map[string]func(own string) chooser{
		"a quarter to other zones": func(own string) chooser { return &bridging{Zoned: Zoned{Own: own, Zone: byMeta}} },
		"a quarter to anybody":     func(own string) chooser { return &partly{Zoned: Zoned{Own: own, Zone: byMeta}} },
	} {
		if unfair(broken) == "" {
			t.Errorf("%s: the checker saw nothing wrong", name)
		}
	}
}

// Between two zones of n each, a node that knows the other zone crosses at least
// once in 1/share picks, gossip and syncs each for themselves, and not more than
// that but for rounding.
func TestZonedCrossesAtEvenIntervals(t *testing.T) {
	const n = 50
	for seed := range uint64(10) {
		for _, purpose := range []wire.Purpose{wire.ForGossip, wire.ForSync} {
			rng := seeded(seed)
			z := region(rng, n-1, n) // and the node itself
			every := int(math.Ceil((2*n - 1) / (0.25 * n)))
			since := 0
			for range 1_000 {
				z.Pick(nil, 3, wire.ForRelay, 7, rng)
				z.Pick(nil, 5, wire.ForGossip+wire.ForSync-purpose, wire.Self, rng)
				since++
				if ref := z.Pick(nil, 1, purpose, wire.Self, rng)[0]; ref < n {
					if since >= every {
						t.Fatalf("seed %d: %d picks for %v within the zone, want one of %d across", seed, since, purpose, every)
					}
				} else {
					since = 0
				}
			}
		}
	}
}

// Where a zone has nobody else left, everybody else is chosen alike.
func TestZonedFallsBackToEverybody(t *testing.T) {
	rng := seeded(11)
	z := region(rng, 10, 30, 15, 5)
	for ref := range wire.Ref(10) {
		z.Remove(ref + 1)
	}
	counts := make(map[string]int)
	for range draws / 2 {
		for _, ref := range z.Pick(nil, 2, wire.ForGossip, wire.Self, rng) {
			counts[fmt.Sprint(ref)]++
		}
	}
	if x := chiSquare(counts, 50, draws); x > critical[50] {
		t.Errorf("chi-square %.1f over 50 members, want at most %.1f", x, critical[50])
	}
}

// Picks come in random order: who crosses the zones is first, second and third
// equally often.
func TestZonedPicksInRandomOrder(t *testing.T) {
	rng := seeded(12)
	z := region(rng, 29, 30)
	var at [3]int
	for range 10_000 {
		for i, ref := range z.Pick(nil, 3, wire.ForGossip, wire.Self, rng) {
			if ref > 29 {
				at[i]++
			}
		}
	}
	total := at[0] + at[1] + at[2]
	for i, n := range at {
		if third := float64(total) / 3; math.Abs(float64(n)-third) > 5*math.Sqrt(third) {
			t.Errorf("of %d picks across, %d are at place %d: %v", total, n, i, at)
		}
	}
}
