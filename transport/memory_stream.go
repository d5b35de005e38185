package transport

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"time"
)

// DialStream opens a stream to an address. As with TCP it is open once the
// other side's system has answered, whether or not anybody has accepted it, so
// it takes the delays of both directions. While either of them is cut, or too
// many streams wait there to be accepted, it waits. It returns as soon as ctx
// ends or m is closed, with ctx's error or one that wraps [net.ErrClosed]; if
// nobody listens at the address the error wraps [syscall.ECONNREFUSED], and for
// the empty address [ErrAddress].
//
// The stream's addresses are those of the two endpoints. It has CloseWrite, as a
// [net.TCPConn] has, and outlives m.
func (m *Memory) DialStream(ctx context.Context, to string) (net.Conn, error) {
	n := m.net
	defer context.AfterFunc(ctx, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.changed.Broadcast()
	})()
	n.mu.Lock()
	defer n.mu.Unlock()

	var answered time.Time // when the handshake ends; zero before it begins
	for ; ; n.changed.Wait() {
		switch {
		case m.closed:
			return nil, errClosed
		case to == "":
			return nil, fmt.Errorf("%w: it is empty", ErrAddress)
		case ctx.Err() != nil:
			return nil, fmt.Errorf("swim: opening a stream to %s: %w", to, ctx.Err())
		case n.faults.cut(m.addr, to) || n.faults.cut(to, m.addr):
			answered = time.Time{}
			continue
		case answered.IsZero():
			there, back := n.faults.of(m.addr, to), n.faults.of(to, m.addr)
			trip := there.delay(n.rng) + back.delay(n.rng)
			answered = time.Now().Add(trip)
			if trip > 0 {
				n.due(answered, arrival{wake: &n.changed})
			}
		}
		if time.Now().Before(answered) {
			continue
		}
		peer := n.endpoints[to]
		if peer == nil {
			return nil, fmt.Errorf("swim: opening a stream to %s: %w", to, syscall.ECONNREFUSED)
		}
		if len(peer.backlog) < MemoryBacklog {
			ours, theirs := n.newStream(m.addr, peer.addr)
			peer.backlog = append(peer.backlog, theirs)
			peer.dialed.Signal()
			return ours, nil
		}
	}
}

// AcceptStream waits for the next stream that a peer opened. Its only error
// wraps [net.ErrClosed].
func (m *Memory) AcceptStream() (net.Conn, error) {
	m.net.mu.Lock()
	defer m.net.mu.Unlock()
	for !m.closed && len(m.backlog) == 0 {
		m.dialed.Wait()
	}
	if m.closed {
		return nil, errClosed
	}
	c := m.backlog[0]
	m.backlog = append(m.backlog[:0], m.backlog[1:]...)
	m.net.changed.Broadcast() // somebody may wait for room
	return c, nil
}
