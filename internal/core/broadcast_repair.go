package core

import "github.com/swim-go/swim/wire"

// While broadcasts are kept, each node compares now and then what it has with what
// another has. It says so in a Fetch: of each origin, the first that is missing, and
// which after that are not. The other sends what is lacking there, and, if it lacks
// something itself, says in turn what it has. So a node that heard nothing at all is
// found by those who did, and a broadcast reaches everybody with certainty, as long as
// one is left who keeps it.

const (
	// repairBurst is how many packets answer one comparison.
	repairBurst = 8
	// maxCompared is how many comparisons are answered in a gossip interval. One comes
	// in, on average.
	maxCompared = 16
	// maxHeldBytes is how long the bits are that say what is held.
	maxHeldBytes = 64
	// answering is the Cursor of a Fetch that answers another.
	answering = 1
)

// compareCasts begins a comparison. Where not all origins fit, those of whom we know
// that something is missing come first, and the others have their turns.
func (m *Machine) compareCasts() {
	bs := m.casts
	for _, ref := range m.pick(1, wire.ForGossip, wire.Self) {
		msg := m.post(m.table.addr(ref), wire.Fetch)
		room := m.room(msg)
		for _, o := range bs.origins {
			if o.held > 0 && !m.tellHad(msg, o, &room) {
				break
			}
		}
		for range bs.origins {
			o := bs.origins[(bs.cursor+1)%len(bs.origins)]
			if o.held == 0 && len(o.casts) > 0 && !m.tellHad(msg, o, &room) {
				break
			}
			bs.cursor = (bs.cursor + 1) % len(bs.origins)
		}
		if len(msg.Broadcasts) == 0 {
			m.out.retract()
			continue
		}
		bs.stats.Compared++
	}
}

// tellHad says what we have of an origin, and returns false if that does not fit.
func (m *Machine) tellHad(msg *wire.Message, o *origin, room *int) bool {
	return m.mention(msg, wire.Broadcast{Origin: o.name, Epoch: o.epoch, Seq: o.next, Payload: o.heldBits()}, room)
}

func (m *Machine) mention(msg *wire.Message, b wire.Broadcast, room *int) bool {
	size := m.casts.sizeOf(m, &b)
	if size > *room || len(msg.Broadcasts) >= wire.MaxBroadcasts {
		return false
	}
	*room -= size
	msg.Broadcasts = append(msg.Broadcasts, b)
	return true
}

// heldBits has a bit for each number from next on: whether it is held.
func (o *origin) heldBits() []byte {
	if o.held == 0 {
		return nil
	}
	n := min(o.end()-o.next, 8*maxHeldBytes)
	bits := make([]byte, (n+7)/8)
	for i := range n {
		if c := o.at(o.next + i); c != nil {
			bits[i/8] |= 1 << (i % 8)
		}
	}
	return bits
}

// hasBit reports whether a member that told what it has, has a number.
func hasBit(had *wire.Broadcast, seq uint64) bool {
	if seq < had.Seq {
		return true
	}
	i := seq - had.Seq
	return i/8 < uint64(len(had.Payload)) && had.Payload[i/8]&(1<<(i%8)) != 0
}

// answerFetch takes a comparison, or a question for one broadcast.
func (m *Machine) answerFetch(from Path, msg *wire.Message) {
	if m.casts == nil && len(msg.Broadcasts) == 0 {
		return
	}
	bs := m.broadcasting()
	ref, ok := m.speaks(msg.Sender.Name, msg.Sender.Epoch)
	if !ok || !m.table.peer(ref) {
		bs.stats.Refused++
		return
	}
	if from.Stream {
		m.answerFetchOf(from, msg)
		return
	}
	// The answer is many times as long, and goes to where the member is known to be.
	if m.table.addr(ref) != from.Addr {
		bs.stats.Refused++
		return
	}
	if m.now-bs.answeredAt >= m.repairInterval() {
		bs.answeredAt, bs.answered = m.now, 0
	}
	if bs.answered++; bs.answered > maxCompared {
		bs.stats.Shed++
		return
	}
	m.repair(ref, msg)
	if msg.Cursor != answering {
		m.askBack(ref, msg)
	}
}

// repair sends a member what it lacks. What came to us a moment ago is probably on its
// way to it as well.
func (m *Machine) repair(ref wire.Ref, msg *wire.Message) {
	bs := m.casts
	var answer *wire.Message
	room, packets := 0, 0
	for i := range msg.Broadcasts {
		had := &msg.Broadcasts[i]
		o := bs.byName[had.Origin]
		if had.Seq == 0 || o == nil || o.epoch != had.Epoch {
			continue
		}
		for seq := max(had.Seq, o.base); seq < o.end(); seq++ {
			c := o.at(seq)
			if c == nil || c.missing || c.lost || m.now-c.came < m.repairInterval() || hasBit(had, seq) {
				continue
			}
			if answer == nil || c.size > room {
				if packets == repairBurst {
					return
				}
				packets++
				answer = m.post(m.table.addr(ref), wire.Fetched)
				room = m.room(answer)
			}
			answer.Broadcasts = append(answer.Broadcasts, *c.told())
			room -= c.size
			bs.stats.Repaired++
		}
	}
}

// askBack says what we have of those origins of whom the other has more.
func (m *Machine) askBack(ref wire.Ref, msg *wire.Message) {
	bs := m.casts
	answer := m.post(m.table.addr(ref), wire.Fetch)
	answer.Cursor = answering
	room := m.room(answer)
	for i := range msg.Broadcasts {
		had := &msg.Broadcasts[i]
		from, ok := m.speaks(had.Origin, had.Epoch)
		if ok && from == wire.Self && had.Seq > 1 {
			m.disown(had.Epoch, had.Seq-1)
		}
		if !ok || from == wire.Self {
			continue
		}
		o := bs.byName[had.Origin]
		if o == nil || o.epoch != had.Epoch {
			m.mention(answer, wire.Broadcast{Origin: m.table.name(from), Epoch: had.Epoch, Seq: 1}, &room)
			continue
		}
		if o.lacks(had) {
			m.tellHad(answer, o, &room)
		}
	}
	if len(answer.Broadcasts) == 0 {
		m.out.retract()
	}
}

// lacks reports whether another has some that we have not.
func (o *origin) lacks(had *wire.Broadcast) bool {
	if had.Seq > o.next {
		return true
	}
	for i := range min(len(had.Payload), maxHeldBytes) * 8 {
		if seq := had.Seq + uint64(i); hasBit(had, seq) && !o.has(seq) {
			return true
		}
	}
	return false
}

// takeFetched takes what we lacked.
func (m *Machine) takeFetched(from Path, msg *wire.Message) {
	if from.Stream {
		m.takeFetchedOf(msg)
		return
	}
	if m.casts == nil { // nobody asked
		m.stats.MessagesLate++
		return
	}
	m.hearBroadcasts(msg, true)
}
