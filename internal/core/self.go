package core

import (
	"strings"
	"time"

	"github.com/swim-go/swim/wire"
)

// hearOfSelf takes a claim about ourselves. Only we raise our incarnation, and
// only to answer (SWIM 4.2).
func (m *Machine) hearOfSelf(u *wire.Update) {
	m.mentioned = true
	self := m.Local()
	if self.State == wire.Left || !wire.Supersedes(&u.Member, &self) {
		m.stats.ClaimsStale++
		// Whoever still accuses us has missed our answer, and by now we may have
		// ceased to gossip it.
		if u.State != wire.Alive && wire.Supersedes(&self, &u.Member) {
			m.wronged = true
		}
		return
	}
	elsewhere := u.State.Live() && u.Addr != self.Addr
	switch {
	case elsewhere && (u.Epoch > self.Epoch || u.State == wire.Alive):
		// Somebody lives under our name at another address. Outbidding it would
		// be a war of incarnations without an end.
		m.meetRival(strings.Clone(u.Addr), u.Epoch)
	case u.Epoch > self.Epoch:
		// Nobody lives that life: it is a past of ours, from before the clock
		// was set back, or invented.
		m.renew(u.Epoch + 1)
		m.refute(self)
	case m.waitsToReturn(u):
	default:
		m.outbid(u.Incarnation, self)
	}
}

// outbid refutes a claim of our epoch.
func (m *Machine) outbid(incarnation uint32, before wire.Member) {
	if incarnation = max(incarnation, before.Incarnation); incarnation >= maxIncarnation {
		m.renew(before.Epoch + 1)
	} else {
		m.self().incarnation = incarnation + 1
	}
	m.refute(before)
}

// refute announces our new incarnation. Having been accused is a reason to
// doubt ourselves (Lifeguard IV-A).
func (m *Machine) refute(before wire.Member) {
	m.wronged = true
	m.stats.Refutations++
	m.health.worse()
	m.event(Event{Kind: LocalChanged, Before: before, After: m.Local(), Reason: wire.Refuted})
	m.spread(m.claim(wire.Self))
}

// renew begins another epoch. A process has one for life, but for claims about
// it that cannot be outbid within it.
func (m *Machine) renew(epoch uint64) {
	who := *m.self().who
	who.Epoch = epoch
	m.self().who = m.identify(who)
	m.self().incarnation = 0
}

// meetRival tells of another process with our name, once for each of its lives,
// and lets it know that we are here, so that its user is told too.
func (m *Machine) meetRival(addr string, epoch uint64) {
	m.stats.Conflicts++
	if m.rival == epoch {
		return // or two rivals would answer each other's answers for ever
	}
	if m.now < m.rivalAt {
		return // nor is anybody flooded in our name, by claims of ever new rivals
	}
	m.rivalAt = m.now + m.ProbeInterval
	m.rival = epoch
	m.event(Event{
		Kind: Conflicted, Before: m.Local(),
		After: wire.Member{Name: m.cfg.Name, Addr: addr, Epoch: epoch, State: wire.Alive},
	})
	if addr != "" {
		m.force(m.post(addr, wire.Gossip), m.claim(wire.Self))
	}
}

// hearRival takes a message that a rival itself sent. One that tries to join
// through us, or through which we do, is answered, so that nobody waits in vain.
func (m *Machine) hearRival(from Path, msg *wire.Message) {
	switch msg.Kind {
	case wire.Sync:
		m.answer(from, wire.SyncReply).Seq = msg.Seq
	case wire.SyncReply:
		m.refuseSync(msg.Seq)
	}
	addr := from.Addr
	if from.Stream { // then that is no address to send to
		addr = ""
		for i := range msg.Updates {
			u := &msg.Updates[i]
			if u.Name == m.cfg.Name && u.Epoch == msg.Sender.Epoch && u.Check() == nil {
				addr = strings.Clone(u.Addr)
			}
		}
	}
	m.meetRival(addr, msg.Sender.Epoch)
}

// SetMeta changes our metadata and announces it.
func (m *Machine) SetMeta(now time.Duration, meta string) {
	m.begin(now)
	m.change(func(who *Identity) { who.Meta = meta })
}

// SetToken changes our credential and announces it.
func (m *Machine) SetToken(now time.Duration, token string) {
	m.begin(now)
	m.change(func(who *Identity) { who.Token = token })
}

// change alters our identity under a new incarnation.
func (m *Machine) change(alter func(*Identity)) {
	before := m.Local()
	if before.State == wire.Left {
		return
	}
	who := *m.self().who
	if m.probation.next != nil {
		who = *m.probation.next
	}
	alter(&who)
	if m.probation.owes {
		m.probation.next = m.identify(who)
		return
	}
	m.self().who = m.identify(who)
	m.self().incarnation++
	if m.self().incarnation >= maxIncarnation {
		m.renew(who.Epoch + 1)
	}
	m.event(Event{Kind: LocalChanged, Before: before, After: m.Local(), Reason: wire.Announced})
	m.spread(m.claim(wire.Self))
}
