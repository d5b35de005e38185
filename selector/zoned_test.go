package selector

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/wire"
)

var _ chooser = (*Zoned)(nil)

func byMeta(m wire.Member) string { return m.Meta }

// region returns the selector of a node in zone a that knows sizes[0] members
// of its zone, as refs 1, 2 and so on, then sizes[1] of zone b, and so on.
func region(rng *rand.Rand, sizes ...int) *Zoned {
	z := &Zoned{Own: zoneName(0), Zone: byMeta}
	ref := wire.Ref(1)
	for zone, size := range sizes {
		for range size {
			z.Add(ref, wire.Member{Meta: zoneName(zone)}, rng)
			ref++
		}
	}
	return z
}

func zoneName(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return fmt.Sprint("z", i)
}

var layouts = [][]int{{0}, {1}, {3}, {0, 1}, {0, 7}, {1, 1, 1, 1}, {2, 5}, {5, 2}, {6, 0, 6}, {20, 9, 1}, {0, 1, 1, 1}}

func TestZonedPick(t *testing.T) {
	prefix := []wire.Ref{3, 3}
	for _, sizes := range layouts {
		rng := seeded(1)
		z := region(rng, sizes...)
		members := len(z.zones.refs)
		for n := -1; n <= members+2; n++ {
			for _, except := range []wire.Ref{wire.Self, -1, 1, wire.Ref(members), 999} {
				for purpose := wire.ForRelay; purpose <= wire.ForSync; purpose++ {
					want := members
					if except >= 1 && int(except) <= members {
						want--
					}
					want = max(0, min(n, want))
					got := z.Pick(slices.Clone(prefix), n, purpose, except, rng)
					if !slices.Equal(got[:2], prefix) {
						t.Fatalf("%v: Pick(%d) changed what dst held: %v", sizes, n, got)
					}
					got = got[2:]
					if len(got) != want || slices.Contains(got, except) || !distinctMembers(got, members) {
						t.Fatalf("%v: Pick(%d, %v, except %d) = %v, want %d distinct members", sizes, n, purpose, except, got, want)
					}
				}
			}
		}
	}
}

// The list by zone holds who was put there last, where it was put, whatever
// comes and goes.
func TestZonesFollowTheMembers(t *testing.T) {
	for seed := range uint64(20) {
		rng := seeded(seed)
		z := &Zoned{Own: "a", Zone: byMeta}
		want := make(map[wire.Ref]string)
		for step := range 3_000 {
			ref := wire.Ref(1 + rng.IntN(60))
			if rng.IntN(3) == 0 {
				z.Remove(ref)
				delete(want, ref)
			} else {
				want[ref] = zoneName(rng.IntN(8))
				z.Add(ref, wire.Member{Meta: want[ref]}, rng)
			}
			if problem := differs(z, want); problem != "" {
				t.Fatalf("seed %d, step %d: %s", seed, step, problem)
			}
		}
	}
}

func differs(z *Zoned, want map[wire.Ref]string) string {
	seen := 0
	for zone := range z.zones.ends {
		for _, ref := range z.zones.members(zone) {
			seen++
			name := z.Own
			if zone >= namedZones {
				name = z.zones.names[zone-namedZones]
			}
			if want[ref] != name || z.zones.of(ref) != zone {
				return fmt.Sprintf("%d is in zone %d, %q, and at %d; want it in %q", ref, zone, name, z.zones.of(ref), want[ref])
			}
		}
	}
	if seen != len(want) || len(z.zones.refs) != len(want) || len(z.probes.all.refs) != len(want) {
		return fmt.Sprintf("%d in zones, %d listed, %d to be probed, want %d", seen, len(z.zones.refs), len(z.probes.all.refs), len(want))
	}
	return ""
}

// Moving is not joining: a member that changes zones all the time is probed once
// per traversal like the others.
func TestZonedMoveKeepsTheTurn(t *testing.T) {
	rng := seeded(2)
	z := region(rng, 5, 5)
	for round := range 20 {
		turns := make(map[wire.Ref]int)
		for step := range 10 {
			z.Add(4, wire.Member{Meta: zoneName((round + step) % 3)}, rng)
			ref, _ := z.Next(rng)
			turns[ref]++
		}
		if len(turns) != 10 {
			t.Fatalf("round %d: turns %v, want one each", round, turns)
		}
	}
}

func TestZonedRelays(t *testing.T) {
	zoneOf := func(ref wire.Ref) string { // of region(10, 10, 10)
		return zoneName(int(ref-1) / 10)
	}
	rng := seeded(3)
	z := region(rng, 10, 10, 10)
	for _, target := range []wire.Ref{5, 15, 25} {
		elsewhere := make(map[string]int)
		for range 2_000 {
			var zones []string
			for _, ref := range z.Pick(nil, 3, wire.ForRelay, target, rng) {
				zones = append(zones, zoneOf(ref))
			}
			own, theirs := slices.Index(zones, "a"), slices.Index(zones, zoneOf(target))
			if own < 0 || theirs < 0 {
				t.Fatalf("relays to ping %d of %s are of %v", target, zoneOf(target), zones)
			}
			zones[own] = ""
			zones[theirs] = ""
			for _, zone := range zones {
				elsewhere[zone]++
			}
		}
		for zone := range 3 { // the rest are from anywhere
			if n := elsewhere[zoneName(zone)]; n < 500 {
				t.Errorf("of the other relays to ping %d, %d are of zone %s: %v", target, n, zoneName(zone), elsewhere)
			}
		}
	}
	// A target that nobody knows has no zone, and a single relay is anybody.
	counts := make(map[string]int)
	for range 3_000 {
		counts[zoneOf(z.Pick(nil, 1, wire.ForRelay, 15, rng)[0])]++
		if got := z.Pick(nil, 3, wire.ForRelay, 500, rng); len(got) != 3 {
			t.Fatalf("relays to ping a stranger: %v", got)
		}
	}
	for zone, n := range counts {
		if n < 850 {
			t.Errorf("zone %s relays %d of 3000 times alone", zone, n)
		}
	}
}

// More zones than are told apart are one, and a place that falls empty is used
// again.
func TestZonedLimits(t *testing.T) {
	rng := seeded(4)
	z := &Zoned{Own: "a", Zone: byMeta}
	long := strings.Repeat("x", MaxZoneBytes+1)
	z.Add(1, wire.Member{Meta: "a"}, rng)
	z.Add(2, wire.Member{Meta: long}, rng)
	for i := range MaxZones + 10 {
		z.Add(wire.Ref(10+i), wire.Member{Meta: fmt.Sprint("zone", i)}, rng)
	}
	if got := z.Overflow(); got != 11 {
		t.Errorf("%d members overflow, want 11", got)
	}
	if got := len(z.zones.names); got != MaxZones {
		t.Errorf("%d names are kept, want %d", got, MaxZones)
	}
	if got := len(z.Pick(nil, 500, wire.ForGossip, wire.Self, rng)); got != MaxZones+12 {
		t.Errorf("%d members can be chosen, want %d", got, MaxZones+12)
	}
	for range 100 {
		if got := z.Pick(nil, 2, wire.ForRelay, 2, rng); z.zones.of(got[0]) != overflowZone && z.zones.of(got[1]) != overflowZone {
			t.Fatalf("relays %v to ping one of the overflow, and none is of it", got)
		}
	}
	z.Remove(10)
	z.Add(200, wire.Member{Meta: "new"}, rng)
	if zone := z.zones.of(200); zone < namedZones || z.Overflow() != 11 {
		t.Errorf("a zone in place of one that is empty is %d, and %d members overflow", zone, z.Overflow())
	}
	z.Add(2, wire.Member{Meta: "a"}, rng)
	if zone := z.zones.of(2); zone != ownZone || z.Overflow() != 10 {
		t.Errorf("who came home is in zone %d, and %d members overflow", zone, z.Overflow())
	}
}

func TestZonedWithoutAZoneFunction(t *testing.T) {
	var z Zoned
	err := z.Validate()
	if err == nil || !strings.HasPrefix(err.Error(), "swim: selector.Zoned.Zone = nil: ") {
		t.Errorf("Validate: %v", err)
	}
	defer func() {
		if got, ok := recover().(error); !ok || !errors.Is(got, err) {
			t.Errorf("Add panics with %v, want %v", got, err)
		}
	}()
	z.Add(1, wire.Member{}, seeded(5))
}

func TestZonedBeforeAnybodyIsKnown(t *testing.T) {
	rng := seeded(6)
	z := &Zoned{Zone: byMeta}
	z.Remove(7)
	if ref, ok := z.Next(rng); ok {
		t.Errorf("Next = %d, want nobody", ref)
	}
	for purpose := wire.ForRelay; purpose <= wire.ForSync; purpose++ {
		if got := z.Pick(nil, 3, purpose, 5, rng); len(got) != 0 || z.Overflow() != 0 {
			t.Errorf("%v: Pick = %v, want nobody", purpose, got)
		}
	}
	if err := z.Validate(); err != nil {
		t.Error(err)
	}
}

func TestZonedDeterminism(t *testing.T) {
	play := func() (log []wire.Ref) {
		rng, ops := seeded(7), seeded(8)
		z := &Zoned{Own: "a", Zone: byMeta}
		for range 5_000 {
			ref := wire.Ref(1 + ops.IntN(200))
			switch ops.IntN(4) {
			case 0:
				z.Add(ref, wire.Member{Meta: zoneName(ops.IntN(5))}, rng)
			case 1:
				z.Remove(ref)
			case 2:
				next, _ := z.Next(rng)
				log = append(log, next)
			case 3:
				log = z.Pick(log, 3, wire.ForRelay+wire.Purpose(ops.IntN(3)), ref, rng)
			}
		}
		return log
	}
	if a, b := play(), play(); !slices.Equal(a, b) {
		t.Error("two runs differ")
	}
}

func TestZonedNoAllocations(t *testing.T) {
	rng := seeded(9)
	z := region(rng, 700, 200, 100)
	if n := allocations(func() { z.Next(rng) }); n != 0 {
		t.Errorf("Next: %v allocations, want none", n)
	}
	dst := make([]wire.Ref, 0, 3)
	for purpose := wire.ForRelay; purpose <= wire.ForSync; purpose++ {
		if n := allocations(func() { dst = z.Pick(dst[:0], 3, purpose, 5, rng) }); n != 0 {
			t.Errorf("Pick %v: %v allocations, want none", purpose, n)
		}
	}
	here, there := wire.Member{Meta: "a"}, wire.Member{Meta: "b"}
	if n := allocations(func() { z.Add(500, there, rng); z.Remove(500); z.Add(500, here, rng) }); n != 0 {
		t.Errorf("Add and Remove: %v allocations, want none", n)
	}
}

// What a member costs here beside RoundRobin is a promise, too.
func TestZonedMemoryPerMember(t *testing.T) {
	const n = 10_000
	z := region(seeded(10), n/2, n/4, n/4)
	total := 4*cap(z.zones.refs) + cap(z.zones.where)
	if limit := n * 7; total > limit {
		t.Errorf("%d members take %d bytes, want at most %d", n, total, limit)
	}
}

func BenchmarkZonedPick3(b *testing.B) {
	for _, n := range []int{128, 10_000} {
		for purpose := wire.ForRelay; purpose <= wire.ForSync; purpose++ {
			b.Run(fmt.Sprintf("%v/%d", purpose, n), func(b *testing.B) {
				rng := seeded(1)
				z := region(rng, n/2, n/4, n/4)
				dst := make([]wire.Ref, 0, 3)
				b.ReportAllocs()
				for b.Loop() {
					dst = z.Pick(dst[:0], 3, purpose, wire.Ref(n/2), rng)
				}
			})
		}
	}
}
