package selector_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// The metadata of the members says "zone=" and their zone. As Config.Selector
// of a node in zone a:
func ExampleZoned() {
	s := &selector.Zoned{
		Own: "a",
		Zone: func(m wire.Member) string {
			zone, _ := strings.CutPrefix(m.Meta, "zone=")
			return zone
		},
	}

	// What the node does with it:
	rng := rand.New(rand.NewPCG(1, 2))
	for ref := range wire.Ref(90) {
		s.Add(ref+1, wire.Member{Meta: "zone=" + string("abc"[ref/30])}, rng)
	}
	within := 0
	for range 100 {
		for _, ref := range s.Pick(nil, 3, wire.ForGossip, wire.Self, rng) {
			if ref <= 30 {
				within++
			}
		}
	}
	fmt.Printf("%d of 300 packets of gossip stay in zone a\n", within)

	relays := s.Pick(nil, 2, wire.ForRelay, 31, rng)
	slices.Sort(relays)
	fmt.Println("relays to ping a member of zone b:", relays[0] <= 30, relays[1] > 31 && relays[1] <= 60)
	// Output:
	// 250 of 300 packets of gossip stay in zone a
	// relays to ping a member of zone b: true true
}

// A Zoned that nobody told what a zone is says so.
func ExampleZoned_Validate() {
	fmt.Println((&selector.Zoned{Own: "a"}).Validate())
	// Output: swim: selector.Zoned.Zone = nil: give a function that tells a member's zone
}
