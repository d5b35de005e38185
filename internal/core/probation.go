package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

// probation keeps a member that others declare failed again and again from coming
// back each time. One whose input fails for 20 s in every 40 s is well by each
// refutation and gone soon after, and every member would see it fail and return for
// ever. So the first return is at once, and each that follows soon takes twice as
// long, in which nothing may go wrong. The process itself waits: whoever wants it
// back sooner can restart it, and nobody else needs to keep a record of it.
type probation struct {
	verdicts int           // of late
	last     time.Duration // when the last of them was heard of
	owes     bool          // a refutation, which is given at returnAt
	above    uint32        // the incarnation of the verdict to be refuted
	teller   string        // who told us last
	hold     time.Duration
	returnAt time.Duration
	next     *Identity // what we changed meanwhile, to be announced with it
}

const (
	// forgiveAfter is how long it takes for one verdict to be forgotten.
	forgiveAfter = 5 * time.Minute
	// maxHoldDoublings bounds the wait: 16 times Params.ReturnDelay.
	maxHoldDoublings = 4
	// wellPeriods is how many periods ago something must have been heard.
	wellPeriods = 3
)

func (p *probation) deadline() time.Duration {
	if !p.owes {
		return noDeadline
	}
	return p.returnAt
}

// waitsToReturn takes a claim against us, and reports whether its refutation has to
// wait.
func (m *Machine) waitsToReturn(u *wire.Update) bool {
	p := &m.probation
	if m.ReturnDelay <= 0 || m.Paper {
		return false
	}
	if u.State != wire.Failed {
		// To refute a suspicion of the life that is judged already would be to
		// refute the verdict.
		return p.owes && u.Incarnation <= p.above
	}
	if p.owes { // the same verdict from another mouth, or the like of it
		p.above, p.teller = max(p.above, u.Incarnation), m.own(m.speaker)
		return true
	}
	p.verdicts -= min(p.verdicts, int((m.now-p.last)/forgiveAfter))
	p.verdicts++
	p.last = m.now
	if p.verdicts == 1 {
		return false
	}
	p.hold = m.ReturnDelay << min(p.verdicts-2, maxHoldDoublings)
	p.owes, p.above, p.teller, p.returnAt = true, u.Incarnation, m.own(m.speaker), m.now+p.hold
	m.event(Event{Kind: Barred, Count: int((p.hold + time.Second - 1) / time.Second)})
	return true
}

// relapse lets the wait begin again: something is still wrong with us.
func (p *probation) relapse(now time.Duration) {
	p.returnAt = now + p.hold
}

// endProbation refutes the verdict when its time has come.
func (m *Machine) endProbation() {
	p := &m.probation
	if !p.owes || m.now < p.returnAt {
		return
	}
	if m.now-m.heard > wellPeriods*m.ProbeInterval {
		p.relapse(m.now)
		return
	}
	m.returns()
}

// returns refutes the verdict that we owe an answer to. Who told us last is told
// straight away: of all others we may hold none for live that hold us for failed.
func (m *Machine) returns() {
	p := &m.probation
	p.owes = false
	if m.self().state == wire.Left {
		return
	}
	before := m.Local()
	if p.next != nil {
		who := *p.next
		who.Epoch = m.epoch()
		m.self().who, p.next = m.identify(who), nil
	}
	m.outbid(p.above, before)
	if ref, ok := m.table.find(p.teller); ok && ref != wire.Self {
		m.force(m.post(m.table.addr(ref), wire.Gossip), m.claim(wire.Self))
	}
}

// OnProbation reports whether others hold us for failed and we wait to refute it.
func (m *Machine) OnProbation() bool { return m.probation.owes }

// pardon forgets all verdicts on us, and refutes the one that we owe an answer to.
func (m *Machine) pardon() {
	if m.probation.owes {
		m.returns()
	}
	m.probation = probation{}
}
