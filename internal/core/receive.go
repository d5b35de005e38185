package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

// admit refuses what no correct peer sends, and what comes from ourselves or
// from another process with our name.
func (m *Machine) admit(from Path, msg *wire.Message) bool {
	if msg.Check() != nil || m.tooFarAhead(msg.Sender.Epoch) {
		m.stats.MessagesInvalid++
		return false
	}
	if m.cfg.Identified && msg.Sender.Name != from.Identity {
		m.stats.MessagesSpoofed++
		return false
	}
	if msg.Sender.Name == m.cfg.Name {
		if msg.Sender.Epoch == m.epoch() {
			m.stats.MessagesReflected++
			if msg.Kind == wire.Ping && msg.Seq == m.echo && m.echo != 0 {
				// Our own input works; see lastCall. An echo comes after its ping,
				// even by a clock too coarse to tell.
				m.heard = m.now + 1
			}
			if msg.Kind == wire.Sync { // nobody but us will answer
				m.refuseSync(msg.Seq)
			}
		} else {
			m.hearRival(from, msg)
		}
		return false
	}
	switch msg.Kind {
	case wire.User:
		if from.Stream && msg.Seq == 0 {
			m.stats.MessagesRefused++
			return false
		}
		if msg.Target != m.cfg.Name || msg.Digest != m.epoch() {
			m.stats.MessagesMisdirected++
			return false
		}
	case wire.Ping:
		// An answer in another's name would keep the dead alive for as long as
		// somebody else lives at their address (H11).
		if msg.Target != m.cfg.Name {
			m.stats.MessagesMisdirected++
			return false
		}
	case wire.UserState, wire.UserStateReply:
		return m.admitsState(from, msg)
	case wire.PingReq, wire.Gossip:
		if from.Stream {
			m.stats.MessagesRefused++
			return false
		}
	case wire.Visit:
		if !from.Stream {
			m.stats.MessagesRefused++
			return false
		}
	case wire.Sync:
		// The answer is the whole table. Over packets anybody could have it
		// sent to a third party by forging the sender's address.
		if !from.Stream && m.cfg.Streams {
			m.stats.MessagesRefused++
			return false
		}
	}
	return true
}

// hearAll takes the claims of a message.
func (m *Machine) hearAll(msg *wire.Message) {
	m.hearSomething()
	if m.cutOff { // who was called meanwhile may not have been reached
		m.cutOff, m.resumed = false, m.now
	}
	isSync := msg.Kind == wire.Sync || msg.Kind == wire.SyncReply
	spread := msg.Kind != wire.SyncReply || m.passesOn(msg.Seq)
	m.speaker = msg.Sender.Name
	for i := range msg.Updates {
		m.hear(&msg.Updates[i], isSync, spread)
	}
}

func (m *Machine) answerPing(from Path, msg *wire.Message) {
	ack := m.answer(from, wire.Ack)
	ack.Seq, ack.Target, ack.Digest = msg.Seq, m.cfg.Name, m.digest()
	if m.self().state == wire.Left && !m.wronged {
		m.force(ack, m.claim(wire.Self)) // or one that leaves with us would rely on us
	}
	m.retort(ack, &msg.Sender)
	m.load(ack, from)
	m.ride(ack)
	if ref, ok := m.table.find(msg.Sender.Name); ok && m.table.is(ref, msg.Sender.Name, msg.Sender.Epoch) && m.table.peer(ref) {
		m.compare(ref, msg.Digest)
	}
}

// answerAccuser answers with a retort what is not answered otherwise. Who is told
// that we hold it for gone answers that it is not, or not at all: two members
// that hold each other for gone and do not refute it, since both left or both
// have a rival, would answer each other's answers for ever, and a network that
// repeats packets would double them each time.
func (m *Machine) answerAccuser(from Path, msg *wire.Message) {
	if m.Paper || from.Stream || msg.Kind == wire.Ping || msg.Kind == wire.Sync {
		return
	}
	_, accused := m.accusationOf(&msg.Sender)
	if m.wronged || accused && !m.mentioned {
		answer := m.answer(from, wire.Gossip)
		if m.retort(answer, &msg.Sender); len(answer.Updates) == 0 {
			m.out.retract()
		}
	}
}

// retort puts into an answer what should not wait for gossip: what is true of us,
// where the message said otherwise, and, to a sender that we hold for gone, that
// we do, so that it can refute at once. Without the latter, a member that returns
// from a long stall stays dead wherever the news of its death is no longer
// gossiped (H2).
func (m *Machine) retort(answer *wire.Message, to *wire.Sender) {
	if m.Paper {
		return
	}
	if m.wronged {
		m.force(answer, m.claim(wire.Self))
	}
	if ref, accused := m.accusationOf(to); accused {
		m.force(answer, m.claim(ref))
	}
}

// accusationOf tells whether our table says of the sender that it is suspect,
// gone or an earlier process than another of its name. An incarnation or epoch
// above the one we know does not clear it: it says that there is an answer which
// we missed, and will get when we ask. Who did leave is told in vain; it cannot be
// told apart from who is said to have left at the incarnation that it has (H5).
func (m *Machine) accusationOf(s *wire.Sender) (wire.Ref, bool) {
	ref, ok := m.table.find(s.Name)
	if !ok {
		return 0, false
	}
	r := &m.table.rows[ref]
	return ref, r.state != wire.Alive || r.who.Epoch > s.Epoch
}

func (m *Machine) deliver(from Path, msg *wire.Message) {
	ref, ok := m.table.find(msg.Sender.Name)
	if !ok || !m.table.peer(ref) {
		m.stats.MessagesRefused++
		return
	}
	if msg.Seq != 0 && !m.acknowledge(from, msg, ref) {
		return
	}
	m.event(Event{Kind: Delivered, By: m.table.name(ref), After: m.table.member(ref), Payload: msg.Payload})
}

// Send hands a payload to a member, once and without an answer. It returns
// false if there is no live member of that name.
func (m *Machine) Send(now time.Duration, name string, payload []byte) bool {
	m.begin(now)
	ref, ok := m.table.find(name)
	if !ok || !m.table.peer(ref) {
		return false
	}
	msg := m.post(m.table.addr(ref), wire.User)
	msg.Target, msg.Digest, msg.Payload = m.table.name(ref), m.table.rows[ref].who.Epoch, payload
	return true
}
