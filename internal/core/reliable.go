package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// letter is a payload to one member that is sent until it is acknowledged.
type letter struct {
	seq     uint32
	ref     wire.Ref
	name    string
	epoch   uint64
	payload []byte
	tries   int
	retryAt time.Duration
	endAt   time.Duration
}

// received tells the letters that we got apart.
type received struct {
	name  string
	epoch uint64
	seq   uint32
}

// mail is what waits for its receipt, and what we gave one for. A Machine has none
// until the first.
type mail struct {
	pending []letter
	due     time.Duration // when one of them is looked after next
	seen    map[received]struct{}
	order   []received // of seen, a ring
	oldest  int
}

const (
	// maxLetters bounds those that wait for a receipt.
	maxLetters = 1024
	// maxReceived is how many are remembered, so that none is delivered twice: for
	// letterTimeout, 2000 a second. Each takes some 100 bytes.
	maxReceived = 1 << 16
	// letterTimeout is how long one is sent again before it is given up.
	letterTimeout = 30 * time.Second
)

// SendReliable hands a payload to a member, again and again until it is acknowledged.
// That ends with an event Acknowledged or Undelivered that bears the number returned,
// unless Recall ends it. It returns false if there is no live member of that name, or
// too many wait already. The payload must stay as it is until then.
func (m *Machine) SendReliable(now time.Duration, name string, payload []byte) (seq uint32, known, queued bool) {
	m.begin(now)
	ref, ok := m.table.find(name)
	if !ok || !m.table.peer(ref) {
		return 0, false, false
	}
	m.mailing()
	if len(m.mail.pending) >= maxLetters {
		return 0, true, false
	}
	l := letter{
		seq: m.nextSeq(), ref: ref, name: m.table.name(ref), epoch: m.table.rows[ref].who.Epoch,
		payload: payload, endAt: m.now + letterTimeout,
	}
	m.dispatch(&l)
	m.mail.pending = append(m.mail.pending, l)
	m.mail.reckon()
	return l.seq, true, true
}

// mailing makes the mail of a Machine that had none.
func (m *Machine) mailing() {
	if m.mail == nil {
		m.mail = &mail{due: noDeadline}
	}
}

// Recall gives a SendReliable up without an event. It may have arrived.
func (m *Machine) Recall(now time.Duration, seq uint32) {
	m.begin(now)
	if m.mail != nil {
		m.mail.pending = slices.DeleteFunc(m.mail.pending, func(l letter) bool { return l.seq == seq })
		m.mail.reckon()
	}
}

func (m *Machine) dispatch(l *letter) {
	l.retryAt = m.now + m.ProbeTimeout
	if m.cfg.Streams { // it may be long
		l.retryAt = m.now + 2*m.ProbeTimeout<<min(l.tries, 5)
	}
	l.tries++
	msg := m.postStream(m.table.addr(l.ref), wire.User)
	msg.Seq, msg.Target, msg.Digest, msg.Payload = l.seq, l.name, l.epoch, l.payload
}

// resend sends again what was not acknowledged in time.
func (m *Machine) resend() {
	if m.mail == nil || m.now < m.mail.deadline() {
		return
	}
	for i := len(m.mail.pending) - 1; i >= 0; i-- {
		l := &m.mail.pending[i]
		switch {
		case m.now >= l.endAt || !m.table.is(l.ref, l.name, l.epoch) || !m.table.peer(l.ref):
			m.endLetter(i, Undelivered)
		case m.now >= l.retryAt:
			m.dispatch(l)
		}
	}
	m.mail.reckon()
}

func (m *Machine) endLetter(i int, kind EventKind) {
	l := m.mail.pending[i]
	m.mail.pending = slices.Delete(m.mail.pending, i, i+1)
	m.mail.reckon()
	m.event(Event{Kind: kind, Seq: l.seq, By: l.name})
}

// unsentLetter sends one again soon whose stream failed.
func (m *Machine) unsentLetter(seq uint32) {
	if m.mail == nil || seq == 0 {
		return
	}
	for i := range m.mail.pending {
		if l := &m.mail.pending[i]; l.seq == seq {
			l.retryAt = min(l.retryAt, m.now+m.ProbeTimeout)
		}
	}
	m.mail.reckon()
}

// acknowledge reports whether a letter is new, and answers it with a receipt. Where the
// owner has no room it is neither delivered nor acknowledged, and comes again.
func (m *Machine) acknowledge(from Path, msg *wire.Message, sender wire.Ref) bool {
	m.mailing()
	id := received{m.table.name(sender), msg.Sender.Epoch, msg.Seq}
	_, again := m.mail.seen[id]
	if !again {
		if m.cfg.Busy != nil && m.cfg.Busy() {
			m.stats.MessagesRefused++
			return false
		}
		m.mail.remember(id)
	}
	receipt := m.answer(from, wire.Receipt)
	receipt.Seq, receipt.Target = msg.Seq, id.name
	return !again
}

func (ml *mail) remember(id received) {
	if ml.seen == nil {
		ml.seen = make(map[received]struct{})
	}
	if len(ml.order) < maxReceived {
		ml.order = append(ml.order, id)
	} else {
		delete(ml.seen, ml.order[ml.oldest])
		ml.order[ml.oldest] = id
		ml.oldest = (ml.oldest + 1) % maxReceived
	}
	ml.seen[id] = struct{}{}
}

// takeReceipt ends the wait for one.
func (m *Machine) takeReceipt(msg *wire.Message) {
	if m.mail != nil {
		for i := range m.mail.pending {
			l := &m.mail.pending[i]
			if l.seq == msg.Seq && l.name == msg.Sender.Name && l.epoch == msg.Sender.Epoch {
				m.endLetter(i, Acknowledged)
				return
			}
		}
	}
	m.stats.MessagesLate++
}

// reckon notes when it is next due. Deadline is asked too often to look at all.
func (ml *mail) reckon() {
	ml.due = noDeadline
	for i := range ml.pending {
		ml.due = min(ml.due, ml.pending[i].retryAt, ml.pending[i].endAt)
	}
}

func (ml *mail) deadline() time.Duration {
	if ml == nil {
		return noDeadline
	}
	return ml.due
}
