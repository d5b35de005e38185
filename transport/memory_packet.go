package transport

import (
	"sync"
	"time"
)

// bufferBytes is the size of the buffers that a network keeps for its packets.
// A larger packet has a buffer made for it.
const bufferBytes = 2048

// packet is on its way, or waits to be read. Its strings are those of the
// endpoints: the one that WritePacket was given may be a view into a buffer that
// its caller uses again.
type packet struct {
	data     []byte
	from, to string
}

// send takes a packet from m to its fate, or to where it waits for it.
func (n *MemoryNetwork) send(m *Memory, p []byte, to string) {
	n.stats.Sent++
	if n.faults.cut(m.addr, to) {
		n.stats.Cut++
		return
	}
	f := n.faults.of(m.addr, to)
	if chance(n.rng, f.Loss) {
		n.stats.Lost++
		return
	}
	copies := 1
	if chance(n.rng, f.Duplicate) {
		n.stats.Duplicated++
		copies = 2
	}
	for range copies {
		delay := f.delay(n.rng)
		if chance(n.rng, f.Reorder) {
			n.stats.HeldBack++
			delay += f.ReorderBy
		}
		peer := n.endpoints[to]
		switch {
		case peer == nil:
			n.stats.Unreachable++
		case delay == 0:
			n.arrive(packet{n.buffer(p), m.addr, peer.addr})
		case n.flight.packets == MemoryFlightPackets:
			n.stats.Overflowed++
		default:
			n.flight.packets++
			n.due(time.Now().Add(delay), arrival{packet: packet{n.buffer(p), m.addr, peer.addr}})
		}
	}
}

// arrive queues a packet at whoever has its address now.
func (n *MemoryNetwork) arrive(k packet) {
	m := n.endpoints[k.to]
	switch {
	case n.faults.cut(k.from, k.to):
		n.stats.Cut++
	case m == nil:
		n.stats.Unreachable++
	case m.queue.n == MemoryQueuePackets:
		n.stats.Overflowed++
	default:
		n.stats.Delivered++
		m.queue.push(k)
		m.received.Signal()
		return
	}
	n.release(k.data)
}

// buffer returns a copy of p. The free list is last in, first out: what was
// read just now is still in the processor's cache.
func (n *MemoryNetwork) buffer(p []byte) []byte {
	if len(p) > bufferBytes {
		return append([]byte(nil), p...)
	}
	last := len(n.free) - 1
	if last < 0 {
		return append(make([]byte, 0, bufferBytes), p...)
	}
	b := n.free[last]
	n.free = n.free[:last]
	return append(b, p...)
}

// release takes a buffer back. The list grows to what was once under way at
// the same time, which the queues and the flight bound.
func (n *MemoryNetwork) release(b []byte) {
	if cap(b) == bufferBytes {
		n.free = append(n.free, b[:0])
	}
}

// queue is first in, first out, in a ring that grows as needed.
type queue struct {
	ring    []packet
	head, n int
}

func (q *queue) push(k packet) {
	if q.n == len(q.ring) {
		grown := make([]packet, max(8, 2*q.n))
		copied := copy(grown, q.ring[q.head:])
		copy(grown[copied:], q.ring[:q.head])
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.n)%len(q.ring)] = k
	q.n++
}

func (q *queue) pop() packet {
	k := q.ring[q.head]
	q.ring[q.head] = packet{}
	q.head = (q.head + 1) % len(q.ring)
	q.n--
	return k
}

// arrival is what is due at a time: a packet, or something worth a look for
// whoever waits at wake.
type arrival struct {
	at     time.Time
	seq    uint64
	packet packet
	wake   *sync.Cond
}

func (a *arrival) before(b *arrival) bool {
	if a.at.Equal(b.at) {
		return a.seq < b.seq
	}
	return a.at.Before(b.at)
}

// flight is what is under way: a heap, the next first, and one timer for it.
// With a timer per packet two that are due at once would race each other, and a
// delay alone would reorder packets.
type flight struct {
	heap    []arrival
	packets int // how many of them are packets
	seq     uint64
	timer   *time.Timer
}

// due lets a arrive at a time, behind what is already due then. A time that is
// compared with elsewhere must be this one, not a moment later: who is woken at
// the earlier one would find nothing and wait for ever.
func (n *MemoryNetwork) due(at time.Time, a arrival) {
	f := &n.flight
	f.seq++
	a.at, a.seq = at, f.seq
	f.push(a)
	if f.heap[0].seq != a.seq {
		return
	}
	if f.timer == nil {
		f.timer = time.AfterFunc(time.Until(at), n.land)
		return
	}
	f.timer.Reset(time.Until(at))
}

// land brings home all that is due. The timer calls it.
func (n *MemoryNetwork) land() {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	for f := &n.flight; len(f.heap) > 0; {
		if wait := f.heap[0].at.Sub(now); wait > 0 {
			f.timer.Reset(wait)
			return
		}
		a := f.pop()
		if a.wake != nil {
			a.wake.Broadcast()
			continue
		}
		f.packets--
		n.arrive(a.packet)
	}
}

func (f *flight) push(a arrival) {
	f.heap = append(f.heap, a)
	h := f.heap
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h[i].before(&h[parent]) {
			break
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

func (f *flight) pop() arrival {
	h := f.heap
	next, last := h[0], len(h)-1
	h[0], h[last] = h[last], arrival{}
	f.heap = h[:last]
	h = f.heap
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].before(&h[least]) {
				least = child
			}
		}
		if least == i {
			return next
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
