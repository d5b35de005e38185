package core

import (
	"strings"
	"time"

	"github.com/swim-go/swim/wire"
)

// hear takes a claim that came over the network. fromSync says that it stands
// in somebody's table rather than being news; spread, whether to pass it on.
func (m *Machine) hear(u *wire.Update, fromSync, spread bool) {
	if u.Check() != nil || m.tooFarAhead(u.Epoch) {
		m.stats.ClaimsInvalid++
		return
	}
	ref, known := m.table.find(u.Name)
	if known && ref == wire.Self {
		m.hearOfSelf(u)
		return
	}
	if !known {
		m.hearOfStranger(u, spread)
		return
	}
	claim := *u
	if fromSync && u.State == wire.Failed && m.table.rows[ref].state.Live() {
		// Two halves of a partition hold each other for failed. Were that
		// believed when they meet again, each would bury the other. As a
		// suspicion it can be refuted (H6), and it names no accuser, since
		// nobody probed anybody just now (H13).
		claim.State, claim.From = wire.Suspect, ""
	}
	before := m.table.member(ref)
	if !wire.Supersedes(&claim.Member, &before) {
		if claim.State == wire.Suspect && sameClaim(&claim.Member, &before) {
			m.confirm(ref, claim.From)
		} else {
			m.stats.ClaimsStale++
		}
		return
	}
	switch {
	case !m.table.rows[ref].sameIdentity(&claim) && !m.admits(&claim):
	case before.State.Live() && m.isHearsay(&claim):
		m.doubtDeparture(ref, &claim, spread)
	default:
		m.adopt(ref, &claim, heardReason(claim.State), spread)
	}
}

// heardReason is why a claim that came over the network is believed: who lives
// or left said so itself, the others were accused.
func heardReason(s wire.State) wire.Reason {
	if s == wire.Alive || s == wire.Left {
		return wire.Announced
	}
	return wire.Accused
}

// hearOfStranger takes a claim about a member that is not in the table. A claim
// that one has failed is kept and passed on like any other (H3): it stops the
// stale claims that may follow it.
func (m *Machine) hearOfStranger(u *wire.Update, spread bool) {
	if !u.State.Live() && m.goneSince(u) <= m.now-m.ForgetAfter {
		m.stats.ClaimsStale++
		return
	}
	if !m.admits(u) {
		return
	}
	if m.table.size() >= m.cfg.MaxMembers {
		// One who is gone makes room for one who lives; for another who is gone
		// there is none, or a flood of those would cost a search each.
		oldest, ok := m.table.oldestDead()
		if !ok || !u.State.Live() {
			m.stats.MembersShed++
			return
		}
		m.forget(oldest)
	}
	m.adopt(m.table.add(m.identify(identityOf(u))), u, heardReason(u.State), spread)
}

// sameClaim reports whether two claims say the same of the same life.
func sameClaim(a, b *wire.Member) bool {
	return a.Epoch == b.Epoch && a.Incarnation == b.Incarnation && a.State == b.State
}

// tooFarAhead refuses epochs that their subject could not outbid (H4).
func (m *Machine) tooFarAhead(epoch uint64) bool {
	limit := m.cfg.Epoch + uint64(max(m.now-m.born, 0)) + maxEpochLead
	return epoch > limit
}

// goneSince tells since when the subject of a claim is gone. The age of the
// claim counts, or a tombstone handed from node to node would never end (H14).
func (m *Machine) goneSince(u *wire.Update) time.Duration {
	return m.now - time.Duration(u.Age)*time.Second
}

// adopt is the one place where the belief about another member changes. The
// claim may be a view; what is kept of it is copied here.
func (m *Machine) adopt(ref wire.Ref, u *wire.Update, reason wire.Reason, spread bool) {
	r := &m.table.rows[ref]
	var before wire.Member
	if r.state.Valid() {
		before = m.table.member(ref)
	}
	by := m.own(u.From)
	m.table.digest -= r.digest()
	if who := identityOf(u); *r.who != who {
		if r.who.Addr != who.Addr {
			r.roundTrip, r.deviation = 0, 0 // it moved, perhaps far away
		}
		r.who = m.identify(who)
	}
	m.table.count(r.state, -1)
	m.table.count(u.State, +1)
	r.incarnation, r.state, r.changed = u.Incarnation, u.State, m.now
	m.table.digest += r.digest()
	if !u.State.Live() {
		r.changed = m.goneSince(u)
		m.armSweep()
		m.armHealing()
	}
	after := m.table.member(ref)
	m.stats.ClaimsApplied++

	m.tellSelector(ref, &before, &after)
	if after.State == wire.Suspect {
		m.startSuspicion(ref, by)
	} else {
		m.stopSuspicion(ref)
	}
	m.event(Event{Kind: Changed, Before: before, After: after, Reason: explain(&before, &after, reason), By: by})
	if spread {
		m.spread(wire.Update{Member: after, From: by, Age: u.Age})
	}
}

// explain corrects the reason for a change by what was believed before.
func explain(before, after *wire.Member, reason wire.Reason) wire.Reason {
	switch {
	case before.State == 0 || after.State != wire.Alive:
		return reason
	case after.Epoch > before.Epoch:
		return wire.Restarted
	case before.State != wire.Alive:
		return wire.Refuted
	}
	return reason
}

func (m *Machine) tellSelector(ref wire.Ref, before, after *wire.Member) {
	switch {
	case after.State.Live() && (!before.State.Live() || before.Addr != after.Addr || before.Meta != after.Meta):
		m.cfg.Selector.Add(ref, *after, m.rng)
	case before.State.Live() && !after.State.Live():
		m.cfg.Selector.Remove(ref)
	}
}

func identityOf(u *wire.Update) Identity { return Identity{u.Name, u.Addr, u.Meta, u.Token, u.Epoch} }

// identify copies an identity that may be made of views.
func (m *Machine) identify(id Identity) *Identity {
	if m.cfg.Intern != nil {
		return m.cfg.Intern(id)
	}
	return &Identity{
		Name: strings.Clone(id.Name), Addr: strings.Clone(id.Addr),
		Meta: strings.Clone(id.Meta), Token: strings.Clone(id.Token), Epoch: id.Epoch,
	}
}

// own returns a name that may be kept. Accusers are members, mostly, and then
// nothing needs to be copied.
func (m *Machine) own(name string) string {
	if ref, ok := m.table.find(name); ok {
		return m.table.name(ref)
	}
	return strings.Clone(name)
}

// claim is what we say about a member when asked.
func (m *Machine) claim(ref wire.Ref) wire.Update {
	u := wire.Update{Member: m.table.member(ref)}
	switch u.State {
	case wire.Suspect:
		if s := m.suspicions.of(ref); s != nil {
			u.From = s.accusers[0]
		}
	case wire.Failed, wire.Left:
		// Rounded up: rounded down, a tombstone that is handed back and forth
		// would get younger at each hop.
		u.Age = uint32((max(m.now-m.table.rows[ref].changed, 0) + time.Second - 1) / time.Second)
	}
	return u
}
