package selector_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// zoneOfName is "ab" for the member "ab17".
func zoneOfName(m wire.Member) string { return strings.TrimRight(m.Name, "0123456789") }

// region is a simulated cluster of several zones, in which nothing but gossip
// and what rides on probes spreads news.
type region struct {
	*sim.Sim
	across, within int // packets of gossip since last cleared
}

// newRegion starts size[i] nodes of zone i, which all know each other.
func newRegion(seed uint64, sizes []int, zoned func(own string) core.Selector) *region {
	r := &region{Sim: sim.New(seed)}
	r.Params.SyncInterval = -1
	zoneAt := make(map[string]string) // by address
	r.Configure = func(n *sim.Node, c *core.Config) {
		zone := zoneOfName(wire.Member{Name: n.Name})
		zoneAt[n.Addr] = zone
		if zoned != nil {
			c.Selector = zoned(zone)
		}
	}
	for zone, size := range sizes {
		for i := range size {
			r.Start(fmt.Sprintf("%c%c%d", 'a'+zone/26, 'a'+zone%26, i))
		}
	}
	first := r.Nodes()[0].Name
	for range 2 { // those who came first hear of the last
		for _, n := range r.Nodes()[1:] {
			r.Join(n, first)
		}
		r.Run(r.Now() + 30*time.Second)
	}
	r.OnPacket = func(from *sim.Node, p *core.Packet) {
		if p.Msg.Kind != wire.Gossip {
			return
		}
		if zoneAt[from.Addr] == zoneAt[p.To] {
			r.within++
		} else {
			r.across++
		}
	}
	return r
}

// spread lets a node announce something, and returns how long it takes the last
// to hear, and how many have not after ten seconds, when gossip has ended.
func (r *region) spread(from *sim.Node, news string) (took time.Duration, missing int) {
	missing = len(r.Nodes())
	for _, n := range r.Nodes() {
		if !n.Up() {
			missing--
		}
	}
	began := r.Now()
	r.OnEvent = func(_ *sim.Node, e *core.Event) {
		if e.After.Meta == news {
			took = r.Now() - began
			missing--
		}
	}
	r.SetMeta(from, news)
	r.Run(began + 10*time.Second)
	return took, missing
}

// outcome sums several claims up.
type outcome struct {
	claims, missing int
	took            time.Duration // all together
	across          float64       // part of the gossip
}

func (r *region) announce(claims int, o *outcome) {
	nodes := r.Nodes()
	for i := range claims {
		from := nodes[i*37%len(nodes)] // 37 is prime, so all zones have their turns
		took, missing := r.spread(from, fmt.Sprint("news ", i))
		o.claims++
		o.missing += missing
		o.took += took
	}
	o.across = float64(r.across) / float64(r.across+r.within)
}

func inZones(own string) core.Selector { return &selector.Zoned{Own: own, Zone: zoneOfName} }

// News reaches everybody as soon as with the selector that knows no zones, and
// costs the links between the zones a quarter.
func TestZonedEpidemic(t *testing.T) {
	const claims = 20
	sizes := []int{180, 90, 30}
	for seed := range uint64(2) {
		var uniform, zoned outcome
		newRegion(seed, sizes, nil).announce(claims, &uniform)
		newRegion(seed, sizes, inZones).announce(claims, &zoned)
		t.Logf("seed %d: uniform %+v, zoned %+v", seed, uniform, zoned)
		// Of 6,000 beliefs; either selector now and then leaves one to the digests.
		if zoned.missing > 5 {
			t.Errorf("seed %d: gossip missed %d members; the uniform selector %d", seed, zoned.missing, uniform.missing)
		}
		if zoned.took > 2*uniform.took {
			t.Errorf("seed %d: the last heard after %v on average, want at most twice %v", seed, zoned.took/claims, uniform.took/claims)
		}
		if quarter := uniform.across / 4; zoned.across > 1.1*quarter || zoned.across < 0.9*quarter {
			t.Errorf("seed %d: %.3f of the gossip crossed zones, want a quarter of %.3f", seed, zoned.across, uniform.across)
		}
	}
}

var largeAndLone = append([]int{270, 4, 3, 2}, slices.Repeat([]int{1}, 20)...)

// Members of very small zones hear all there is to hear, be they many or few.
func TestZonedEpidemicAmongSmallZones(t *testing.T) {
	lone := slices.Repeat([]int{1}, 120)
	const claims = 40
	for name, sizes := range map[string][]int{
		"one large":        largeAndLone,
		"all of one":       lone[:20],
		"more than limits": lone,
	} {
		for seed := range uint64(2) {
			var o outcome
			newRegion(seed, sizes, inZones).announce(claims, &o)
			if o.missing > 5 {
				t.Errorf("seed %d, %s: gossip missed %d members", seed, name, o.missing)
			}
		}
	}
}

// What a quarter of the service does to a lone member: it is left to the digests
// and syncs.
func TestEpidemicCheckerCatchesNeglect(t *testing.T) {
	var o outcome
	r := newRegion(1, largeAndLone, func(own string) core.Selector {
		return &neglectful{Zoned: selector.Zoned{Own: own, Zone: zoneOfName}, own: own}
	})
	r.announce(40, &o)
	if o.missing <= 5 {
		t.Errorf("the checker saw nothing wrong: %+v", o)
	}
}

// neglectful gossips within its zone, but for one pick in four, which is anybody.
type neglectful struct {
	selector.Zoned
	own   string
	zone  []wire.Ref
	picks int
}

func (s *neglectful) Add(ref wire.Ref, m wire.Member, rng *rand.Rand) {
	s.Zoned.Add(ref, m, rng)
	if zoneOfName(m) == s.own && !slices.Contains(s.zone, ref) {
		s.zone = append(s.zone, ref)
	}
}

func (s *neglectful) Pick(dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	if purpose != wire.ForGossip || len(s.zone) == 0 {
		return s.Zoned.Pick(dst, n, purpose, except, rng)
	}
	for range n {
		if s.picks++; s.picks%4 == 0 {
			dst = s.Zoned.Pick(dst, 1, wire.ForRelay, except, rng)
		} else if ref := s.zone[rng.IntN(len(s.zone))]; !slices.Contains(dst, ref) {
			dst = append(dst, ref)
		}
	}
	return dst
}

// The last of a zone, and a zone that dies whole, partition nothing.
func TestZonedOutlivesAZone(t *testing.T) {
	r := newRegion(1, []int{30, 20, 10}, inZones)
	var survivor *sim.Node
	for _, n := range r.Nodes() {
		switch zone := zoneOfName(wire.Member{Name: n.Name}); {
		case n.Name == "ab7":
			survivor = n
		case zone != "aa":
			r.Crash(n)
		}
	}
	r.Run(r.Now() + 2*time.Minute)
	if problem := sim.Disagreement(r.Sim); problem != "" {
		t.Fatalf("two minutes after two zones died: %s", problem)
	}
	for i, from := range []*sim.Node{survivor, r.Node("aa3"), survivor, r.Node("aa29")} {
		if took, missing := r.spread(from, fmt.Sprint("still here ", i)); missing > 0 || took > 2*time.Second {
			t.Errorf("news of %s missed %d members, and the last heard after %v", from.Name, missing, took)
		}
	}
}
