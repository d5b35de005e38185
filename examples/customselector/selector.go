package main

import (
	"math/rand/v2"
	"strings"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// zoned gossips within its own zone, but for one member each time, which may be
// from anywhere. Probes, relays and syncs are left to the embedded RoundRobin:
// each member must be probed, whatever its zone.
//
// That one member keeps the cluster whole. Zones that gossip with themselves
// alone would hear of each other by the rare sync only, and their suspects could
// not refute in time. It is chosen without regard to zones, so news spreads by
// it alone as it does with the default selector, only slower.
type zoned struct {
	selector.RoundRobin
	zone  string
	zones map[wire.Ref]string

	// How many of its picks were in its zone, and how many were not.
	inside, outside int
}

var _ swim.MemberSelector = (*zoned)(nil)

func newZoned(zone string) *zoned {
	return &zoned{zone: zone, zones: make(map[wire.Ref]string)}
}

// Add is called for new metadata of a known member too, which may have moved.
func (z *zoned) Add(ref wire.Ref, m wire.Member, rng *rand.Rand) {
	z.zones[ref] = zoneOf(m.Meta)
	z.RoundRobin.Add(ref, m, rng)
}

// Remove forgets the zone: the ref may come to stand for another member.
func (z *zoned) Remove(ref wire.Ref) {
	delete(z.zones, ref)
	z.RoundRobin.Remove(ref)
}

// Pick appends up to n distinct members to dst.
func (z *zoned) Pick(dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	if purpose != wire.ForGossip || n < 1 {
		return z.RoundRobin.Pick(dst, n, purpose, except, rng)
	}
	// Everybody in random order, behind what dst holds. The first stays where it
	// is, wherever it is from. Behind it come those of the zone, and where they
	// are too few, the others fill up.
	start := len(dst)
	dst = z.RoundRobin.Pick(dst, len(z.zones), purpose, except, rng)
	picks := dst[start:]
	next := 1
	for i := 1; i < len(picks) && next < n; i++ {
		if z.zones[picks[i]] == z.zone {
			picks[next], picks[i] = picks[i], picks[next]
			next++
		}
	}
	picks = picks[:min(n, len(picks))]
	for _, ref := range picks {
		if z.zones[ref] == z.zone {
			z.inside++
		} else {
			z.outside++
		}
	}
	return dst[:start+len(picks)]
}

// zoneOf finds the zone in metadata such as "zone=a version=2".
func zoneOf(meta string) string {
	for field := range strings.FieldsSeq(meta) {
		if zone, ok := strings.CutPrefix(field, "zone="); ok {
			return zone
		}
	}
	return ""
}
