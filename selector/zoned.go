package selector

import (
	"math/rand/v2"

	"github.com/swim-go/swim/wire"
)

// Zoned is for a cluster that spans zones: racks, data centres, regions,
// wherever traffic between them is slow or has a price. It chooses by purpose.
//
//   - Probes take no notice of zones: [RoundRobin], with its bound of 2n-1. Who is
//     probed by few is found dead late, and a member of a small zone, or one
//     whose zone died with it, would have nobody left but strangers who rarely
//     look. A probe is one small packet a period whatever the zones, and the
//     digests on it are how views that differ across zones are found.
//   - Gossip and syncs mostly stay at home. Of what RoundRobin would send from a
//     zone of a members to one of b, the share
//     min(1, max(1/Thinning, 4/min(a, b))) is sent, and the rest goes to the own
//     zone instead. So zones of up to four are not thinned at all, and large
//     ones all the way.
//   - Relays are a mix: one of the own zone, one of the target's, the rest from
//     anywhere. The first can say with a nack that it is not us who are cut off
//     when the link between the zones is; the second needs that link once, and
//     may have another way over it; the others see the target from elsewhere.
//     A single relay is anybody, so that those who ask after the same member ask
//     at different places.
//
// The share is the same in both directions. Therefore each member hears as much
// gossip as with RoundRobin, however the zones are cut, and the few members of a
// small zone are not overrun by a large one. A share for each sender alone would
// do both: of 1,000 members with a neighbour zone of one, a quarter would call
// on that one each time; and where one in four of their picks went to any
// member at all, it would hear a quarter of the news, for no claim is sent
// forever.
//
// No zone is ever cut off: the share is positive between any two, is paid out
// at even intervals rather than by chance, and is all there is where the own
// zone has too few members, or none. Among 300 members in zones of 180, 90 and 30
// news is everywhere as soon as with RoundRobin, and 14 % of the packets of gossip
// cross zones instead of 54 % (TestZonedEpidemic).
//
// A Zoned needs Own and Zone; all else may be zero. It must not be copied once
// used. One goroutine may use it at a time, Pick included.
type Zoned struct {
	// Own is the zone of the node itself. A node that moves to another zone is
	// started anew: a selector is not told of its own node.
	Own string
	// Zone tells a member's zone, from its metadata for instance. Where that is
	// missing or makes no sense it had better answer "", a zone like any other.
	// Add calls it, so it must not block, and what it answers for a member holds
	// until the member's address or metadata change. Answers longer than
	// [MaxZoneBytes], and those beyond [MaxZones], are one zone together.
	Zone func(wire.Member) string
	// Thinning is k: one in k of the gossip and syncs between large zones is
	// sent. 1 treats all zones alike. Default 4.
	Thinning uint8

	probes RoundRobin
	zones  zones
	gossip crossing
	syncs  crossing
	hand   hand
}

// fullService is up to how many members a zone is not thinned. Members so few
// cannot rely on each other to be told: with the usual fanout of three a claim is
// sent nine times by each of 300, and one in four of that would leave a lone
// member ignorant of every tenth.
const fullService = 4

const defaultThinning = 4

// Validate returns nil if z can be used. Otherwise [Zoned.Add] panics with the
// same error, at the latest when the node hears of its first peer.
func (z *Zoned) Validate() error {
	if z.Zone == nil {
		return invalid("swim: selector.Zoned.Zone = nil: give a function that tells a member's zone")
	}
	return nil
}

// invalid says that a selector was put together wrongly.
type invalid string

func (i invalid) Error() string { return string(i) }

// Add lets ref be chosen from now on, or notes the zone that it has moved to,
// which takes time in proportion to the number of members and neither gives it a
// second turn to be probed nor costs it one. It panics without a Zone function.
func (z *Zoned) Add(ref wire.Ref, m wire.Member, rng *rand.Rand) {
	if err := z.Validate(); err != nil {
		panic(err)
	}
	if len(z.zones.refs) == 0 {
		// Nodes started together would else cross zones together.
		z.gossip.credit, z.syncs.credit = rng.Int64N(whole), rng.Int64N(whole)
	}
	z.probes.Add(ref, m, rng)
	z.zones.put(ref, z.zones.find(z.Zone(m), z.Own))
}

// Remove keeps ref from being chosen. An unknown ref changes nothing. It takes
// time in proportion to the number of members.
func (z *Zoned) Remove(ref wire.Ref) {
	z.probes.Remove(ref)
	z.zones.remove(ref)
}

// Next chooses whom to probe, as [RoundRobin.Next] does. It returns false if
// there is nobody.
func (z *Zoned) Next(rng *rand.Rand) (wire.Ref, bool) { return z.probes.Next(rng) }

// Pick appends to dst up to n distinct members other than except, in random
// order: all there are, if they are fewer than n, whatever their zones.
func (z *Zoned) Pick(dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	left := z.hand.begin(&z.zones, except)
	n = max(0, min(n, left))
	switch purpose {
	case wire.ForGossip:
		z.thin(n, &z.gossip, rng)
	case wire.ForSync:
		z.thin(n, &z.syncs, rng)
	case wire.ForRelay:
		z.surround(n, z.zones.of(except), rng)
	default:
		return z.probes.Pick(dst, n, purpose, except, rng)
	}
	start := len(dst)
	for zone := range z.hand {
		dst = sample(dst, z.zones.members(zone), z.hand[zone].take, except, rng)
	}
	// A node that runs out of news on the way through its picks must not save on
	// the same zone each time.
	picks := dst[start:]
	for i := len(picks) - 1; i > 0; i-- {
		j := rng.IntN(i + 1)
		picks[i], picks[j] = picks[j], picks[i]
	}
	return dst
}

// Overflow is how many members are in the one zone of those that [MaxZones] and
// [MaxZoneBytes] have no room for. It is for whoever calls the other methods,
// and for everybody once the node is closed.
func (z *Zoned) Overflow() int { return len(z.zones.members(overflowZone)) }

// thin makes n picks mostly of the own zone.
func (z *Zoned) thin(n int, c *crossing, rng *rand.Rand) {
	if n == 0 {
		return
	}
	own := len(z.zones.members(ownZone)) + 1 // the node too
	weight := int64(0)
	for zone := overflowZone; zone < len(z.hand); zone++ {
		h := &z.hand[zone]
		h.weight = z.share(min(own, len(z.zones.members(zone))))
		weight += int64(h.left) * h.weight
	}
	// No more than there are: the share of n picks is a part of them, rounded.
	cross := c.count(n, weight/int64(len(z.zones.refs)))
	cross = max(cross, n-z.hand[ownZone].left)
	z.hand.take(ownZone, n-cross)
	for range cross {
		z.hand.draw(rng)
	}
}

// share is what is sent of the traffic of two zones, as a part of whole, by the
// number of members of the smaller one.
func (z *Zoned) share(members int) int64 {
	k := int64(z.Thinning)
	if k == 0 {
		k = defaultThinning
	}
	return max(whole/k, min(whole, whole*fullService/int64(max(members, 1))))
}

// surround makes n picks on as many sides of a zone as there are.
func (z *Zoned) surround(n, target int, rng *rand.Rand) {
	for zone := range z.hand {
		z.hand[zone].weight = 1
	}
	if n > 1 {
		n -= z.hand.take(ownZone, 1)
		if target > ownZone {
			n -= z.hand.take(target, 1)
		}
	}
	for range n {
		z.hand.draw(rng)
	}
}

// whole is the share 1. It is a power of two, and shares are integers, because
// no choice may rest on how a machine rounds.
const whole = int64(1) << 32

// crossing tells which picks cross zones. It pays a share out at even intervals,
// as a line is drawn on a grid: by chance alone, a node would now and then keep
// its news to its zone for long.
type crossing struct{ credit int64 } // below whole

func (c *crossing) count(n int, share int64) (cross int) {
	for range n {
		if c.credit += share; c.credit >= whole {
			c.credit -= whole
			cross++
		}
	}
	return cross
}
