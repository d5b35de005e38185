package sim

import (
	"math/rand/v2"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// Network is what can go wrong between nodes. Its fields may be changed between
// steps; they hold for packets sent from then on.
type Network struct {
	// Delay draws the one-way delay of a packet; nil is a constant 500 µs.
	Delay func(rng *rand.Rand) time.Duration
	// Loss is the probability that a packet is lost. Of a stream, it delays what
	// is lost until it was sent again.
	Loss float64
	// LossIn and LossOut, where set, add a probability by receiver and sender.
	LossIn, LossOut map[string]float64
	// Duplicate is the probability that a packet arrives twice.
	Duplicate float64
	// Streams says whether the network lets streams through beside packets.
	Streams bool
	// StreamLoss is the probability that a stream breaks before its question has
	// arrived, and again that it does before its answer has.
	StreamLoss float64
	// StreamTime is how long after its opening a stream has to be answered. Then
	// its opener is told that it failed, as by the Driver, whose time for that is
	// [StreamTime]. At 0 a stream has that time too, and nobody is told.
	StreamTime time.Duration

	blocked map[link]bool
	group   map[string]int
}

// StreamTime is for how long the Driver usually waits for a stream.
const StreamTime = 10 * time.Second

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
	return len(n.blocked) == 0 || !n.blocked[link{from, to}]
}

func (n *Network) delay(rng *rand.Rand) time.Duration {
	if n.Delay == nil {
		return 500 * time.Microsecond
	}
	return n.Delay(rng)
}

// passes draws whether a packet arrives.
func (n *Network) passes(rng *rand.Rand, from, to *Node) bool {
	switch {
	case !n.connects(from.Name, to.Name) || hits(rng, n.Loss):
		return false
	case n.LossOut != nil && hits(rng, n.LossOut[from.Name]):
		return false
	}
	return n.LossIn == nil || !hits(rng, n.LossIn[to.Name])
}

func hits(rng *rand.Rand, p float64) bool { return p > 0 && rng.Float64() < p }

// send puts a packet of a node on its way.
func (s *Sim) send(from *Node, p *core.Packet) {
	if from.stall == blocked {
		from.hold(p)
		return
	}
	s.forward(from, p)
}

// forward puts a packet on the network. Its sender is not told what becomes of it.
func (s *Sim) forward(from *Node, p *core.Packet) {
	if s.OnPacket != nil {
		s.OnPacket(from, p)
	}
	to := s.byAddr[p.To]
	from.Sent.add(p, s.encode(p.Msg))
	switch {
	case p.Stream && s.Net.Streams:
		s.sendStream(from, to, p)
		return
	case to == nil || !s.Net.passes(s.rng, from, to):
		return
	}
	copies, delay := 1, s.Net.delay(s.rng)
	if hits(s.rng, s.Net.Duplicate) {
		copies = 2
	}
	for range copies {
		l := s.newLoad(from, to)
		s.pack(l, p.Msg)
		if !s.clogged(l) {
			s.due.push(s.now+delay, deliver, l.number)
		}
		delay += s.Net.delay(s.rng)
	}
}
