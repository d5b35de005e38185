package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// fetch is a broadcast that was announced and is not here yet.
type fetch struct {
	c       *cast
	seq     uint32        // of the question under way; 0 if there is none
	tries   int           // so far
	retryAt time.Duration // when it is asked again, though an answer may be under way
}

const (
	// maxFetches is how many questions are under way at a time.
	maxFetches = 4
	// maxFetchesWaiting is how many broadcasts wait to be fetched, those included.
	maxFetchesWaiting = 256
	// fetchTries is how often one is asked for before it is given up.
	fetchTries = 5
	// fetchPatience is after what time a question without an answer is asked again, of
	// somebody else if others announced it. It doubles with every second one: a large payload
	// takes long on a slow path, and those that wait behind it are given up in 25 intervals.
	fetchPatience = time.Second
)

// fetchLater fetches what was announced when its turn comes.
func (m *Machine) fetchLater(c *cast) {
	bs := m.casts
	if !m.cfg.Streams || int64(c.b.Size) > int64(m.cfg.Broadcasts.MaxBytes) || len(bs.fetches) >= maxFetchesWaiting {
		bs.stats.Refused++
		m.lose(c)
		return
	}
	bs.fetches = append(bs.fetches, &fetch{c: c})
	m.startFetches()
}

// startFetches asks for those that wait, while not too many are under way.
func (m *Machine) startFetches() {
	bs := m.casts
	bs.fetches = slices.DeleteFunc(bs.fetches, func(f *fetch) bool { return !f.c.missing })
	under := 0
	for _, f := range bs.fetches {
		if f.seq != 0 {
			under++
		}
	}
	for _, f := range bs.fetches {
		if under >= maxFetches {
			return
		}
		if f.seq != 0 || m.now < f.retryAt || !m.table.known(f.c.via) {
			continue
		}
		f.seq, f.retryAt = m.nextSeq(), m.now+fetchPatience<<(f.tries/2)
		f.tries++
		under++
		msg := m.postStream(m.table.addr(f.c.via), wire.Fetch)
		msg.Seq = f.seq
		msg.Broadcasts = append(msg.Broadcasts, wire.Broadcast{Origin: f.c.b.Origin, Epoch: f.c.b.Epoch, Seq: f.c.b.Seq})
	}
}

// answerFetchOf sends the one broadcast that a stream asks for, or nothing.
func (m *Machine) answerFetchOf(from Path, msg *wire.Message) {
	answer := m.answer(from, wire.Fetched)
	answer.Seq = msg.Seq
	if len(msg.Broadcasts) != 1 { // or a short question would be answered with gigabytes
		return
	}
	b := &msg.Broadcasts[0]
	o := m.casts.byName[b.Origin]
	if o == nil || o.epoch != b.Epoch {
		return
	}
	if c := o.at(b.Seq); c != nil && !c.missing && !c.lost {
		whole := c.b
		whole.Size = 0
		answer.Broadcasts = append(answer.Broadcasts, whole)
	}
}

// takeFetchedOf takes the answer of a stream. The question may be one that was asked
// again meanwhile.
func (m *Machine) takeFetchedOf(msg *wire.Message) {
	bs := m.casts
	if bs == nil || msg.Seq == 0 {
		m.stats.MessagesLate++
		return
	}
	i := slices.IndexFunc(bs.fetches, func(f *fetch) bool {
		return f.c.missing && (f.seq == msg.Seq || len(msg.Broadcasts) == 1 && f.c.is(&msg.Broadcasts[0]))
	})
	if i < 0 {
		m.stats.MessagesLate++
		return
	}
	f := bs.fetches[i]
	if len(msg.Broadcasts) != 1 || !m.completes(f.c, &msg.Broadcasts[0]) {
		m.fetchFailed(f)
		m.startFetches()
		return
	}
	bs.stats.Fetched++
	m.startFetches()
	if c := f.c; !c.silent && !c.b.Void() {
		m.enqueue(c) // now that whoever hears of it from us can have it
	}
	m.deliverBroadcasts(f.c.origin)
}

// is reports whether b is the same broadcast.
func (c *cast) is(b *wire.Broadcast) bool {
	return b.Origin == c.b.Origin && b.Epoch == c.b.Epoch && b.Seq == c.b.Seq
}

// completes fills in what was announced, if b is that. What was replaced meanwhile comes
// as void.
func (m *Machine) completes(c *cast, b *wire.Broadcast) bool {
	if b.Check() != nil || !c.is(b) {
		return false
	}
	if b.Void() {
		m.void(c)
		return true
	}
	if int64(len(b.Payload)) != int64(c.b.Size) || b.Channel != c.b.Channel || b.Key != c.b.Key {
		return false
	}
	c.b.Payload = append(make([]byte, 0, len(b.Payload)), b.Payload...)
	c.missing, c.came = false, m.now
	m.casts.kept.grow(m, c)
	return true
}

// fetchFailed asks again in a while, perhaps somebody else, or gives up.
func (m *Machine) fetchFailed(f *fetch) {
	f.seq, f.retryAt = 0, m.now+m.repairInterval()
	if !f.c.missing || f.tries < fetchTries {
		return
	}
	m.casts.stats.FetchesFailed++
	m.lose(f.c)
	m.deliverBroadcasts(f.c.origin)
}

// retryFetches looks after those that failed or take too long.
func (m *Machine) retryFetches() {
	bs := m.casts
	if len(bs.fetches) == 0 {
		return
	}
	for _, f := range bs.fetches {
		if f.seq != 0 && m.now >= f.retryAt {
			m.fetchFailed(f)
		}
	}
	m.startFetches()
}

// unfetched notes that a question was not asked, or not answered.
func (m *Machine) unfetched(seq uint32) {
	if m.casts == nil || seq == 0 {
		return
	}
	for _, f := range m.casts.fetches {
		if f.seq == seq {
			m.fetchFailed(f)
			return
		}
	}
}
