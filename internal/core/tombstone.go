package core

import "github.com/swim-go/swim/wire"

// sweep forgets the members that have been gone for long enough that no stale
// claim about them is under way any more (H14).
func (m *Machine) sweep() {
	if m.now < m.nextSweep {
		return
	}
	for ref := range m.table.refs() {
		r := &m.table.rows[ref]
		if !r.state.Live() && m.now-r.changed >= m.ForgetAfter {
			m.forget(ref)
		}
	}
	m.nextSweep = noDeadline
	if m.table.dead > 0 {
		m.armSweep()
	}
}

// forget removes a dead member from the table.
func (m *Machine) forget(ref wire.Ref) {
	before := m.table.member(ref)
	m.table.remove(ref)
	m.cfg.Disseminator.Forget(before.Name)
	m.event(Event{Kind: Changed, Before: before, Reason: wire.Forgotten})
}
