package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// suspicion is the time that a suspect has to refute (SWIM 4.2), which shrinks
// as independent accusers confirm it (Lifeguard, LHA-Suspicion). It belongs to
// one life and incarnation of the member: a suspicion of an earlier one must
// not kill the member that came back since (H7).
//
// Shortly before the verdict comes a last call: the suspect is told once more, and
// asked after through a relay. The verdict falls only if this node has heard
// anything at all since then, and has not stood still. One whose own input is stuck,
// because it was stopped or cut off, has a table full of suspects and nothing to
// hold against them.
//
// Nor does it fall on one member's word. Who loses most of what is sent to it finds
// everybody silent, hears neither answers nor refutations, and would have a healthy
// member declared failed now and then. Another has to have found the suspect silent,
// be it by a probe of its own or as a relay; see Machine.testify.
type suspicion struct {
	ref       wire.Ref
	began     time.Duration
	deadline  time.Duration // the verdict
	called    time.Duration // the last call, 0 before it
	due       time.Duration // the last call or the verdict, whichever is next
	least     time.Duration
	most      time.Duration
	patience  time.Duration // beyond the timeout, for who only heard of it
	needed    int           // confirmations that bring the time down to least
	accusers  []string
	asked     bool // somebody was asked at the last call
	unproven  int  // verdicts put off for want of a second accuser
	stood     int  // verdicts put off because we stood still after the last call
	departed  bool // it is said to have left
	heapIndex int
}

// wants reports whether an accusation by name would confirm the suspicion, or prove it.
func (s *suspicion) wants(name string) bool {
	return name != "" && !slices.Contains(s.accusers, name) &&
		(len(s.accusers) <= s.needed || s.needed > 0 && s.named() < 2)
}

// named counts the accusers. A claim out of somebody's table has none.
func (s *suspicion) named() int {
	if s.accusers[0] == "" {
		return len(s.accusers) - 1
	}
	return len(s.accusers)
}

// proven reports whether two have found the suspect silent, or one where there is
// no other, then or by now.
func (s *suspicion) proven(live int) bool {
	return s.needed == 0 || live <= 2 || s.named() >= 2
}

func (s *suspicion) confirm(name string) {
	s.accusers = append(s.accusers, name)
	s.deadline = s.began + s.timeout() + s.patience
}

// timeout is Lifeguard's max(Min, Max - (Max-Min)·log(C+1)/log(K+1)). The first
// accuser began the suspicion and is not counted in C.
func (s *suspicion) timeout() time.Duration {
	confirmed := max(len(s.accusers)-1, 0)
	if confirmed >= s.needed {
		return s.least
	}
	share := log2(uint64(confirmed+1)) * 1000 / log2(uint64(s.needed+1))
	return max(s.least, s.most-(s.most-s.least)*time.Duration(share)/1000)
}

func (m *Machine) startSuspicion(ref wire.Ref, accuser string) {
	if !m.self().state.Live() {
		return // who left declares nobody failed
	}
	s := m.suspicions.add(ref)
	s.began, s.called, s.asked, s.unproven, s.stood, s.departed = m.now, 0, false, 0, 0, false
	s.least = m.suspicionTimeout()
	s.most = s.least * time.Duration(max(m.SuspicionMaxMult, 1))
	// Who is accused and who accuses cannot confirm. Where fewer than K others
	// are left, waiting for K would always last the longest.
	s.needed = max(min(m.Confirmations, maxConfirmations, m.table.live-2), 0)
	s.accusers = append(s.accusers[:0], accuser)
	s.patience = m.hearsayPatience(accuser)
	s.deadline = s.began + s.timeout() + s.patience
	m.schedule(s)
	if accuser != m.cfg.Name && m.foundSilent(m.table.name(ref)) {
		m.confirm(ref, m.cfg.Name)
	}
}

// hearsayPatience lets those who only heard of a suspicion wait a little longer,
// each for another time. The verdict then comes from those who probed in vain
// themselves, most reach it by hearing theirs, and few make the last call.
func (m *Machine) hearsayPatience(accuser string) time.Duration {
	if m.Paper || accuser == m.cfg.Name {
		return 0
	}
	return m.GossipInterval + m.jitter(m.refutationTime()/4)
}

// schedule puts a suspicion to where its next step is due.
func (m *Machine) schedule(s *suspicion) {
	s.due = s.deadline
	if s.called == 0 && !m.Paper {
		s.due = s.deadline - m.ProbeTimeout
	}
	// A confirmation can bring the end to before now, and what is overdue would be
	// taken for a sign that we stood still.
	s.due = max(s.due, m.now)
	m.suspicions.fix(s)
}

func (m *Machine) stopSuspicion(ref wire.Ref) {
	m.suspicions.remove(ref)
}

// confirm takes another accusation of the same life and incarnation. The first
// K independent ones are passed on under the accuser's name (Lifeguard IV-B).
func (m *Machine) confirm(ref wire.Ref, accuser string) {
	s := m.suspicions.of(ref)
	if s == nil || !s.wants(accuser) {
		m.stats.ClaimsStale++
		return
	}
	accuser = m.own(accuser)
	if accuser == m.cfg.Name {
		s.patience = 0
	}
	s.confirm(accuser)
	if s.called != 0 { // the answer to the last call is to have its time
		s.deadline = max(s.deadline, s.called+m.ProbeTimeout)
	}
	m.schedule(s)
	m.spread(wire.Update{Member: m.table.member(ref), From: accuser})
}

// expireSuspicions declares failed who did not refute in time.
func (m *Machine) expireSuspicions() {
	for {
		s := m.suspicions.first()
		switch {
		case s == nil || s.due > m.now:
			return
		case m.Paper:
			m.bury(s)
		case s.called == 0:
			m.lastCall(s)
		case m.heard <= s.called:
			m.cutOff = m.cutOff || s.asked // where nobody was asked, nobody need have answered
			m.postpone(s)
		case s.called < m.resumed && s.stood < maxStood:
			s.stood++
			m.postpone(s)
		case !s.proven(m.table.live):
			s.unproven++
			m.postpone(s)
		default:
			m.bury(s)
		}
	}
}

func (m *Machine) postpone(s *suspicion) {
	m.stats.VerdictsPostponed++
	m.lastCall(s)
}

// lastCall tells the suspect once more that it is one. Whoever accuses it itself asks
// somebody else after it, too: that may find a way to it which ours is not, becomes
// an accuser where it finds none, and shows by its answer that our own input works.
// Who only heard of the suspicion asks when the verdict had to be put off; mostly it
// hears that of an accuser before.
func (m *Machine) lastCall(s *suspicion) {
	s.asked = s.called != 0 || s.patience == 0
	wait := m.ProbeTimeout << min(s.unproven, maxUnproven)
	if m.cutOff { // perhaps for long, and not to flood the network then
		wait = m.health.scale(wait)
	}
	s.called = m.now
	s.deadline = max(s.deadline, m.now+wait)
	m.schedule(s)
	m.confront(s.ref)
	switch {
	case m.table.peers() == 1:
		m.pingSelf()
	case s.asked:
		for _, ref := range m.pick(1, wire.ForRelay, s.ref) {
			msg := m.post(m.table.addr(ref), wire.PingReq)
			msg.Seq, msg.Target = m.nextSeq(), m.table.name(s.ref)
			m.ride(msg)
		}
	}
}

// maxStood is how many last calls in a row may be lost because we stood still. A process
// with a small quota of CPU does in each tenth of a second, and would never come to a
// verdict; but so many answers that all fell into its pauses are no accident.
const maxStood = 8

// maxUnproven bounds how far the wait for a second accuser is stretched.
const maxUnproven = 4

// pingSelf shows that our own input works where nobody else is left to show it, or
// the second of two members could never be found dead.
func (m *Machine) pingSelf() {
	echo := m.post(m.self().who.Addr, wire.Ping)
	m.echo = m.nextSeq()
	echo.Seq, echo.Target = m.echo, m.cfg.Name
}

// confront tells a suspect straight away, so that it can refute within a round
// trip: gossip finds it among the last as well as among the first.
func (m *Machine) confront(ref wire.Ref) {
	if !m.force(m.post(m.table.addr(ref), wire.Gossip), m.claim(ref)) {
		m.out.retract()
	}
}

func (m *Machine) bury(s *suspicion) {
	m.stats.SuspicionsExpired++
	u := wire.Update{Member: m.table.member(s.ref), From: m.cfg.Name}
	u.State = wire.Failed
	if s.departed {
		u.State, u.From = wire.Left, ""
		m.adopt(s.ref, &u, wire.Announced, true)
		return
	}
	m.adopt(s.ref, &u, wire.Expired, true)
}

// suspicionTimeout is how long a suspicion lasts at least. In Paper it is
// Lifeguard's Min, and never less than α intervals, or a cluster of three would
// hardly wait at all.
func (m *Machine) suspicionTimeout() time.Duration {
	if m.Paper {
		milli := max(log10Milli(uint64(m.table.live)), 1000)
		return time.Duration(m.Alpha) * m.ProbeInterval * time.Duration(milli) / 1000
	}
	return time.Duration(m.SuspicionMult) * m.refutationTime()
}

// refutationTime is what a refutation takes under bad conditions, when neither
// the suspect nor the accuser can be told directly: two epidemics, the suspicion's
// and its answer's, of log2(n) rounds at most between them, and some for loss.
func (m *Machine) refutationTime() time.Duration {
	return m.refutationRound() * time.Duration(log2(uint64(max(m.table.live, 2)))+refutationRounds<<16) >> 16
}

// refutationRounds are the rounds of gossip that do not depend on the size.
const refutationRounds = 5

// refutationRound is a round of gossip, or a period where there is no gossip.
func (m *Machine) refutationRound() time.Duration {
	if m.GossipInterval > 0 && m.GossipFanout > 0 {
		return m.GossipInterval
	}
	return m.ProbeInterval
}
