package core

import (
	"strings"
	"time"

	"github.com/swim-go/swim/wire"
)

// Users' broadcasts travel beside the claims and are no part of the protocol. Each
// node passes what is new to it on a number of times (broadcast_push.go), as SWIM
// does with claims, and compares with others what both have (broadcast_repair.go),
// as in bimodal multicast (Birman et al. 1999): what pushing missed, one in a hundred
// or so, is found that way. What has come is handed to the owner in the order in which
// its origin sent it (broadcast_origin.go), and kept for a while for those who lack it
// (broadcast_keep.go). Of what is larger than a packet an announcement travels, and
// who hears it fetches it (broadcast_fetch.go).

// Channel says how the broadcasts of one name are served.
type Channel struct {
	Name string
	// Priority is which go first, from 0 to MaxPriority.
	Priority int
	// QueueBytes bounds those that wait to be sent.
	QueueBytes int
}

// MaxPriority is the highest Channel.Priority.
const MaxPriority = 2

// Broadcasting is the part of a Config that is about broadcasts.
type Broadcasting struct {
	// Channels are those that are told apart. Others is for all the others together.
	Channels []Channel
	Others   Channel
	// KeepBytes bounds what is kept, of all origins, for those who lack it.
	KeepBytes int
	// MaxBytes bounds one payload.
	MaxBytes int
}

// DefaultBroadcasting has room for a second of a thousand small ones on their way, and
// for ten seconds of them for who lacks them.
func DefaultBroadcasting() Broadcasting {
	return Broadcasting{Others: Channel{Priority: 1, QueueBytes: 2 << 20}, KeepBytes: 8 << 20, MaxBytes: 1 << 20}
}

// The limits of a Machine's broadcasts, beside those of Broadcasting.
const (
	// maxOrigins bounds from how many members broadcasts are remembered.
	maxOrigins = 4096
	// maxAhead bounds how far a broadcast of an origin may be ahead of the first that
	// is missing. Beyond it, what is missing is missed.
	maxAhead = 4096
	// maxSpan bounds the numbers between the oldest and the newest kept of an origin.
	maxSpan = 1 << 14
	// castOverhead is what a broadcast takes in memory beside its texts, about.
	castOverhead = 256
	// keepFor is for how many gossip intervals a broadcast is kept for others,
	// and patience for how many one that is missing holds up those that follow.
	keepFor  = 50
	patience = 25
)

// cast is one broadcast that is known here.
type cast struct {
	b       wire.Broadcast // all its own; of an announcement that is fetched, with both Size and Payload
	origin  *origin
	lane    *lane
	size    int           // in a packet
	came    time.Duration // when
	via     wire.Ref      // from whom
	missing bool          // it was announced, and is not here yet
	silent  bool          // it is kept, and not passed on by ourselves
	lost    bool          // it was given up here, and is void to us alone

	sent   int // times
	served uint64
	queued bool
	prev   *cast // in its queue
	next   *cast
	older  *cast // among those kept
	newer  *cast
}

// bytes is what it takes in memory.
func (c *cast) bytes() int {
	return castOverhead + len(c.b.Channel) + len(c.b.Key) + len(c.b.Payload)
}

// broadcasts are those that a Machine knows of. It has none until the first.
type broadcasts struct {
	self    *origin
	origins []*origin
	byName  map[string]*origin
	lanes   []lane
	queue   castQueue
	kept    castKeep
	fetches []*fetch

	nextPush   time.Duration
	lastPush   time.Duration
	nextSweep  time.Duration
	answered   int // comparisons since answeredAt
	answeredAt time.Duration
	cursor     int    // which origin a comparison begins with
	serves     uint64 // rounds to a member

	stats BroadcastStats
	sized wire.Message // scratch of sizeOf
	empty int          // its size with the first broadcast alone
}

// BroadcastStats counts a Machine's broadcasts.
type BroadcastStats struct {
	// Waiting are to be sent, QueueBytes of them; Kept are remembered for others,
	// KeptBytes of them; Held wait for one that is missing before them.
	Waiting, QueueBytes, Kept, KeptBytes, Held int
	// Sent are our own; Received came from others, each counted once, and Duplicates
	// are all that came again; Delivered were handed to the owner.
	Sent, Received, Duplicates, Delivered uint64
	// Replaced gave way to a later one of the same key. Missed never came.
	Replaced, Missed uint64
	// Passed counts the times that broadcasts were sent on; Shed found the queue full
	// and were not, or no more.
	Passed, Shed uint64
	// Compared counts the comparisons begun, Repaired the broadcasts that were sent to
	// those who lacked them.
	Compared, Repaired uint64
	// Fetched came over a stream, and FetchesFailed did not.
	Fetched, FetchesFailed uint64
	// Refused come from no live member, or over its limits; Invalid from no correct peer.
	Refused, Invalid uint64
}

// lane is a Channel at work.
type lane struct {
	Channel
	bytes int // waiting
}

// Broadcasted is what became of a Broadcast. The zero value is not valid.
type Broadcasted uint8

const (
	// BroadcastQueued: it is on its way.
	BroadcastQueued Broadcasted = iota + 1
	// BroadcastQueueFull: as much waits on its channel as may.
	BroadcastQueueFull
	// BroadcastTooLarge: see BroadcastLimit.
	BroadcastTooLarge
)

// Broadcast sends a payload to all other members. A key, if it is not "", lets it take
// the place of an earlier one of ours with that channel and key. The payload is copied.
func (m *Machine) Broadcast(now time.Duration, channel, key string, payload []byte) Broadcasted {
	m.begin(now)
	bs := m.broadcasting()
	o := bs.self
	if o.epoch != m.epoch() { // others take it for another life
		bs.restart(o, m.epoch())
	}
	c := &cast{origin: o, lane: bs.laneOf(channel), came: m.now, b: wire.Broadcast{
		Origin: m.cfg.Name, Epoch: o.epoch, Seq: o.next, Channel: strings.Clone(channel), Key: strings.Clone(key),
	}}
	c.b.Payload = append([]byte(nil), payload...)
	if len(payload) > m.inlineLimit(channel, key, payload) {
		if !m.cfg.Streams || len(payload) > m.cfg.Broadcasts.MaxBytes {
			return BroadcastTooLarge
		}
		c.b.Size = uint32(len(payload))
	}
	c.size = bs.sizeOf(m, c.told())
	if c.lane.bytes > 0 && c.lane.bytes+c.bytes() > c.lane.QueueBytes {
		return BroadcastQueueFull
	}
	bs.stats.Sent++
	o.put(c)
	o.next++
	bs.supersede(m, c)
	bs.keep(m, c)
	m.enqueue(c)
	return BroadcastQueued
}

// BroadcastLimit is how long a payload on that channel and with that key may be, given
// this one.
func (m *Machine) BroadcastLimit(channel, key string, payload []byte) int {
	if m.broadcasting(); m.cfg.Streams {
		return m.cfg.Broadcasts.MaxBytes
	}
	return m.inlineLimit(channel, key, payload)
}

// inlineLimit is how long a payload in a packet may be, whatever its number.
func (m *Machine) inlineLimit(channel, key string, payload []byte) int {
	b := wire.Broadcast{
		Origin: m.cfg.Name, Epoch: 1<<64 - 1, Seq: 1<<64 - 1, Channel: channel, Key: key,
		Payload: payload[:min(len(payload), m.maxClaim)],
	}
	return max(m.maxClaim-(m.casts.sizeOf(m, &b)-len(b.Payload)), 0)
}

// told is how a broadcast stands in a packet.
func (c *cast) told() *wire.Broadcast {
	if !c.b.Announced() {
		return &c.b
	}
	b := c.b
	b.Payload = nil
	return &b
}

// broadcasting returns the broadcasts, which a Machine that has none does without.
func (m *Machine) broadcasting() *broadcasts {
	if m.casts != nil {
		return m.casts
	}
	if m.cfg.Broadcasts.KeepBytes == 0 {
		m.cfg.Broadcasts = DefaultBroadcasting()
	}
	bs := &broadcasts{
		byName:   make(map[string]*origin),
		nextPush: noDeadline, nextSweep: noDeadline, lastPush: m.now - m.pushInterval(),
	}
	for _, c := range m.cfg.Broadcasts.Channels {
		bs.lanes = append(bs.lanes, lane{Channel: c})
	}
	bs.lanes = append(bs.lanes, lane{Channel: m.cfg.Broadcasts.Others})
	bs.sized.Broadcasts = make([]wire.Broadcast, 1, 2)
	bs.empty = m.cfg.MessageSize(&bs.sized)
	bs.sized.Broadcasts = bs.sized.Broadcasts[:2]
	m.casts = bs
	bs.self = bs.add(m.cfg.Name, m.epoch())
	return bs
}

// laneOf returns the channel of a name, which is the last for those not told apart.
func (bs *broadcasts) laneOf(channel string) *lane {
	last := len(bs.lanes) - 1
	for i := range bs.lanes[:last] {
		if bs.lanes[i].Name == channel {
			return &bs.lanes[i]
		}
	}
	return &bs.lanes[last]
}

// sizeOf is how many bytes a broadcast takes in a packet, as the second of two: what
// comes between them counts as well. A Codec that does not know broadcasts says nothing
// of them.
func (bs *broadcasts) sizeOf(m *Machine, b *wire.Broadcast) int {
	bs.sized.Broadcasts[1] = *b
	size := m.cfg.MessageSize(&bs.sized) - bs.empty
	bs.sized.Broadcasts[1] = wire.Broadcast{}
	return max(size, len(b.Payload)+1)
}

// BroadcastStats returns the counters of broadcasts.
func (m *Machine) BroadcastStats() BroadcastStats {
	bs := m.casts
	if bs == nil {
		return BroadcastStats{}
	}
	s := bs.stats
	s.Waiting, s.Kept, s.KeptBytes = bs.queue.len, bs.kept.len, bs.kept.bytes
	for i := range bs.lanes {
		s.QueueBytes += bs.lanes[i].bytes
	}
	for _, o := range bs.origins {
		s.Held += o.held
	}
	return s
}

func (bs *broadcasts) deadline() time.Duration {
	if bs == nil {
		return noDeadline
	}
	return min(bs.nextPush, bs.nextSweep)
}
