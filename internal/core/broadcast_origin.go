package core

import (
	"slices"
	"strings"
	"time"

	"github.com/swim-go/swim/wire"
)

// origin is what is known of the broadcasts of one life of a member. A broadcast is
// had if it is below next or stands in casts: that, and nothing else, is the memory by
// which each is delivered once.
type origin struct {
	name  string
	epoch uint64
	next  uint64            // the first that was not delivered, nor given up; of ours, the next to be sent
	base  uint64            // the number of casts[0]
	casts []*cast           // by number from base on, nil where there is none
	held  int               // of them at next or above
	keys  map[string]uint64 // the latest of each channel and key that is kept
	young bool              // it was heard of when we had just begun, and nothing of it was delivered
}

// at returns the broadcast of a number, if it is kept or held.
func (o *origin) at(seq uint64) *cast {
	if seq < o.base || seq-o.base >= uint64(len(o.casts)) {
		return nil
	}
	return o.casts[seq-o.base]
}

// end is behind the highest number known.
func (o *origin) end() uint64 { return max(o.next, o.base+uint64(len(o.casts))) }

func (o *origin) has(seq uint64) bool { return seq < o.next || o.at(seq) != nil }

// put notes a broadcast. Its number is within maxSpan of those that are kept.
func (o *origin) put(c *cast) {
	seq := c.b.Seq
	if len(o.casts) == 0 {
		o.base = seq
	}
	if seq < o.base {
		o.casts = slices.Insert(o.casts, 0, make([]*cast, o.base-seq)...)
		o.base = seq
	}
	for seq-o.base >= uint64(len(o.casts)) {
		o.casts = append(o.casts, nil)
	}
	o.casts[seq-o.base] = c
}

// drop forgets a broadcast that is kept no more.
func (o *origin) drop(c *cast) {
	o.casts[c.b.Seq-o.base] = nil
	for len(o.casts) > 0 && o.casts[0] == nil {
		o.casts = o.casts[1:]
		o.base++
	}
	if len(o.casts) == 0 {
		o.casts = nil
	}
}

// add begins the memory of a member's life.
func (bs *broadcasts) add(name string, epoch uint64) *origin {
	o := &origin{name: name, epoch: epoch, next: 1}
	bs.origins = append(bs.origins, o)
	bs.byName[name] = o
	return o
}

// restart begins the memory of another life of the same member.
func (bs *broadcasts) restart(o *origin, epoch uint64) {
	bs.forgetAll(o)
	*o = origin{name: o.name, epoch: epoch, next: 1}
}

// originOf returns the memory of a member whose life is in the table, and makes it if
// there is none. It returns nil if there is no room.
func (m *Machine) originOf(ref wire.Ref) *origin {
	bs, who := m.casts, m.table.rows[ref].who
	o := bs.byName[who.Name]
	switch {
	case o != nil && o.epoch == who.Epoch:
		return o
	case o != nil:
		m.giveUp(o, o.end()) // what its former life said last
		bs.restart(o, who.Epoch)
	case len(bs.origins) >= maxOrigins && !bs.evictOrigin():
		return nil
	default:
		o = bs.add(who.Name, who.Epoch)
	}
	o.young = m.now-m.born < m.castTime(keepFor)
	return o
}

// evictOrigin forgets a member of whose broadcasts none is under way any more.
func (bs *broadcasts) evictOrigin() bool {
	i := slices.IndexFunc(bs.origins, func(o *origin) bool { return o != bs.self && len(o.casts) == 0 })
	if i < 0 {
		return false
	}
	delete(bs.byName, bs.origins[i].name)
	bs.origins = slices.Delete(bs.origins, i, i+1)
	return true
}

// castTime is so many gossip intervals.
func (m *Machine) castTime(intervals int) time.Duration {
	return time.Duration(intervals) * m.repairInterval()
}

// speaks returns the member whose life a broadcast comes from, if it may be believed
// to: it is live, or has not been gone for longer than what it said last takes to
// spread. Who says goodbye and leaves must not be cut short.
func (m *Machine) speaks(name string, epoch uint64) (wire.Ref, bool) {
	ref, ok := m.table.find(name)
	if !ok || m.table.rows[ref].who.Epoch != epoch {
		return 0, false
	}
	r := &m.table.rows[ref]
	return ref, r.state.Live() || m.now-r.changed < m.castTime(keepFor)
}

// hearBroadcasts takes those of a message. repair says that they were sent because we
// lacked them: others need not be told by us.
func (m *Machine) hearBroadcasts(msg *wire.Message, repair bool) {
	if len(msg.Broadcasts) == 0 {
		return
	}
	bs := m.broadcasting()
	via, ok := m.speaks(msg.Sender.Name, msg.Sender.Epoch)
	if !ok {
		bs.stats.Refused += uint64(len(msg.Broadcasts))
		return
	}
	for i := range msg.Broadcasts {
		m.hearBroadcast(&msg.Broadcasts[i], via, repair)
	}
}

func (m *Machine) hearBroadcast(b *wire.Broadcast, via wire.Ref, repair bool) {
	bs := m.casts
	if b.Check() != nil {
		bs.stats.Invalid++
		return
	}
	ref, ok := m.speaks(b.Origin, b.Epoch)
	if !ok {
		bs.stats.Refused++
		return
	}
	if ref == wire.Self {
		if !m.disown(b.Epoch, b.Seq) {
			bs.heardAgain(m, bs.self, b.Seq, via)
		}
		return
	}
	o := m.originOf(ref)
	if o == nil {
		bs.stats.Shed++
		return
	}
	if o.has(b.Seq) {
		bs.heardAgain(m, o, b.Seq, via)
		return
	}
	m.makeRoom(o, b.Seq)
	bs.stats.Received++
	c := m.copyOf(o, b, via)
	c.silent = repair
	o.put(c)
	o.held++
	bs.supersede(m, c)
	bs.keep(m, c)
	if c.missing {
		m.fetchLater(c)
	} else if !repair {
		m.enqueue(c)
	}
	m.deliverBroadcasts(o)
}

// disown begins another life if one of our broadcasts has a number that we have not
// reached: somebody made it up, and who believes it takes all that we say below it for
// said.
func (m *Machine) disown(epoch, seq uint64) bool {
	if self := m.casts.self; epoch != m.epoch() || epoch == self.epoch && seq < self.next {
		return false
	}
	before := m.Local()
	if before.State != wire.Left {
		m.renew(before.Epoch + 1)
		m.refute(before)
	}
	return true
}

// copyOf copies a broadcast, which is made of views.
func (m *Machine) copyOf(o *origin, b *wire.Broadcast, via wire.Ref) *cast {
	bs := m.casts
	c := &cast{origin: o, lane: bs.laneOf(b.Channel), came: m.now, via: via, b: wire.Broadcast{
		Origin: o.name, Epoch: o.epoch, Seq: b.Seq, Key: strings.Clone(b.Key), Size: b.Size,
	}}
	if c.b.Channel = c.lane.Name; c.b.Channel != b.Channel {
		c.b.Channel = strings.Clone(b.Channel)
	}
	if len(b.Payload) > 0 {
		c.b.Payload = append(make([]byte, 0, len(b.Payload)), b.Payload...)
	}
	c.missing = c.b.Announced()
	c.size = bs.sizeOf(m, c.told())
	return c
}

// heardAgain counts what comes again as if we had sent it: who sends it to us would
// have been among those to be told (the feedback of Demers et al. 1987).
func (bs *broadcasts) heardAgain(m *Machine, o *origin, seq uint64, via wire.Ref) {
	bs.stats.Duplicates++
	c := o.at(seq)
	if c == nil {
		return
	}
	if c.missing {
		c.via = via
	}
	if c.queued {
		bs.queue.count(c, m.passLimit())
	}
}

// makeRoom gives up what is missing too far below a number that came.
func (m *Machine) makeRoom(o *origin, seq uint64) {
	if len(o.casts) == 0 && o.next == 1 && seq > maxAhead {
		o.next = seq - maxAhead/2 // said before we came
	}
	if seq-o.next >= maxAhead {
		m.giveUp(o, seq-maxAhead/2)
	}
	for len(o.casts) > 0 && seq >= o.base && seq-o.base >= maxSpan {
		m.casts.forget(o.casts[0])
	}
}

// deliverBroadcasts hands to the owner what has come, as far as nothing is missing.
func (m *Machine) deliverBroadcasts(o *origin) {
	for c := o.at(o.next); c != nil && !c.missing; c = o.at(o.next) {
		o.next++
		o.held--
		o.young = false
		if c.b.Void() {
			continue
		}
		m.casts.stats.Delivered++
		ref, ok := m.table.find(o.name)
		if !ok {
			continue
		}
		m.event(Event{Kind: BroadcastDelivered, By: o.name, After: m.table.member(ref), Text: c.b.Channel, Payload: c.b.Payload})
	}
}

// giveUp goes on without what is missing below a number.
func (m *Machine) giveUp(o *origin, below uint64) {
	for o.next < below {
		switch c := o.at(o.next); {
		case c == nil:
			// Not one by one: numbers may be far apart.
			to := below
			if len(o.casts) > 0 && o.next < o.base {
				to = min(below, o.base)
			} else if o.next < o.base+uint64(len(o.casts)) {
				to = o.next + 1
			}
			m.casts.stats.Missed += to - o.next
			o.next = to
		case c.missing:
			m.lose(c)
			m.deliverBroadcasts(o)
		default:
			m.deliverBroadcasts(o)
		}
	}
	m.deliverBroadcasts(o)
}

// supersede lets the later of two with the same channel and key stand for both.
func (bs *broadcasts) supersede(m *Machine, c *cast) {
	if c.b.Key == "" {
		return
	}
	o, key := c.origin, c.b.Channel+"\x00"+c.b.Key
	latest, ok := o.keys[key]
	if ok && latest > c.b.Seq {
		bs.stats.Replaced++
		m.void(c)
		return
	}
	if old := o.at(latest); ok && old != nil {
		bs.stats.Replaced++
		m.void(old)
	}
	if o.keys == nil {
		o.keys = make(map[string]uint64)
	}
	o.keys[key] = c.b.Seq
}

// void empties a broadcast: what is left says only that nothing is missing there.
func (m *Machine) void(c *cast) {
	bs := m.casts
	before := c.bytes()
	c.origin.dropKey(c)
	c.b.Channel, c.b.Key, c.b.Size, c.b.Payload, c.missing = "", "", 0, nil, false
	c.size = bs.sizeOf(m, &c.b)
	saved := before - c.bytes()
	if c.queued {
		c.lane.bytes -= saved
	}
	if bs.kept.holds(c) {
		bs.kept.bytes -= saved
	}
}

// lose gives one up that was announced. Others may have it, so that nobody is told that
// it is void.
func (m *Machine) lose(c *cast) {
	m.casts.stats.Missed++
	m.void(c)
	c.lost = true
}

func (o *origin) dropKey(c *cast) {
	if key := c.b.Channel + "\x00" + c.b.Key; c.b.Key != "" && o.keys[key] == c.b.Seq {
		delete(o.keys, key)
	}
}
