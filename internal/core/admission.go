package core

import "github.com/swim-go/swim/wire"

// admits asks the owner's filter about a claim: whether its subject, under that
// identity, may be a member. State, incarnation and accuser are not its business.
// The refusal of what a member says of itself is told to that member.
func (m *Machine) admits(u *wire.Update) bool {
	if m.cfg.Admit == nil {
		return true
	}
	err := m.cfg.Admit(u.Member)
	if err == nil {
		return true
	}
	m.stats.ClaimsRefused++
	if u.Name == m.speaker {
		m.refusal = err
	}
	return false
}

// sameIdentity reports whether a claim about a member says of it what we know.
func (r *row) sameIdentity(u *wire.Update) bool {
	return r.who.Epoch == u.Epoch && r.who.Addr == u.Addr && r.who.Meta == u.Meta && r.who.Token == u.Token
}

// refuse tells the sender of a message that we do not admit it, or not what it says
// of itself now. It returns false if there is nothing to tell: then the message is
// answered as any other.
func (m *Machine) refuse(from Path, msg *wire.Message) bool {
	_, known := m.table.find(msg.Sender.Name)
	asked := msg.Kind == wire.Sync && !known && m.cfg.Admit != nil
	if m.refusal == nil && !asked || msg.Kind == wire.Refusal {
		return false
	}
	reason := "nothing is known of it"
	if m.refusal != nil {
		reason = m.refusal.Error()
	}
	m.refusal = nil
	if from.Stream && msg.Kind != wire.Sync {
		return false
	}
	answer := m.answer(from, wire.Refusal)
	if msg.Kind == wire.Sync {
		answer.Seq = msg.Seq
	}
	answer.Payload = []byte(reason[:min(len(reason), max(m.room(answer)-m.owed(msg), 0), wire.MaxReasonBytes)])
	m.stats.Refusals++
	m.event(Event{Kind: Refused, After: wire.Member{Name: m.own(msg.Sender.Name), Addr: from.Addr}, Text: reason})
	return asked
}

// owed is what a refusal leaves of the quota for the answers that follow it: an ack, or
// a nack and an ack.
func (m *Machine) owed(msg *wire.Message) int {
	switch one := m.quota/maxAmplification + len(m.cfg.Name); {
	case m.quota == 0:
		return 0
	case msg.Kind == wire.PingReq:
		return 2 * one
	default:
		return one
	}
}

// takeRefusal takes another's word that it does not admit us. One that answers no
// question of ours may be forged, like anything that comes by packet, and is no more
// than a line in a log.
func (m *Machine) takeRefusal(from Path, msg *wire.Message) {
	reason := string(msg.Payload[:min(len(msg.Payload), wire.MaxReasonBytes)])
	i := m.joins.find(msg.Seq)
	if msg.Seq == 0 || i < 0 {
		m.event(Event{Kind: Refused, By: m.own(msg.Sender.Name), Text: reason})
		return
	}
	if m.cfg.Streams && !from.Stream {
		m.stats.MessagesRefused++
		return
	}
	j := m.joins.pending[i]
	m.end(i, Refused, m.own(msg.Sender.Name))
	if !j.quiet {
		m.out.events[len(m.out.events)-1].Text = reason
	}
}

// Where the sender of each packet is known for certain, a departure that another
// tells of need not be true: whoever has a key could send a member away that way.
// It is taken for a suspicion, which the member can refute and which, if it does not,
// ends as the departure that it was said to be. Others are told what we were told,
// and judge for themselves.

// isHearsay reports whether a claim is a departure that another than its subject
// tells of.
func (m *Machine) isHearsay(u *wire.Update) bool {
	return m.cfg.Identified && u.State == wire.Left && u.Name != m.speaker
}

// doubtDeparture suspects a member that is said to have left.
func (m *Machine) doubtDeparture(ref wire.Ref, u *wire.Update, spread bool) {
	claim := *u
	claim.State, claim.From, claim.Age = wire.Suspect, "", 0
	before := m.table.member(ref)
	if wire.Supersedes(&claim.Member, &before) {
		m.adopt(ref, &claim, wire.Announced, false)
	} else if s := m.suspicions.of(ref); s == nil || s.departed || !sameClaim(&claim.Member, &before) {
		m.stats.ClaimsStale++
		return
	} // else the suspicion came out of a table, ahead of the departure that it stands for
	if s := m.suspicions.of(ref); s != nil {
		s.departed, s.needed = true, 0
		s.deadline = s.began + s.least + s.patience
		if s.called != 0 { // the answer to the last call is to have its time
			s.deadline = max(s.deadline, s.called+m.ProbeTimeout)
		}
		m.schedule(s)
	}
	if spread {
		told := *u
		told.Member = m.table.member(ref)
		told.State, told.From = wire.Left, ""
		m.spread(told)
	}
}

// An answer to an address that we do not know the sender by could go to anybody: the
// source of a packet is easily forged. So it is no longer than a few times what was
// asked.

// maxAmplification is how many times as long as its question an answer to a
// stranger may be.
const maxAmplification = 3

// measure notes how much may be sent to where a message came from.
func (m *Machine) measure(from Path, msg *wire.Message) {
	m.asker, m.quota = "", 0
	if from.Stream || from.Bytes == 0 {
		return
	}
	if ref, ok := m.table.find(msg.Sender.Name); ok && ref != wire.Self && m.table.addr(ref) == from.Addr {
		return
	}
	m.asker, m.quota = from.Addr, maxAmplification*from.Bytes
}
