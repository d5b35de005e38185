package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

// Probes go to live members alone, and so do gossip and syncs. Two halves of a
// network that was cut for longer than a suspicion lasts therefore hold each
// other for failed and, left to themselves, never speak again (H6). So each node
// pings one failed member now and then. The ping carries the verdict: who lives
// refutes it with the answer, says what it holds us for, and two that speak again
// compare tables as all others do.

// healInterval is how often, with some play, so that nodes which lost each other
// at the same moment do not all try at the same moment.
func (m *Machine) healInterval() time.Duration {
	return m.HealInterval - m.HealInterval/4 + m.jitter(m.HealInterval/2)
}

// armHealing sees to it that who failed is asked after.
func (m *Machine) armHealing() {
	if m.nextHeal == noDeadline && m.HealInterval > 0 && m.self().state.Live() {
		m.nextHeal = m.now + m.healInterval()
	}
}

// heal pings one of those who failed.
func (m *Machine) heal() {
	if m.now < m.nextHeal {
		return
	}
	m.nextHeal = noDeadline
	ref, ok := m.someFailed()
	if !ok {
		return
	}
	m.armHealing()
	m.stats.Retries++
	msg := m.post(m.table.addr(ref), wire.Ping)
	msg.Seq, msg.Target, msg.Digest = m.nextSeq(), m.table.name(ref), m.digest()
	m.force(msg, m.claim(ref))
}

// someFailed draws a failed member. It looks from a random row on, which favours
// who stands behind a row of another state; all have their turn for all that.
func (m *Machine) someFailed() (wire.Ref, bool) {
	if m.table.dead == 0 {
		return 0, false
	}
	n := len(m.table.rows)
	begin := m.rng.IntN(n)
	for i := range n {
		ref := wire.Ref((begin + i) % n)
		if ref != wire.Self && m.table.known(ref) && m.table.rows[ref].state == wire.Failed {
			return ref, true
		}
	}
	return 0, false
}
