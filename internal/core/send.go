package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

// post begins a packet to an address.
func (m *Machine) post(to string, kind wire.Kind) *wire.Message {
	msg := m.out.message()
	msg.Kind, msg.Sender = kind, m.sender()
	m.out.packets = append(m.out.packets, Packet{To: to, Msg: msg})
	return msg
}

// postStream begins a message that opens a stream, where there are streams.
func (m *Machine) postStream(to string, kind wire.Kind) *wire.Message {
	msg := m.post(to, kind)
	m.out.packets[len(m.out.packets)-1].Stream = m.cfg.Streams
	return msg
}

// answer begins a packet that goes back the way a message came.
func (m *Machine) answer(from Path, kind wire.Kind) *wire.Message {
	msg := m.post(from.Addr, kind)
	p := &m.out.packets[len(m.out.packets)-1]
	p.Stream, p.Reply = from.Stream, true
	return msg
}

func (m *Machine) sender() wire.Sender {
	self := m.self()
	return wire.Sender{Name: self.who.Name, Epoch: self.who.Epoch, Incarnation: self.incarnation}
}

func (m *Machine) epoch() uint64 { return m.self().who.Epoch }

// room is how many bytes of claims still fit the message posted last, that goes by
// packet.
func (m *Machine) room(msg *wire.Message) int {
	budget := m.cfg.PacketBytes
	if n := len(m.out.packets); m.quota > 0 && n > 0 && m.out.packets[n-1].To == m.asker {
		budget = min(budget, m.quota-m.answered(m.out.packets[:n-1]))
	}
	return budget - m.cfg.MessageSize(msg)
}

// answered is how long what goes to the asker already is: the quota is for all of it.
func (m *Machine) answered(packets []Packet) (bytes int) {
	for i := range packets {
		if p := &packets[i]; p.To == m.asker && !p.Stream {
			bytes += m.cfg.MessageSize(p.Msg)
		}
	}
	return bytes
}

// size is how many bytes a claim takes. The layer is given the address of a copy:
// what a claim on the stack is pointed to by goes to the heap.
func (m *Machine) size(u wire.Update) int {
	m.sized = u
	return m.cfg.UpdateSize(&m.sized)
}

// force puts a claim into a message ahead of what the Disseminator would send,
// and returns false if it does not fit.
func (m *Machine) force(msg *wire.Message, u wire.Update) bool {
	if m.size(u) > m.room(msg) {
		return false
	}
	msg.Updates = append(msg.Updates, u)
	return true
}

// ride lets waiting claims travel with a message that is sent anyway (SWIM 4.1).
func (m *Machine) ride(msg *wire.Message) {
	if m.cfg.Disseminator.Len() > 0 {
		m.rideWithin(msg, m.room(msg))
	}
}

func (m *Machine) rideWithin(msg *wire.Message, room int) {
	msg.Updates = m.cfg.Disseminator.Fill(msg.Updates, wire.Room{
		Bytes: room, Size: m.cfg.UpdateSize, Limit: m.transmitLimit(),
	})
}

// transmitLimit is λ·⌈log(n+1)⌉, the times that each node sends a claim: enough
// for it to reach everybody with high probability (SWIM 4.1). Below a hundred members it
// is a logarithm more: with 6 times, of 64 members one misses one claim in seven, and with
// 9 one in a hundred. What is missed costs a comparison of tables, and seconds.
func (m *Machine) transmitLimit() int {
	rounds := ceilLog10(uint64(m.table.live) + 1)
	if !m.Paper && rounds <= 2 {
		rounds++
	}
	return max(m.RetransmitMult, 1) * max(rounds, 1)
}

// passLimit is how often each node passes on a broadcast. Those are repaired one by one,
// in a fraction of a second, so a few less copies make room for more of them.
func (m *Machine) passLimit() int {
	return max(m.RetransmitMult, 1) * max(ceilLog10(uint64(m.table.live)+1), 2)
}

// spread queues news. The first after a quiet time goes out at once: waiting for
// the next tick would cost half an interval at every hop, and sends no less.
func (m *Machine) spread(u wire.Update) {
	if m.size(u) > m.maxClaim {
		m.stats.ClaimsOversized++
		return
	}
	m.cfg.Disseminator.Add(u)
	if m.nextGossip == noDeadline && m.GossipInterval > 0 && m.GossipFanout > 0 {
		m.nextGossip = max(m.now, m.lastGossip+m.GossipInterval)
		if m.Paper { // at the next of our ticks
			m.nextGossip = m.now + m.GossipInterval - (m.now-m.lastGossip)%m.GossipInterval
		}
	}
}

// gossip sends the news to a few members. It falls silent when there is none.
func (m *Machine) gossip() {
	if m.now < m.nextGossip {
		return
	}
	m.nextGossip = noDeadline
	if m.cfg.Disseminator.Len() == 0 {
		return
	}
	m.lastGossip = m.now
	m.nextGossip = m.now + m.GossipInterval
	for i, ref := range m.pick(m.GossipFanout, wire.ForGossip, wire.Self) {
		if m.cfg.Disseminator.Len() == 0 {
			return
		}
		msg := m.post(m.table.addr(ref), wire.Gossip)
		if m.share(msg, ref, i == 0); len(msg.Updates)+len(msg.Broadcasts) == 0 {
			m.out.retract()
		}
	}
}

// pick asks the MemberSelector, and leaves out what of its answer names nobody
// live. The result is valid until the next call.
func (m *Machine) pick(n int, purpose wire.Purpose, except wire.Ref) []wire.Ref {
	if n <= 0 {
		return nil
	}
	m.picked = m.cfg.Selector.Pick(m.picked[:0], n, purpose, except, m.rng)
	kept := m.picked[:0]
	for _, ref := range m.picked {
		if !m.table.peer(ref) || ref == except || len(kept) == n {
			m.stats.SelectorFaults++
			continue
		}
		kept = append(kept, ref)
	}
	return kept
}

// armSweep makes sure that the dead will be forgotten.
func (m *Machine) armSweep() {
	if m.nextSweep == noDeadline {
		m.nextSweep = m.now + m.sweepInterval()
	}
}

// sweepInterval is fine enough that a member is forgotten at most a sixteenth
// later than said.
func (m *Machine) sweepInterval() time.Duration {
	return max(m.ForgetAfter/16, time.Second)
}
