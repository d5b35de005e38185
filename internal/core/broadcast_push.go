package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

const (
	// pushesPerGossip is how often in a gossip interval broadcasts are pushed: a batch
	// is made of what comes in between, so that many small ones share packets.
	pushesPerGossip = 10
	// pushBurst is how many packets are pushed to one member at a time. With the usual
	// numbers, 3 members each 20 ms, that is 2400 packets a second at most.
	pushBurst = 16
	// claimShare is which part of a packet of gossip claims may have while broadcasts
	// wait, in eighths. The first packet of each round is theirs whole.
	claimShare = 6
	// quietInterval stands for GossipInterval where there is no gossip.
	quietInterval = 200 * time.Millisecond
)

func (m *Machine) repairInterval() time.Duration {
	if m.GossipInterval > 0 {
		return m.GossipInterval
	}
	return quietInterval
}

func (m *Machine) pushInterval() time.Duration {
	return max(m.repairInterval()/pushesPerGossip, time.Millisecond)
}

// enqueue lets a broadcast be passed on. The first after a quiet time goes out at once.
func (m *Machine) enqueue(c *cast) {
	bs := m.casts
	bs.queue.push(c)
	for c.lane.bytes > c.lane.QueueBytes && c.lane.bytes > c.bytes() {
		bs.queue.remove(bs.queue.worst(c.lane))
		bs.stats.Shed++
		if !c.queued {
			return
		}
	}
	if bs.nextPush == noDeadline {
		bs.nextPush = max(m.now, bs.lastPush+m.pushInterval())
	}
}

// push sends what waits to a few members. Claims do not ride along: each would go to
// the same member many times, and they have packets of their own.
func (m *Machine) push() {
	bs := m.casts
	if bs == nil || m.now < bs.nextPush {
		return
	}
	bs.nextPush = noDeadline
	for _, ref := range m.pick(max(m.GossipFanout, 1), wire.ForGossip, wire.Self) {
		f := m.filling(ref)
		for range pushBurst {
			msg := m.post(m.table.addr(ref), wire.Gossip)
			if m.carry(msg, &f); len(msg.Broadcasts) == 0 {
				m.out.retract()
				break
			}
		}
	}
	if m.table.peers() == 0 { // who comes later compares
		bs.clearQueue()
	}
	if bs.lastPush = m.now; bs.queue.len > 0 {
		bs.nextPush = m.now + m.pushInterval()
	}
}

// filling begins to serve a member.
func (m *Machine) filling(ref wire.Ref) filling {
	m.casts.serves++
	return filling{to: ref, name: m.table.name(ref), serve: m.casts.serves, limit: m.passLimit()}
}

// carry puts broadcasts into what is left of a packet.
func (m *Machine) carry(msg *wire.Message, f *filling) {
	bs := m.casts
	msg.Broadcasts = bs.queue.fill(msg.Broadcasts, m.room(msg), f)
	bs.stats.Passed += uint64(len(msg.Broadcasts))
}

func (bs *broadcasts) clearQueue() {
	for level := range bs.queue.levels {
		for k := range bs.queue.levels[level] {
			for c := bs.queue.levels[level][k].front; c != nil; c = bs.queue.levels[level][k].front {
				bs.queue.remove(c)
			}
		}
	}
}

// share fills a packet of gossip with claims and broadcasts, so that neither starves
// the other. first says that it is the first of its round.
func (m *Machine) share(msg *wire.Message, ref wire.Ref, first bool) {
	if m.casts == nil || m.casts.queue.len == 0 {
		m.ride(msg)
		return
	}
	room := m.room(msg)
	if !first {
		room = room * claimShare / 8
	}
	m.rideWithin(msg, room)
	f := m.filling(ref)
	if m.carry(msg, &f); !first {
		m.ride(msg) // in what they left
	}
}
