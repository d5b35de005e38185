package sim

import (
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// load is a message under way. Machines reuse theirs, so it holds a copy.
type load struct {
	number   int32  // its place in Sim.loads
	data     []byte // the message instead of msg, with Sim.Bytes
	from, to *Node
	stream   *stream // nil for a packet
	life     int     // of a stream's receiver when it was sent
	failed   bool    // no message: the word to its opener that a stream failed
	path     core.Path
	msg      wire.Message
}

// keepUpdates bounds what a spare load keeps, so that the table of a large
// cluster, once sent, is not held for ever.
const keepUpdates = 256

func (s *Sim) newLoad(from, to *Node) *load {
	var l *load
	if n := len(s.spare); n > 0 {
		l = s.spare[n-1]
		s.spare = s.spare[:n-1]
	} else {
		l = &load{number: int32(len(s.loads))}
		s.loads = append(s.loads, l)
	}
	l.from, l.to, l.stream, l.failed = from, to, nil, false
	l.path = core.Path{Addr: from.Addr, Identity: from.Name}
	return l
}

// recycle takes back a load that nothing refers to any more.
func (s *Sim) recycle(l *load) {
	if cap(l.msg.Updates) > keepUpdates {
		l.msg.Updates = nil
	}
	l.stream = nil
	s.spare = append(s.spare, l)
}

// pack copies a message that was just encoded into a load. A table it takes over
// instead: its Machine would not keep that, and copies of large ones are the most
// of what a large cluster costs.
func (s *Sim) pack(l *load, m *wire.Message) {
	if s.Bytes {
		l.data = append(l.data[:0], s.buffer...)
		return
	}
	updates, payload, broadcasts := l.msg.Updates[:0], l.msg.Payload[:0], l.msg.Broadcasts[:0]
	l.msg = *m
	l.msg.Payload = append(payload, m.Payload...)
	l.msg.Broadcasts = append(broadcasts, m.Broadcasts...) // whose payloads never change
	if l.stream != nil && len(m.Updates) > keepUpdates {
		m.Updates = nil
		return
	}
	l.msg.Updates = append(updates, m.Updates...)
}

func (s *Sim) unpack(l *load) {
	if !s.Bytes {
		return
	}
	if err := s.codec.Decode(&l.msg, l.data); err != nil {
		panic("sim: " + err.Error())
	}
}

// hand brings a load to its receiver, if that is still there to take it.
func (s *Sim) hand(l *load) {
	n := l.to
	switch {
	case !n.up || l.stream != nil && !l.failed && !l.reached():
		s.recycle(l)
	case n.stall != running || !n.inbox.empty() || s.now < n.inbox.busy:
		s.wait(n, l)
	default:
		s.receive(l)
	}
}

// receive gives a load to its Machine.
func (s *Sim) receive(l *load) {
	n := l.to
	if l.failed {
		s.fail(n, l.stream)
	} else {
		s.unpack(l)
		n.Received.count(&l.msg)
		n.M.Receive(n.clock(s.now), l.path, &l.msg)
		n.inbox.busy = s.now + s.ReceiveTime
	}
	s.serving = l.stream
	s.settle(n)
	s.serving = nil
	for i := range l.data {
		l.data[i] = 0xff
	}
	s.recycle(l)
}

// size is how many bytes a load takes in a packet.
func (l *load) size(s *Sim) int {
	if s.Bytes {
		return len(l.data)
	}
	return s.codec.Size(&l.msg)
}

// encode tells how many bytes a message takes; with Bytes it makes them.
func (s *Sim) encode(m *wire.Message) int {
	if !s.Bytes {
		return s.codec.Size(m)
	}
	return s.sizeOf(m)
}

// sizeOf is how many bytes a message takes exactly. They are in s.buffer then.
func (s *Sim) sizeOf(m *wire.Message) int {
	var err error
	if s.buffer, err = s.codec.Append(s.buffer[:0], m); err != nil {
		panic("sim: " + err.Error())
	}
	return len(s.buffer)
}
