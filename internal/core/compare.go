package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// A comparison finds where two tables differ, and costs what differs rather than
// what there is:
//
//	Compare     a digest of each bucket of rows      ──▶
//	            ◀── which of the buckets differ          Comparison
//	Sync        a print of each row in those         ──▶
//	            ◀── rows, and the prints of those wanted  SyncReply
//	Sync        these rows                           ──▶
//	            ◀── rows, where those were stale         SyncReply
//
// It ends at the first step that leaves nothing to say; equal tables take the first
// two packets. The Syncs are those of a join, and are believed as those are, but
// that they stand for some rows instead of all. By packet each step is cut to what
// fits, and where something was left out the next comparison follows at once.
//
// All prints and buckets of one comparison are salted with its number, so that rows
// which fall together by chance or by malice are told apart by the next one.

// comparison is the one that we asked for last.
type comparison struct {
	addr    string // of whom we compare with
	seq     uint32 // of the question under way, 0 if there is none
	salt    uint32 // the number of its Compare
	buckets int
	rounds  int
	more    bool   // differs than the question could hold
	applied uint64 // Stats.ClaimsApplied when rows were asked for
	endAt   time.Duration
}

// maxRounds bounds how often a comparison by packets begins again. Whoever always
// has more to tell is heard out another time.
const maxRounds = 64

// The verdicts in the Cursor of a Comparison; 0 says that Payload tells. In a
// SyncReply they say likewise that there is more than was sent, and later.
const (
	// wholeTable: so much is missing that the tables are better exchanged whole.
	wholeTable = 1
	moreRows   = 1
	// later: the answerer has done enough for others in this period.
	later = tableEnd
)

// startComparison compares tables with a member. One that is under way comes first.
func (m *Machine) startComparison(ref wire.Ref) {
	c := &m.comparison
	if c.seq != 0 && m.now < c.endAt {
		return
	}
	*c = comparison{addr: m.table.addr(ref)}
	m.askBuckets()
}

// question numbers the next question of the comparison. One that is not answered
// in time may be given up for another.
func (m *Machine) question(c *comparison) uint32 {
	c.seq, c.endAt = m.nextSeq(), m.now+4*m.ProbeTimeout
	return c.seq
}

func (m *Machine) askBuckets() {
	c := &m.comparison
	msg := m.post(c.addr, wire.Compare)
	msg.Seq, msg.Cursor = m.question(c), uint32(m.table.size())
	c.salt, c.more = c.seq, false
	c.rounds++
	c.buckets = bucketsFor(m.table.size(), m.room(msg)-payloadHeadBytes)
	msg.Payload = m.bucketDigests(c.salt, c.buckets)
	m.stats.Comparisons++
}

func (m *Machine) answerCompare(from Path, msg *wire.Message) {
	buckets := len(msg.Payload) / bucketBytes
	if len(msg.Payload)%bucketBytes != 0 || !validBuckets(buckets) {
		m.stats.MessagesInvalid++
		return
	}
	reply := m.answer(from, wire.Comparison)
	reply.Seq = msg.Seq
	switch {
	case m.busy():
		reply.Cursor = later
	case m.table.size()/2 > int(min(msg.Cursor, 1<<30))+smallTable:
		reply.Cursor = wholeTable
	default:
		reply.Payload = m.differingBuckets(msg.Seq, msg.Payload)
	}
	m.stats.ComparisonsAnswered++
	m.withhold(from, reply)
}

// smallTable is by how many rows a table may be more than twice another, and be
// compared for all that.
const smallTable = 16

// withhold takes an answer back that is longer than its question allows.
func (m *Machine) withhold(from Path, reply *wire.Message) {
	if !from.Stream && m.room(reply) < 0 {
		m.out.retract()
		m.stats.MessagesRefused++
	}
}

func (m *Machine) takeComparison(msg *wire.Message) {
	c := &m.comparison
	if c.seq == 0 || msg.Seq != c.seq || c.seq != c.salt {
		m.stats.MessagesLate++
		return
	}
	c.seq = 0
	switch {
	case msg.Cursor == later:
		m.compareLater()
	case msg.Cursor == wholeTable:
		m.syncWith(c.addr)
	case len(msg.Payload) != bitmapBytes(c.buckets):
		m.stats.MessagesInvalid++
	default:
		m.askRows(msg.Payload)
	}
}

// askRows sends a print of each of our rows in the buckets that differ, or in as
// many of those as fit.
func (m *Machine) askRows(differing []byte) {
	c := &m.comparison
	s := selection{salt: c.salt, buckets: c.buckets, bitmap: differing}
	counts, rows := m.countRows(&s)
	if rows < 0 {
		return // none differs
	}
	msg := m.postStream(c.addr, wire.Sync)
	msg.Seq, msg.Cursor = m.question(c), tableEnd
	if !m.cfg.Streams {
		fit := (m.room(msg) - payloadHeadBytes - s.headBytes()) / printBytes
		s.bitmap, rows, c.more = m.cut(&s, &counts, fit)
		if rows < 0 { // not even one bucket fits
			m.out.retract()
			c.seq = 0
			m.syncWith(c.addr)
			return
		}
	}
	msg.Payload = m.prints(&s, rows)
	c.applied = m.stats.ClaimsApplied
	m.stats.Syncs++
}

// answerRows answers a Sync that stands for some rows: with those of the buckets it
// names that the asker lacks or has otherwise, the prints of those that we do, and
// what is true where we were told something stale.
func (m *Machine) answerRows(from Path, msg *wire.Message) {
	var s selection
	if len(msg.Payload) > 0 && !s.parse(msg.Payload, m.cfg.MaxMembers) {
		m.stats.MessagesInvalid++
		return
	}
	reply := m.answer(from, wire.SyncReply)
	reply.Seq = msg.Seq
	m.outdated(msg.Updates)
	all := true
	if s.buckets > 0 {
		m.match(&s)
		limit := len(m.theirs)
		if !from.Stream { // the wanted get up to half of the room
			limit = max((m.room(reply)-payloadHeadBytes)/2/printBytes, 0)
		}
		reply.Payload, all = m.wanted(limit)
	}
	if !m.tell(reply, from.Stream) || !all {
		reply.Cursor = moreRows
	}
	m.withhold(from, reply)
}

// takeRows takes the rows of a comparison of ours, sends those that are wanted in
// turn, and reports whether there was one.
func (m *Machine) takeRows(msg *wire.Message) bool {
	c := &m.comparison
	if c.seq == 0 || msg.Seq != c.seq || c.seq == c.salt {
		return false
	}
	c.seq = 0
	more := c.more || msg.Cursor == moreRows
	m.outdated(msg.Updates)
	if !m.demand(c.salt, msg.Payload) {
		m.stats.MessagesInvalid++
	}
	progress := m.stats.ClaimsApplied > c.applied || len(m.sending) > 0
	if len(m.sending) > 0 {
		last := m.postStream(c.addr, wire.Sync)
		last.Seq, last.Cursor = m.nextSeq(), tableEnd
		if !m.tell(last, m.cfg.Streams) {
			more = true
		}
		m.stats.Syncs++
	}
	// One side that does not admit a row of the other's differs for good.
	if more && progress && c.rounds < maxRounds {
		m.askBuckets()
	}
	return true
}

// outdated begins the list of the rows to send with those of which we were just
// told less than we know: we hold the member for gone, or have newer word of it.
func (m *Machine) outdated(told []wire.Update) {
	m.sending = m.sending[:0]
	for i := range told {
		ref, ok := m.table.find(told[i].Name)
		if !ok {
			continue
		}
		if ours := m.table.member(ref); wire.Supersedes(&ours, &told[i].Member) {
			m.sending = append(m.sending, ref)
		}
	}
}

// tell puts the listed rows into a message, as many as fit into a packet, and reports
// whether all did.
func (m *Machine) tell(msg *wire.Message, stream bool) bool {
	slices.Sort(m.sending)
	m.sending = slices.Compact(m.sending)
	room, all := m.room(msg), true
	for _, ref := range m.sending {
		u := m.claim(ref)
		if !stream {
			size := m.size(u)
			switch {
			case size > m.maxClaim:
				m.stats.ClaimsOversized++ // no packet will ever hold it
				continue
			case size > room:
				all = false
				continue
			}
			room -= size
		}
		msg.Updates = append(msg.Updates, u)
	}
	m.sending = shrink(m.sending)
	return all
}

// maxAnswers is how many comparisons, and whole tables to who is a member already, a
// node answers in a period: a thousand that find themselves behind at once must
// not keep it from its own work.
const maxAnswers = 32

// answers counts those of the period that began at since.
type answers struct {
	since time.Duration
	count int
}

// busy counts one more answer, or says that there were enough.
func (m *Machine) busy() bool {
	a := &m.answers
	if m.now-a.since >= m.ProbeInterval {
		*a = answers{since: m.now}
	}
	if a.count >= maxAnswers {
		m.stats.Deferrals++
		return true
	}
	a.count++
	return false
}

// compareLater asks another member, or the same, in a while.
func (m *Machine) compareLater() {
	m.stats.Deferred++
	if m.nextSync != noDeadline {
		m.nextSync = min(m.nextSync, m.now+m.ProbeInterval+m.jitter(m.ProbeInterval))
	}
}

// isStranger reports whether a message comes from a life that we did not hold for
// live before it came. Such a one joins, and has nobody else to ask.
func (m *Machine) isStranger(s *wire.Sender) bool {
	ref, ok := m.table.find(s.Name)
	return !ok || !m.table.peer(ref) || m.table.rows[ref].who.Epoch != s.Epoch
}
