package sim

import (
	"math/rand/v2"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// Network is what can go wrong between nodes. Its fields may be changed between
// steps; they hold for packets sent from then on.
type Network struct {
	// Delay draws the one-way delay of a packet; nil is a constant 500 µs.
	Delay func(rng *rand.Rand) time.Duration
	// Loss is the probability that a packet is lost.
	Loss float64
	// LossIn and LossOut, where set, add a probability by receiver and sender.
	LossIn, LossOut map[string]float64
	// Duplicate is the probability that a packet arrives twice.
	Duplicate float64
	// Streams says whether the network lets streams through beside packets.
	Streams bool

	blocked map[link]bool
	group   map[string]int
}

// link is one direction between two names.
type link struct{ from, to string }

// Block cuts one direction of a link, and Unblock mends it.
func (n *Network) Block(from, to string) {
	if n.blocked == nil {
		n.blocked = make(map[link]bool)
	}
	n.blocked[link{from, to}] = true
}

// Unblock mends one direction of a link.
func (n *Network) Unblock(from, to string) { delete(n.blocked, link{from, to}) }

// Partition splits the network: a node hears those of its own group alone. Nodes
// that are not named form a group of their own.
func (n *Network) Partition(groups ...[]string) {
	n.group = make(map[string]int)
	for i, names := range groups {
		for _, name := range names {
			n.group[name] = i + 1
		}
	}
}

// Heal ends all partitions and blocks.
func (n *Network) Heal() { n.group, n.blocked = nil, nil }

// connects reports whether packets from a node can reach another at all.
func (n *Network) connects(from, to string) bool {
	if n.group != nil && n.group[from] != n.group[to] {
		return false
	}
	return !n.blocked[link{from, to}]
}

func (n *Network) delay(rng *rand.Rand) time.Duration {
	if n.Delay == nil {
		return 500 * time.Microsecond
	}
	return n.Delay(rng)
}

// loses draws whether a packet is lost on a link that connects.
func (n *Network) loses(rng *rand.Rand, from, to string) bool {
	return hits(rng, n.Loss) || hits(rng, n.LossOut[from]) || hits(rng, n.LossIn[to])
}

func hits(rng *rand.Rand, p float64) bool { return p > 0 && rng.Float64() < p }

// load is a message under way. Machines reuse theirs, so it holds a copy.
type load struct {
	data   []byte // the message instead of msg, with Sim.Bytes
	to     *Node
	life   int // of the receiver when it was sent; a stream dies with its ends
	path   core.Path
	stream bool
	msg    wire.Message
}

// send puts a packet of a node on its way. A stream arrives whole or not at all,
// after one round trip more. Its sender is not told which.
func (s *Sim) send(from *Node, p *core.Packet) {
	if from.stall == blocked {
		from.hold(p)
		return
	}
	s.forward(from, *p, p.Msg)
}

// forward puts a message on the network.
func (s *Sim) forward(from *Node, packet core.Packet, msg *wire.Message) {
	p := &packet
	p.Msg = msg
	if s.OnPacket != nil {
		s.OnPacket(from, p)
	}
	to := s.byAddr[p.To]
	from.Sent.add(p, s.encode(p.Msg))
	stream := p.Stream && s.Net.Streams
	if to == nil || !s.Net.connects(from.Name, to.Name) {
		return
	}
	copies, delay := 1, s.Net.delay(s.rng)
	if stream {
		if !to.up || !s.Net.connects(to.Name, from.Name) {
			return
		}
		if !p.Reply {
			delay += s.Net.delay(s.rng) + s.Net.delay(s.rng)
		}
	} else {
		if s.Net.loses(s.rng, from.Name, to.Name) {
			return
		}
		if hits(s.rng, s.Net.Duplicate) {
			copies = 2
		}
	}
	for range copies {
		l := s.newLoad()
		l.to, l.life, l.stream = to, to.life, stream
		l.path = core.Path{Addr: from.Addr, Stream: stream}
		s.pack(l, p.Msg)
		s.due.push(item{at: s.now + delay, kind: deliver, load: l})
		delay += s.Net.delay(s.rng)
	}
}

// arrive hands a load to its receiver, if that is still there to take it.
func (s *Sim) arrive(l *load) {
	n := l.to
	if n.up && n.stall != running && (!l.stream || n.life == l.life) {
		s.wait(n, l)
		return
	}
	if n.up && (!l.stream || n.life == l.life) {
		s.unpack(l)
		n.Received.count(&l.msg)
		n.M.Receive(n.clock(s.now), l.path, &l.msg)
		s.settle(n)
		for i := range l.data {
			l.data[i] = 0xff
		}
	}
	if cap(l.msg.Updates) <= keepUpdates {
		s.spare = append(s.spare, l)
	}
}

// keepUpdates bounds what a spare load keeps, so that the table of a large
// cluster, once sent, is not held for ever.
const keepUpdates = 256

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

// pack copies a message that was just encoded into a load.
func (s *Sim) pack(l *load, m *wire.Message) {
	if s.Bytes {
		l.data = append(l.data[:0], s.buffer...)
		return
	}
	updates, payload := l.msg.Updates[:0], l.msg.Payload[:0]
	l.msg = *m
	l.msg.Updates = append(updates, m.Updates...)
	l.msg.Payload = append(payload, m.Payload...)
}

func (s *Sim) unpack(l *load) {
	if !s.Bytes {
		return
	}
	if err := s.codec.Decode(&l.msg, l.data); err != nil {
		panic("sim: " + err.Error())
	}
}

func (s *Sim) newLoad() *load {
	if n := len(s.spare); n > 0 {
		l := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return l
	}
	return new(load)
}
