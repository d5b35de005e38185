package sim

import (
	"cmp"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// stream is one that a node opened: a question, and at most one answer.
type stream struct {
	from     *Node
	life     int
	kind     wire.Kind
	seq      uint32
	answered bool // an answer is under way
	over     bool // it arrived, or the stream's time is up
}

// What TCP sends again where it is lost it sends after so long, and then after
// twice as long each time.
const (
	openAgain = time.Second
	sendAgain = 200 * time.Millisecond
)

// sendStream opens a stream with a question, or answers the one at hand.
func (s *Sim) sendStream(from, to *Node, p *core.Packet) {
	if p.Reply {
		s.answer(from, p)
		return
	}
	st := &stream{from: from, life: from.life, kind: p.Msg.Kind, seq: p.Msg.Seq}
	if s.Net.StreamTime > 0 {
		s.due.push(s.now+s.Net.StreamTime, expire, s.streams.put(st))
	}
	if to == nil || !to.up || hits(s.rng, s.Net.StreamLoss) || !s.Net.connects(to.Name, from.Name) {
		return
	}
	opening, ok := s.insist(openAgain, func() bool { return s.Net.passes(s.rng, from, to) && s.Net.passes(s.rng, to, from) })
	if !ok {
		return
	}
	opening += s.Net.delay(s.rng) + s.Net.delay(s.rng)
	s.carry(st, from, to, opening, p)
}

// answer sends the one answer of the stream whose question is at hand. What a
// Machine wants to say on a stream later has nowhere to go, as with the Driver.
func (s *Sim) answer(from *Node, p *core.Packet) {
	st := s.serving
	if st == nil || st.answered || st.from.Addr != p.To {
		return
	}
	st.answered = true
	if st.from.life == st.life && !hits(s.rng, s.Net.StreamLoss) && s.Net.connects(st.from.Name, from.Name) {
		s.carry(st, from, st.from, 0, p)
	}
}

// carry takes a message over a stream that is open, or gives up in time.
func (s *Sim) carry(st *stream, from, to *Node, late time.Duration, p *core.Packet) {
	again, ok := s.insist(sendAgain, func() bool { return s.Net.passes(s.rng, from, to) })
	if !ok {
		return
	}
	l := s.newLoad(from, to)
	l.life, l.stream, l.path.Stream = to.life, st, true
	s.pack(l, p.Msg)
	if !s.clogged(l) {
		s.due.push(s.now+late+again+s.Net.delay(s.rng), deliver, l.number)
	}
}

// insist is how much later something gets through that is sent again and again,
// unless that takes longer than a stream has.
func (s *Sim) insist(wait time.Duration, passes func() bool) (late time.Duration, ok bool) {
	for late <= cmp.Or(s.Net.StreamTime, StreamTime) {
		if passes() {
			return late, true
		}
		late += wait
		wait *= 2
	}
	return 0, false
}

// reached reports whether a stream still has the end that a load is for, and notes
// that its answer came.
func (l *load) reached() bool {
	st := l.stream
	switch {
	case l.to.life != l.life || st.over:
		return false
	case st.answered: // and this is the answer
		st.over = true
	case st.kind != wire.Ping && st.kind != wire.Sync && st.kind != wire.Fetch && st.kind != wire.User:
		st.over = true // it asks nothing
	}
	return true
}

// expire tells a node that its stream was not answered in time.
func (s *Sim) expire(st *stream) {
	if st.over || st.from.life != st.life || !st.from.up {
		return
	}
	st.over = true
	l := s.newLoad(st.from, st.from)
	l.life, l.stream, l.failed = st.life, st, true
	s.hand(l)
}

// fail is how the Driver tells a Machine of a stream that failed.
func (s *Sim) fail(n *Node, st *stream) {
	if st.kind == wire.Sync {
		n.M.Abandon(n.clock(s.now), st.seq)
		return
	}
	n.M.Unsent(n.clock(s.now), st.seq)
}
