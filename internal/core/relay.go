package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// relay is an indirect probe that we make for another member.
type relay struct {
	asker    string // address
	quota    int    // of the answer to it, 0 where it is known
	askerSeq uint32
	seq      uint32 // of our own ping
	target   string
	began    time.Duration
	nackAt   time.Duration
	endAt    time.Duration
	nacked   bool
}

// relays are few at a time, bounded by maxRelays, and found by walking them.
type relays struct {
	pending []relay
	next    time.Duration // the earliest deadline, if any are pending
}

func (r *relays) deadline() time.Duration {
	if len(r.pending) == 0 {
		return noDeadline
	}
	return r.next
}

func (r *relays) settle() {
	r.next = noDeadline
	for i := range r.pending {
		p := &r.pending[i]
		if !p.nacked {
			r.next = min(r.next, p.nackAt)
		}
		r.next = min(r.next, p.endAt)
	}
}

// relayPing pings a member for another one that could not reach it. It uses the
// address that we know, never one from the packet, so that nobody can have us
// send to a third party; and a target that we do not know gets a nack at once.
func (m *Machine) relayPing(from Path, msg *wire.Message) {
	ref, ok := m.table.find(msg.Target)
	if !ok || !m.table.peer(ref) {
		nack := m.answer(from, wire.Nack)
		nack.Seq, nack.Target = msg.Seq, msg.Target
		if ok && ref != wire.Self && !m.Paper { // the asker has missed its end
			m.force(nack, m.claim(ref))
		}
		return
	}
	if len(m.relays.pending) >= maxRelays {
		m.stats.RelaysShed++
		return
	}
	r := relay{
		asker: from.Addr, quota: m.quota, askerSeq: msg.Seq, seq: m.nextSeq(), target: m.table.name(ref), began: m.now,
		// Lifeguard: at 80 % of the timeout, so that it arrives within it; or of
		// what the timeout leaves of the asker's period, where that is less.
		nackAt: m.now + min(m.ProbeTimeout, m.ProbeInterval-m.ProbeTimeout)*8/10,
		// Long enough for the suspicion, if it comes to one, to be heard of here.
		endAt: m.now + 2*m.ProbeInterval,
	}
	if r.quota > 0 {
		r.quota = max(r.quota-m.answered(m.out.packets), 1)
	}
	m.relays.pending = append(m.relays.pending, r)
	m.relays.settle()
	m.stats.Relayed++
	m.ping(m.post(m.table.addr(ref), wire.Ping), ref, r.seq)
}

// ackRelay hands the target's answer on to who asked, late or not.
func (m *Machine) ackRelay(msg *wire.Message) bool {
	i := slices.IndexFunc(m.relays.pending, func(r relay) bool {
		return r.seq == msg.Seq && r.target == msg.Target && r.target == msg.Sender.Name
	})
	if i < 0 {
		return false
	}
	r := m.relays.pending[i]
	m.relays.pending = slices.Delete(m.relays.pending, i, i+1)
	m.relays.settle()
	m.asker, m.quota = r.asker, r.quota
	ack := m.post(r.asker, wire.Ack)
	ack.Seq, ack.Target = r.askerSeq, r.target
	m.ride(ack)
	return true
}

// expireRelays sends the nacks that are due and gives up on the silent.
func (m *Machine) expireRelays() {
	if m.now < m.relays.deadline() {
		return
	}
	for i := range m.relays.pending {
		r := &m.relays.pending[i]
		if !r.nacked && m.now >= r.nackAt {
			r.nacked = true
			m.asker, m.quota = r.asker, r.quota
			nack := m.post(r.asker, wire.Nack)
			nack.Seq, nack.Target = r.askerSeq, r.target
			if r.quota > 0 { // as much is kept for an ack
				m.quota = max(r.quota-m.cfg.MessageSize(nack), 1)
			}
			m.ride(nack)
			if r.quota > 0 { // what is left of it is for an ack
				r.quota = max(r.quota-m.cfg.MessageSize(nack), 1)
			}
			m.quota = 0
			m.testify(r)
		}
	}
	m.relays.pending = slices.DeleteFunc(m.relays.pending, func(r relay) bool { return m.now >= r.endAt })
	m.relays.settle()
}

// foundSilent reports whether we pinged a member for another one of late, in vain.
// That is evidence as good as a probe of our own, of another pair of ears than the
// asker's, and costs nothing: a crash has a second accuser as soon as it has one.
func (m *Machine) foundSilent(name string) bool {
	for i := range m.relays.pending {
		if r := &m.relays.pending[i]; r.target == name && m.inVain(r) {
			return true
		}
	}
	return false
}

// inVain reports whether a relayed ping should have been answered by now, and nothing
// points to us: we did not stand still since, heard somebody, and have no doubt in
// ourselves. One who misses four packets of five is a bad witness.
func (m *Machine) inVain(r *relay) bool {
	return !m.Paper && r.nacked && r.began >= m.resumed && r.began < m.heard && m.health.score == 0
}

// testify confirms a suspicion that stands when a relayed ping turns out to be in vain.
func (m *Machine) testify(r *relay) {
	if ref, ok := m.table.find(r.target); ok && m.inVain(r) && m.table.rows[ref].state == wire.Suspect {
		m.confirm(ref, m.cfg.Name)
	}
}
