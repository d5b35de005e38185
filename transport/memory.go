package transport

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
)

const (
	// MemoryQueuePackets bounds the packets that wait at one [Memory] to be
	// read. What comes on top is dropped, as a full socket buffer drops it, and
	// counted in MemoryStats.Overflowed.
	MemoryQueuePackets = 2048
	// MemoryFlightPackets bounds the delayed packets of a [MemoryNetwork]. What
	// comes on top is dropped and counted in MemoryStats.Overflowed.
	MemoryFlightPackets = 1 << 16
	// MemoryBacklog bounds the streams that wait at one [Memory] to be accepted.
	// Those who dial on top of it wait.
	MemoryBacklog = 128

	// maxMemoryAddressBytes bounds an endpoint's address.
	maxMemoryAddressBytes = 255
)

// MemoryNetwork is a network within the process: packets and streams between
// its endpoints, with the faults that a test asks for, changed at any time. It
// is perfect to begin with. The zero MemoryNetwork is one with seed 0. All
// methods may be called from any goroutine.
//
// It starts no goroutine and opens no socket, so it works in the bubble of
// testing/synctest, where a delay takes exactly its time on the bubble's clock
// and none on the real one; make the network in the bubble. Outside of one it
// runs in real time.
//
// All random decisions come from one generator, in the order of sending: a test
// whose packets are sent in the same order loses the same ones.
type MemoryNetwork struct {
	// One lock guards the network and all that is in it, the endpoints and
	// streams as well. Hence a cut is complete when the method that makes it
	// returns, and there is no order of locks to get wrong.
	mu        sync.Mutex
	rng       *rand.Rand
	endpoints map[string]*Memory
	unnamed   int // how many addresses Listen has made up
	faults    faultTable
	flight    flight
	pipes     map[*pipe]struct{} // of streams that are open at either end
	changed   sync.Cond          // whoever dials waits for it
	free      [][]byte           // buffers of bufferBytes
	stats     MemoryStats
}

// MemoryStats counts the packets of a [MemoryNetwork]. A packet sent is counted
// in Sent, and each of its copies, once its fate is known, in one of Delivered,
// Lost, Cut, Unreachable and Overflowed.
type MemoryStats struct {
	Sent        uint64
	Delivered   uint64 // queued at the receiver
	Lost        uint64 // by Faults.Loss
	Cut         uint64 // sent or under way when the link was cut
	Unreachable uint64 // nobody listens at the address
	Overflowed  uint64 // a queue was full: MemoryQueuePackets, MemoryFlightPackets
	Duplicated  uint64 // copies made by Faults.Duplicate
	HeldBack    uint64 // by Faults.Reorder
}

// NewMemoryNetwork returns a perfect network without endpoints, whose random
// decisions follow from seed.
func NewMemoryNetwork(seed uint64) *MemoryNetwork {
	n := new(MemoryNetwork)
	n.init(seed)
	return n
}

func (n *MemoryNetwork) init(seed uint64) {
	n.rng = rand.New(rand.NewPCG(seed, seed))
	n.endpoints = make(map[string]*Memory)
	n.pipes = make(map[*pipe]struct{})
	n.changed.L = &n.mu
}

// Listen makes an endpoint with an address of 1 to 255 bytes of any form, which
// is free again once the endpoint is closed. An empty addr takes one that no
// other endpoint has. An error wraps [ErrInUse], or [ErrAddress] if addr is too long.
func (n *MemoryNetwork) Listen(addr string) (*Memory, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.rng == nil {
		n.init(0)
	}
	if len(addr) > maxMemoryAddressBytes {
		return nil, fmt.Errorf("%w: %d bytes, want at most %d", ErrAddress, len(addr), maxMemoryAddressBytes)
	}
	if n.endpoints[addr] != nil {
		return nil, fmt.Errorf("%w: %q: close the endpoint that has it, or listen on another", ErrInUse, addr)
	}
	for addr == "" || n.endpoints[addr] != nil {
		n.unnamed++
		addr = "memory:" + strconv.Itoa(n.unnamed)
	}
	m := &Memory{net: n, addr: addr}
	m.received.L = &n.mu
	m.dialed.L = &n.mu
	n.endpoints[addr] = m
	n.changed.Broadcast()
	return m, nil
}

// Stats returns the counters since the network was made.
func (n *MemoryNetwork) Stats() MemoryStats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stats
}

// Memory is an endpoint of a [MemoryNetwork], made by its Listen, and a
// transport like any other. All methods may be called from any goroutine at
// once. Sending and receiving a packet of up to 2 KiB allocates nothing.
type Memory struct {
	net  *MemoryNetwork
	addr string

	// The rest is guarded by net.mu.
	closed   bool
	queue    queue
	received sync.Cond
	backlog  []*memoryConn
	dialed   sync.Cond
}

// Addr returns the address that Listen was given, or made up.
func (m *Memory) Addr() string { return m.addr }

// ReadPacket waits for the next packet, copies it to p, and returns its length
// and the sender's address. A packet larger than p is cut to len(p) and the
// rest is lost. Its only error wraps [net.ErrClosed].
func (m *Memory) ReadPacket(p []byte) (n int, from string, err error) {
	m.net.mu.Lock()
	defer m.net.mu.Unlock()
	for !m.closed && m.queue.n == 0 {
		m.received.Wait()
	}
	if m.closed {
		return 0, "", errClosed
	}
	k := m.queue.pop()
	n = copy(p, k.data)
	m.net.release(k.data)
	return n, k.from, nil
}

// WritePacket sends p, of at most [MaxPacketBytes], to an address. It never
// blocks. An error says that p was not sent; it wraps [ErrAddress] for the empty
// address, [ErrPacketSize] or [net.ErrClosed]. As on a real network, that nobody
// listens at an address is no error.
func (m *Memory) WritePacket(p []byte, to string) error {
	n := m.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if m.closed {
		return errClosed
	}
	if to == "" {
		return fmt.Errorf("%w: it is empty", ErrAddress)
	}
	if err := checkPacketSize(p); err != nil {
		return err
	}
	n.send(m, p, to)
	return nil
}

// Close frees the address, drops what waits to be read, closes the streams
// that wait to be accepted, and makes all calls that wait, and all later ones,
// return an error that wraps [net.ErrClosed]. Packets under way to the address
// reach whoever listens there when they arrive. Streams that were handed out are
// their holders' and stay open. Further calls return nil.
func (m *Memory) Close() error {
	n := m.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	delete(n.endpoints, m.addr)
	for m.queue.n > 0 {
		n.release(m.queue.pop().data)
	}
	for _, c := range m.backlog {
		c.close()
	}
	m.backlog = nil
	m.received.Broadcast()
	m.dialed.Broadcast()
	n.changed.Broadcast()
	return nil
}
