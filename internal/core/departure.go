package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// departure tells a number of members straight away that we leave, and counts
// who has answered. Gossip alone could not say when it is safe to exit.
type departure struct {
	active  bool
	want    int
	told    []farewell
	retryAt time.Duration
}

// farewell is one member told, by a ping that carries the departure.
type farewell struct {
	name  string
	seq   uint32
	tries int
	heard bool
}

func (d *departure) deadline() time.Duration {
	if !d.active {
		return noDeadline
	}
	return d.retryAt
}

func (d *departure) heard() int {
	n := 0
	for i := range d.told {
		if d.told[i].heard {
			n++
		}
	}
	return n
}

// enough is how many answers suffice where there are so many peers: as many as we
// want, or all. Who has been told a few times and does not answer is not counted
// among the peers, for it may be dead, and whoever finds that out does not tell
// those who left. One answer it takes at least.
func (d *departure) enough(peers int) int {
	for i := range d.told {
		if !d.told[i].heard && d.told[i].tries > farewellTries {
			peers--
		}
	}
	return min(d.want, max(peers, 1))
}

// farewellTries is how often a member is told that does not answer.
const farewellTries = 3

// minFarewells is how many members are told directly even in a small cluster.
const minFarewells = 3

// maxFarewells bounds how many are asked in all before the answers suffice.
const maxFarewells = 64

// Leave announces our departure. From now on we accuse nobody and probe nobody,
// but go on answering and gossiping until the process ends.
func (m *Machine) Leave(now time.Duration) {
	m.begin(now)
	before := m.Local()
	if before.State == wire.Left {
		return
	}
	self := m.self()
	self.incarnation++
	if self.incarnation >= maxIncarnation {
		m.renew(before.Epoch + 1)
	}
	self.state, self.changed = wire.Left, m.now
	m.table.count(wire.Alive, -1)
	m.table.count(wire.Left, +1)
	m.probe.active = false
	m.suspicions.clear()
	m.nextProbe, m.nextSync, m.nextHeal, m.nextState = noDeadline, noDeadline, noDeadline, noDeadline
	m.event(Event{Kind: LocalChanged, Before: before, After: m.Local(), Reason: wire.Announced})
	m.spread(m.claim(wire.Self))
	m.departure = departure{active: true, want: max(minFarewells, ceilLog2(uint64(m.table.live)+1)), retryAt: m.now}
	m.advanceDeparture()
}

// advanceDeparture tells as many members as are still wanted, others each time
// where there are others, until enough have answered.
func (m *Machine) advanceDeparture() {
	d := &m.departure
	if !d.active || m.now < d.retryAt {
		return
	}
	d.retryAt = m.now + m.ProbeTimeout
	missing := d.enough(m.table.peers()) - d.heard()
	if missing <= 0 || m.table.peers() == 0 {
		m.departed()
		return
	}
	for _, ref := range m.pick(missing+d.heard(), wire.ForGossip, wire.Self) {
		name := m.table.name(ref)
		i := slices.IndexFunc(d.told, func(f farewell) bool { return f.name == name })
		if i >= 0 && d.told[i].heard {
			continue
		}
		if i < 0 {
			if len(d.told) >= maxFarewells {
				d.told = slices.DeleteFunc(d.told, func(f farewell) bool { return !f.heard })
			}
			d.told = append(d.told, farewell{name: name, seq: m.nextSeq()})
			i = len(d.told) - 1
		}
		d.told[i].tries++
		msg := m.post(m.table.addr(ref), wire.Ping)
		msg.Seq, msg.Target = d.told[i].seq, name
		if !m.force(msg, m.claim(wire.Self)) {
			m.out.retract() // an answer would prove nothing
			continue
		}
		m.ride(msg) // what others told us who leave with us
	}
}

// Confirmed counts the members that have confirmed our departure so far.
func (m *Machine) Confirmed() int { return m.departure.heard() }

func (m *Machine) ackDeparture(msg *wire.Message) bool {
	d := &m.departure
	i := slices.IndexFunc(d.told, func(f farewell) bool { return f.seq == msg.Seq && f.name == msg.Sender.Name })
	if i < 0 {
		return false
	}
	// Who leaves itself may be gone before it has passed anything on.
	if ref, ok := m.table.find(msg.Sender.Name); !d.told[i].heard && (!ok || !m.table.peer(ref)) {
		d.told = slices.Delete(d.told, i, i+1)
		d.retryAt = m.now
		return true
	}
	d.told[i].heard = true
	if d.active && d.heard() >= d.enough(m.table.peers()) {
		m.departed()
	}
	return true
}

func (m *Machine) departed() {
	m.departure.active = false
	m.event(Event{Kind: Departed, Count: m.departure.heard()})
}
