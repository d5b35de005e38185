package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// probe is the one probe under way: a ping, then indirect pings through relays,
// then a verdict at the end of the period (SWIM 3.1). It remembers whose life it
// asks after, so that it never accuses the process that took its place.
type probe struct {
	active      bool
	indirect    bool
	ref         wire.Ref
	name        string
	epoch       uint64
	incarnation uint32
	seq         uint32
	began       time.Duration
	relayAt     time.Duration // when relays are asked
	endAt       time.Duration // when the verdict falls
	relays      [maxIndirect]wire.Ref
	asked       int    // relays asked
	nacked      uint16 // bit i: relay i sent a nack
	sent        int    // packets handed out
	unsent      int    // packets that the driver could not send
}

func (p *probe) deadline() time.Duration {
	switch {
	case !p.active:
		return noDeadline
	case !p.indirect:
		return min(p.relayAt, p.endAt)
	}
	return p.endAt
}

// startProbe pings the next member, once each period.
func (m *Machine) startProbe() {
	if m.now < m.nextProbe {
		return
	}
	// From now, not from when it was due: a node that was stopped must not
	// catch up on the rounds it missed with a burst of accusations.
	m.nextProbe = m.now + m.health.scale(m.ProbeInterval)
	if m.probe.active { // the period was cut short, and nobody may be judged on that
		m.probe.active = false
		m.stats.ProbesCut++
	}
	m.noticeIsolation()
	ref, ok := m.cfg.Selector.Next(m.rng)
	if !ok {
		return
	}
	if !m.table.peer(ref) {
		m.stats.SelectorFaults++
		return
	}
	target := m.table.member(ref)
	m.probe = probe{
		active: true, ref: ref, name: target.Name, epoch: target.Epoch, incarnation: target.Incarnation,
		seq: m.nextSeq(), began: m.now,
		relayAt: m.now + m.health.scale(m.probeTimeout(ref)),
		endAt:   m.nextProbe,
	}
	if !m.Paper {
		m.probe.endAt = min(m.probe.endAt, m.probe.relayAt+m.health.scale(m.ProbeTimeout))
	}
	m.stats.Probes++
	m.ping(m.post(target.Addr, wire.Ping), ref, m.probe.seq)
	m.probe.sent = 1
}

// ping fills in a ping. A suspect is told that it is one, so that it can refute
// with the very answer (Lifeguard's buddy system).
func (m *Machine) ping(msg *wire.Message, ref wire.Ref, seq uint32) {
	msg.Seq, msg.Target, msg.Digest = seq, m.table.name(ref), m.digest()
	if m.Buddy && m.table.rows[ref].state == wire.Suspect {
		m.force(msg, m.claim(ref))
	}
	m.ride(msg)
}

// advanceProbe takes the probe under way to its next step.
func (m *Machine) advanceProbe() {
	p := &m.probe
	if !p.active {
		return
	}
	if !m.table.is(p.ref, p.name, p.epoch) || !m.table.peer(p.ref) {
		p.active = false // replaced, departed or failed meanwhile
		return
	}
	if !p.indirect && m.now >= min(p.relayAt, p.endAt) {
		m.askRelays()
	}
	if m.now >= p.endAt {
		m.judge()
	}
}

// askRelays asks k members to ping the target, and pings it over a stream beside
// them, for a network that lets streams through and packets not.
func (m *Machine) askRelays() {
	p := &m.probe
	p.indirect = true
	// After a stall both steps can be due at once. The verdict waits for as
	// long as the relays were to have had: one that nobody could answer in time
	// is none (H8).
	if !m.Paper {
		p.endAt = max(p.endAt, m.now+m.health.scale(min(m.ProbeTimeout, m.ProbeInterval-m.ProbeTimeout)))
	}
	m.nextProbe = max(m.nextProbe, p.endAt)
	for _, ref := range m.pick(min(m.IndirectProbes, maxIndirect), wire.ForRelay, p.ref) {
		p.relays[p.asked] = ref
		p.asked++
		p.sent++
		m.stats.IndirectProbes++
		msg := m.post(m.table.addr(ref), wire.PingReq)
		msg.Seq, msg.Target = p.seq, p.name
		m.ride(msg)
	}
	if m.cfg.Streams {
		p.sent++
		msg := m.postStream(m.table.addr(p.ref), wire.Ping)
		msg.Seq, msg.Target = p.seq, p.name
		if m.Buddy && m.table.rows[p.ref].state == wire.Suspect {
			m.force(msg, m.claim(p.ref))
		}
	}
}

// judge ends a probe that nobody answered.
func (m *Machine) judge() {
	p := &m.probe
	p.active = false
	if p.unsent >= p.sent {
		m.stats.ProbesUnsent++
		m.health.worse()
		return
	}
	m.stats.ProbesFailed++
	m.doubt(p.missedNacks())
	if m.table.rows[p.ref].incarnation != p.incarnation {
		return // it spoke since the probe began
	}
	m.accuse(p.ref)
}

// accuse raises a suspicion of our own, or confirms one that stands.
func (m *Machine) accuse(ref wire.Ref) {
	if m.table.rows[ref].state == wire.Suspect {
		m.confirm(ref, m.cfg.Name)
		return
	}
	m.stats.SuspicionsRaised++
	u := wire.Update{Member: m.table.member(ref), From: m.cfg.Name}
	u.State = wire.Suspect
	m.adopt(ref, &u, wire.ProbeFailed, true)
	if !m.Paper {
		m.confront(ref)
	}
}

// doubt takes a probe that failed for a sign that something is wrong with us.
// Lifeguard counts each, and missing nacks once more (IV-A). But a single nack
// shows that packets reach us: then it was the target, and a node in a cluster of
// which a quarter is stalled has no reason to slow its probing down.
func (m *Machine) doubt(missedNacks int) {
	m.stats.NacksMissed += uint64(missedNacks)
	if m.Paper || missedNacks == m.probe.asked {
		m.health.worse()
		m.probation.relapse(m.now)
	}
	if m.Paper && missedNacks > 0 {
		m.health.worse()
	}
}

func (p *probe) missedNacks() int {
	missed := 0
	for i := range p.asked {
		if p.nacked&(1<<i) == 0 {
			missed++
		}
	}
	return missed
}

// askedRelay tells which of the relays asked bears a name.
func (m *Machine) askedRelay(name string) (int, bool) {
	p := &m.probe
	i := slices.IndexFunc(p.relays[:p.asked], func(ref wire.Ref) bool {
		return m.table.known(ref) && m.table.name(ref) == name
	})
	return i, i >= 0
}

// takeAck takes the answer to a ping of ours, whoever it was for.
func (m *Machine) takeAck(from Path, msg *wire.Message) {
	if !m.ackProbe(from, msg) && !m.ackRelay(msg) && !m.ackDeparture(msg) {
		m.stats.MessagesLate++
	}
}

func (m *Machine) ackProbe(from Path, msg *wire.Message) bool {
	p := &m.probe
	if !p.active || msg.Seq != p.seq || msg.Target != p.name {
		return false
	}
	if msg.Sender.Name == p.name {
		if msg.Sender.Epoch < p.epoch {
			return false // the process that it replaced
		}
	} else if _, asked := m.askedRelay(msg.Sender.Name); !asked {
		return false
	}
	p.active = false
	m.stats.ProbesAcked++
	m.health.better()
	if msg.Sender.Name == p.name && m.table.is(p.ref, p.name, p.epoch) {
		if !from.Stream {
			m.table.rows[p.ref].observe(m.now - p.began)
			m.tellPing(p.ref, m.now-p.began, msg.Payload)
		}
		m.agree(p.ref, msg.Digest)
		m.compare(p.ref, msg.Digest)
	}
	return true
}

func (m *Machine) takeNack(msg *wire.Message) {
	p := &m.probe
	i, asked := m.askedRelay(msg.Sender.Name)
	if !p.active || msg.Seq != p.seq || msg.Target != p.name || !asked {
		m.stats.MessagesLate++
		return
	}
	p.nacked |= 1 << i
}

// Unsent tells that the packet of a question numbered seq could not be sent. A
// probe of which nothing was sent accuses nobody.
func (m *Machine) Unsent(now time.Duration, seq uint32) {
	m.begin(now)
	if m.probe.active && m.probe.seq == seq {
		m.probe.unsent++
	}
	m.unfetched(seq)
	m.unsentLetter(seq)
}
