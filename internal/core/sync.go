package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// A sync exchanges tables: each side sends what it knows, and each keeps what
// supersedes. Over a stream that is one question and one answer. Without
// streams the tables go by pages, one of either side's in a question and its
// answer, so that a lost one is asked for again and no question is answered with
// more than one packet.

// join is an exchange of tables that is not over.
type join struct {
	id      uint32 // what Join returned
	seq     uint32 // of the question; each page has its own, so that an answer that comes twice skips none
	addr    string
	quiet   bool   // nobody waits for its end
	news    bool   // what is learned is passed on
	theirs  uint32 // where to go on in the answerer's table
	ours    uint32 // where our page begins
	next    uint32 // where our next page begins, 0 at the end
	retryAt time.Duration
	endAt   time.Duration
}

// tableEnd is a cursor behind the last row of any table.
const tableEnd = 1<<32 - 1

// turn goes on to the next page of either table, and returns false where there
// is none. An answerer that does not get ahead has none.
func (j *join) turn(theirs uint32) bool {
	if theirs <= j.theirs {
		theirs = tableEnd
	}
	j.theirs, j.ours = theirs, j.next
	if j.next == 0 {
		j.ours = tableEnd
	}
	return j.theirs != tableEnd || j.ours != tableEnd
}

type joins struct{ pending []join }

func (j *joins) deadline() time.Duration {
	next := noDeadline
	for i := range j.pending {
		next = min(next, j.pending[i].endAt, j.pending[i].retryAt)
	}
	return next
}

func (j *joins) find(seq uint32) int {
	return slices.IndexFunc(j.pending, func(p join) bool { return p.seq == seq })
}

// joinTimeout is when a join without an answer is given up. Of a periodic sync
// four losses of one page are enough.
const joinTimeout = 30 * time.Second

func (m *Machine) patience(j *join) time.Duration {
	if j.quiet {
		return 4 * m.ProbeTimeout
	}
	return joinTimeout
}

// Join asks the member at an address for its table and gives it ours. It ends
// with an event Synced or Unanswered that bears the number returned.
func (m *Machine) Join(now time.Duration, addr string) uint32 {
	m.begin(now)
	m.pardon() // somebody wants us back
	return m.enquire(addr)
}

func (m *Machine) begun(j join) {
	j.retryAt, j.endAt = noDeadline, m.now+m.patience(&j)
	m.ask(&j)
	m.joins.pending = append(m.joins.pending, j)
}

// Abandon gives a join up without an event.
func (m *Machine) Abandon(now time.Duration, seq uint32) {
	m.begin(now)
	m.joins.pending = slices.DeleteFunc(m.joins.pending, func(j join) bool { return j.id == seq })
}

func (m *Machine) ask(j *join) {
	m.stats.Syncs++
	msg := m.postStream(j.addr, wire.Sync)
	msg.Seq, msg.Cursor = j.seq, j.theirs
	if m.cfg.Streams {
		j.retryAt = noDeadline
		m.fillTable(msg)
		return
	}
	j.retryAt = m.now + m.ProbeTimeout
	j.next = m.fillPage(msg, j.ours)
	if j.theirs == 0 {
		if short := m.cfg.PacketBytes/maxAmplification + 1 - m.cfg.MessageSize(msg); short > 0 {
			msg.Payload = padding[:min(short, len(padding))]
		}
	}
}

// padding is never written to.
var padding = make([]byte, 1<<15)

// startSync compares tables with one member now and then: what gossip lost is
// found that way, and of the dead, who are in no digest, only that way.
func (m *Machine) startSync() {
	if m.now < m.nextSync {
		return
	}
	m.nextSync = m.now + m.syncInterval()
	for _, ref := range m.pick(1, wire.ForSync, wire.Self) {
		if m.Paper {
			m.syncWith(m.table.addr(ref))
		} else {
			m.startComparison(ref)
		}
	}
}

// syncWith exchanges whole tables with a member, for no user to wait for.
func (m *Machine) syncWith(addr string) {
	j := join{seq: m.nextSeq(), addr: addr, quiet: true}
	switch {
	case m.cfg.Streams: // one answer, which stands for itself
		m.ask(&j)
	case len(m.joins.pending) >= maxJoins:
		m.stats.JoinsShed++
	default:
		m.begun(j)
	}
}

// syncInterval grows with the logarithm of the cluster, as a sync grows with the
// cluster itself.
func (m *Machine) syncInterval() time.Duration {
	return m.SyncInterval * time.Duration(max(ceilLog2(uint64(max(m.table.live, 1)))-4, 1))
}

func (m *Machine) answerSync(from Path, msg *wire.Message) {
	m.stats.SyncsAnswered++
	if msg.Cursor == tableEnd && !m.Paper { // nothing is asked of our table, or some rows are
		m.answerRows(from, msg)
		return
	}
	reply := m.answer(from, wire.SyncReply)
	reply.Seq = msg.Seq
	switch {
	case msg.Cursor == 0 && !m.stranger && !m.Paper && m.busy():
		reply.Cursor = later
		return
	case from.Stream:
		m.fillTable(reply)
		return
	}
	reply.Cursor = m.fillPage(reply, msg.Cursor)
}

// passesOn reports whether what an answer tells may be news to others: it is where
// we had peers before, while a joiner learns nothing new to those it joins.
func (m *Machine) passesOn(seq uint32) bool {
	alone := m.table.peers() == 0
	i := m.joins.find(seq)
	if i < 0 {
		return !alone
	}
	j := &m.joins.pending[i]
	if j.theirs == 0 { // the first page
		j.news = !alone
	}
	return j.news
}

// refuseSync ends a join whose answer comes from a process that we do not listen to.
func (m *Machine) refuseSync(seq uint32) {
	if i := m.joins.find(seq); i >= 0 {
		m.end(i, Unanswered, "")
	}
}

func (m *Machine) takeSyncReply(msg *wire.Message) {
	if m.takeRows(msg) {
		return
	}
	i := m.joins.find(msg.Seq)
	if i < 0 {
		return // of nobody's who waits for its end, or an answer that came twice
	}
	j := &m.joins.pending[i]
	if msg.Cursor == later {
		m.stats.Deferred++
		j.retryAt = m.now + m.ProbeInterval + m.jitter(m.ProbeInterval)
		return
	}
	if !m.cfg.Streams && j.turn(msg.Cursor) {
		j.seq, j.endAt = m.nextSeq(), m.now+m.patience(j)
		m.ask(j)
		return
	}
	m.end(i, Synced, m.own(msg.Sender.Name))
}

// end removes a join that is over, and tells who waits for it.
func (m *Machine) end(i int, kind EventKind, by string) {
	j := m.joins.pending[i]
	m.joins.pending = slices.Delete(m.joins.pending, i, i+1)
	if j.quiet {
		return
	}
	m.event(Event{Kind: kind, Seq: j.id, By: by})
	if kind == Synced {
		// The member that we joined through passes us on, too. But when many join
		// at once it tells random ones, most of whom joined later and know us;
		// those who do not are the ones that it has just told us of.
		m.spread(m.claim(wire.Self))
	}
}

// advanceJoins asks again where a page was lost, and gives up in the end.
func (m *Machine) advanceJoins() {
	if m.now < m.joins.deadline() {
		return
	}
	for i := range m.joins.pending {
		if j := &m.joins.pending[i]; m.now >= j.retryAt && m.now < j.endAt {
			m.ask(j)
		}
	}
	for i := len(m.joins.pending) - 1; i >= 0; i-- {
		if m.now >= m.joins.pending[i].endAt {
			m.end(i, Unanswered, "")
		}
	}
}

func (m *Machine) fillTable(msg *wire.Message) {
	msg.Updates = slices.Grow(msg.Updates, m.table.size())
	msg.Updates = append(msg.Updates, m.claim(wire.Self))
	for ref := range m.table.refs() {
		msg.Updates = append(msg.Updates, m.claim(ref))
	}
}

// fillPage puts as much of the table into a packet as fits, and returns where to
// go on, 0 at the end. We are the first row ourselves.
func (m *Machine) fillPage(msg *wire.Message, cursor uint32) uint32 {
	room := m.room(msg)
	for i := uint64(cursor); i < uint64(len(m.table.rows)); i++ {
		ref := wire.Ref(i)
		if !m.table.known(ref) {
			continue
		}
		u := m.claim(ref)
		size := m.size(u)
		if size > m.maxClaim {
			m.stats.ClaimsOversized++ // no page will ever hold it
			continue
		}
		if size > room {
			return uint32(i)
		}
		room -= size
		msg.Updates = append(msg.Updates, u)
	}
	return 0
}
