package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
)

// TCPStats counts what a [TCP] or [TLS] has done since it was made. Connections
// are those for packets; streams are counted where they are refused only.
type TCPStats struct {
	Outgoing int // connections that this side opened, open or being opened now
	Incoming int // connections that peers opened, open now

	Opened   uint64 // connections that this side opened, and the peer accepted
	Accepted uint64 // connections that peers opened
	Idled    uint64 // closed since nothing had been sent for long, or at TLSConfig.MaxAge
	Shed     uint64 // closed to make room for others

	Refused      uint64 // closed at once, above a limit
	Unrecognized uint64 // closed since they began with something else
	Unverified   uint64 // closed since their TLS handshake failed, at either end
	Malformed    uint64 // closed since a frame was not one
	TimedOut     uint64 // closed since the peer was silent, or too slow
	Unopened     uint64 // could not be opened, or the peer did not accept

	// Packets that were dropped, as a network drops them, and WritePacket said
	// nothing: the peer does not take them fast enough; its last connection
	// could not be opened, and it is too early for the next; they answer on a
	// connection that is gone; they waited when their connection ended.
	QueueFull   uint64
	Unreachable uint64
	Stale       uint64
	Lost        uint64

	// PeersForgotten is how many entries the tables of peers not to be called,
	// or not yet, shed to stay bounded.
	PeersForgotten uint64
}

// tcpCounters are those of TCPStats that need no lock.
type tcpCounters struct {
	opened, accepted, idled, shed                                    atomic.Uint64
	refused, unrecognized, unverified, malformed, timedOut, unopened atomic.Uint64
	queueFull, unreachable, stale, lost                              atomic.Uint64
}

// Stats returns the counters since t was made. It works after Close too.
func (t *TCP) Stats() TCPStats {
	c := &t.counters
	s := TCPStats{
		Opened: c.opened.Load(), Accepted: c.accepted.Load(), Idled: c.idled.Load(), Shed: c.shed.Load(),
		Refused: c.refused.Load(), Unrecognized: c.unrecognized.Load(), Unverified: c.unverified.Load(),
		Malformed: c.malformed.Load(), TimedOut: c.timedOut.Load(), Unopened: c.unopened.Load(),
		QueueFull: c.queueFull.Load(), Unreachable: c.unreachable.Load(), Stale: c.stale.Load(), Lost: c.lost.Load(),
	}
	t.pool.mu.Lock()
	defer t.pool.mu.Unlock()
	s.Outgoing, s.Incoming = len(t.pool.dialed), len(t.pool.accepted)
	s.PeersForgotten = t.pool.forgotten + t.pool.departed.forgotten
	return s
}

// ended counts why a connection ended, and tells it to whoever wants to know.
func (t *TCP) ended(peer string, err error) {
	c := &t.counters
	switch {
	case t.closed():
		return
	case errors.Is(err, errIdle):
		c.idled.Add(1)
		return
	case errors.Is(err, errUnopened):
		c.unopened.Add(1)
	case errors.Is(err, errShed):
		c.shed.Add(1)
	case errors.Is(err, errBusy):
		c.refused.Add(1)
	case errors.Is(err, errPreamble):
		c.unrecognized.Add(1)
	case errors.Is(err, errFrame):
		c.malformed.Add(1)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, errSilent):
		c.timedOut.Add(1)
	case errors.Is(err, ErrUnverified):
		c.unverified.Add(1)
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed): // as the peer wished, or we
		return
	}
	if t.config.Trouble != nil {
		t.config.Trouble(peer, err)
	}
}
