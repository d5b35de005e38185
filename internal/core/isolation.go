package core

// isolationPeriods is for how many protocol periods nothing at all may be heard,
// though there are members to be heard of, before a node holds itself for cut off.
// Each of them probes somebody in each period, so silence of all is no chance.
const isolationPeriods = 5

// noticeIsolation says so, once, when this node seems to be cut off. It cannot
// know whether it is that or all the others are gone; to bury them all would be
// wrong in the one case and of no use in the other.
func (m *Machine) noticeIsolation() {
	peers := m.table.peers()
	cutOff := peers > 0 && m.now-m.heard > isolationPeriods*m.ProbeInterval
	if cutOff && !m.isolated {
		m.event(Event{Kind: Isolated, Count: peers})
	}
	m.isolated = cutOff
}

// hearSomething notes that our input works.
func (m *Machine) hearSomething() {
	m.heard = m.now
	if m.isolated {
		m.isolated = false
		m.event(Event{Kind: Reconnected})
	}
}

// Isolated reports whether this node seems to be cut off from all others.
func (m *Machine) Isolated() bool { return m.isolated }
