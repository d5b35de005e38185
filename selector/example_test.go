package selector_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

func ExampleRoundRobin() {
	rng := rand.New(rand.NewPCG(1, 2))
	var s selector.RoundRobin
	for ref := range wire.Ref(4) {
		s.Add(ref+1, wire.Member{}, rng)
	}
	for range 2 {
		var round []wire.Ref
		for range 4 {
			ref, _ := s.Next(rng)
			round = append(round, ref)
		}
		slices.Sort(round) // each traversal has its own order
		fmt.Println("probed once each:", round)
	}
	s.Remove(2)
	relays := s.Pick(nil, 3, wire.ForRelay, 4, rng)
	slices.Sort(relays)
	fmt.Println("relays to ping 4:", relays)
	// Output:
	// probed once each: [1 2 3 4]
	// probed once each: [1 2 3 4]
	// relays to ping 4: [1 3]
}

func ExampleRandom() {
	rng := rand.New(rand.NewPCG(1, 2))
	var s selector.Random
	if _, ok := s.Next(rng); !ok {
		fmt.Println("nobody yet")
	}
	s.Add(7, wire.Member{}, rng)
	ref, ok := s.Next(rng)
	fmt.Println(ref, ok)
	// Output:
	// nobody yet
	// 7 true
}

// sameZone is a selector of a user: it gossips within its zone, and leaves
// probes, relays and syncs as they are, so that no zone is cut off.
type sameZone struct {
	selector.RoundRobin
	zone  string
	zones map[wire.Ref]string
}

func (z *sameZone) Add(ref wire.Ref, m wire.Member, rng *rand.Rand) {
	z.zones[ref] = m.Meta
	z.RoundRobin.Add(ref, m, rng)
}

func (z *sameZone) Remove(ref wire.Ref) {
	delete(z.zones, ref)
	z.RoundRobin.Remove(ref)
}

func (z *sameZone) Pick(dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	if purpose != wire.ForGossip {
		return z.RoundRobin.Pick(dst, n, purpose, except, rng)
	}
	kept := len(dst)
	// Everybody in random order, of whom the first n of the zone are kept.
	dst = z.RoundRobin.Pick(dst, len(z.zones), purpose, except, rng)
	for _, ref := range dst[kept:] {
		if z.zones[ref] == z.zone && n > 0 {
			dst[kept] = ref
			kept++
			n--
		}
	}
	return dst[:kept]
}

// A selector that looks at metadata embeds one of the package.
func Example_zones() {
	rng := rand.New(rand.NewPCG(1, 2))
	s := &sameZone{zone: "a", zones: make(map[wire.Ref]string)}
	for i, zone := range []string{"a", "b", "a", "b"} {
		s.Add(wire.Ref(i+1), wire.Member{Meta: zone}, rng)
	}
	peers := s.Pick(nil, 3, wire.ForGossip, wire.Self, rng)
	slices.Sort(peers)
	fmt.Println("gossip to", peers)
	fmt.Println("relays:", len(s.Pick(nil, 3, wire.ForRelay, 1, rng)))
	// Output:
	// gossip to [1 3]
	// relays: 3
}
