package core

import "time"

// Rejoin is Join by nobody's wish but the node's own: it does not end a probation,
// or a node with a bad link would pardon itself whenever it asks its seeds.
func (m *Machine) Rejoin(now time.Duration, addr string) uint32 {
	m.begin(now)
	return m.enquire(addr)
}

// enquire begins an exchange of tables whose end somebody waits for.
func (m *Machine) enquire(addr string) uint32 {
	id := m.nextSeq()
	if len(m.joins.pending) >= maxJoins {
		m.stats.JoinsShed++
		m.event(Event{Kind: Unanswered, Seq: id})
		return id
	}
	m.begun(join{id: id, seq: id, addr: addr})
	return id
}
