package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

// The digest of a table is the sum of a hash of each live member's identity and
// incarnation. So it does not depend on order, and one row's change is one
// subtraction and one addition. Whether a live member is suspect is left out:
// that changes quickly and is settled by gossip. The dead are left out, for each
// node forgets them in its own time.

func (r *row) digest() uint64 {
	if !r.state.Live() {
		return 0
	}
	return stir(hash(r.who.Name, 0) + stir(r.who.Epoch) + uint64(r.incarnation))
}

// digest stands for our view of who is live. It is never 0, which says nothing.
func (m *Machine) digest() uint64 { return max(m.table.digest+m.self().digest(), 1) }

// compareAfter is how many pings and acks in a row must bring another digest than ours, and
// compareAfterNews how many at a node that still has news to tell.
const (
	compareAfter     = 2
	compareAfterNews = 5
)

// compare looks at the digest of a member that has just pinged us or answered. While news is
// still under way all views differ, so only a difference that lasts is worth a
// comparison, and it must last longer where there is news. Where members change all the
// time there always is: if it were waited for that to end, who missed one piece would
// lack it until the next sync.
func (m *Machine) compare(with wire.Ref, digest uint64) {
	if m.Paper || digest == 0 || digest == m.digest() {
		m.differing = 0
		return
	}
	m.differing++
	after := compareAfter
	if m.cfg.Disseminator.Len() > 0 {
		after = compareAfterNews
	}
	if m.differing < after || m.SyncInterval <= 0 || m.now < m.mayCompare || m.self().state != wire.Alive {
		return
	}
	m.differing = 0
	m.mayCompare = m.now + m.compareInterval()
	m.stats.Differences++
	m.startComparison(with)
}

// compareInterval keeps a cluster in constant change from comparing tables all
// the time: the larger they are, the rarer.
func (m *Machine) compareInterval() time.Duration {
	return m.ProbeInterval * time.Duration(2+m.table.live/256)
}
