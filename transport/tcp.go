package transport

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

// arrivedPackets is how many packets wait to be read. When they do, the
// connections wait in turn, each with its next packet: a peer that sends more
// than all others together slows itself down, and none of them.
const arrivedPackets = 256

// TCP is a transport for networks that let nothing but TCP through: packets and
// streams go over connections to one port. [ListenTCP] makes one; the zero TCP is
// closed. All methods may be called from any goroutine at once.
//
// To each peer that packets go to there is one connection with a goroutine and
// a queue of its own, opened in the background with the first packet, closed
// when idle, and opened anew when it broke. What a peer does not take in time is
// dropped, as a network drops it, so that no peer, slow or dead, delays another.
//
// Answers go back over the connection that the question came on. So the sender
// of a packet is, where the peer opened the connection, the address and port that
// it calls from, which nobody can forge; that port ends with the connection, and
// packets to it afterwards are dropped. Where this side opened it, the sender is
// the address that was dialed.
//
// Nothing is encrypted, and anybody who reaches the port is heard: see [TLS].
// Sending and receiving a packet over an open connection allocates nothing.
type TCP struct {
	config   TCPConfig // filled
	listener *net.TCPListener
	addr     string       // where peers reach us
	source   netip.Addr   // where our connections come from; zero if bound to all addresses
	secure   *credentials // nil without TLS

	pool     pool
	packets  chan *arrived
	room     sync.Pool     // of *arrived
	streams  chan net.Conn // without room: whoever offers one waits with it
	born     time.Time
	counters tcpCounters

	closing context.Context // ends when Close is called, and all connections with it
	end     context.CancelFunc
}

// arrived is a packet that waits to be read.
type arrived struct {
	data           []byte
	from, identity string
}

// Addr returns "ip:port", with "[ip]:port" for IPv6, where peers reach t, chosen
// as that of [UDP] is. It does not change.
func (t *TCP) Addr() string { return t.addr }

// FromAnyPort says that who calls does so from any port of its host.
func (t *TCP) FromAnyPort() bool { return true }

// ReadPacket waits for the next packet, copies it to p, and returns its length
// and the "ip:port" that answers go to; see [TCP] for which that is. A packet
// larger than p is cut to len(p) and the rest is lost. Its only error wraps
// [net.ErrClosed].
func (t *TCP) ReadPacket(p []byte) (n int, from string, err error) {
	n, from, _, err = t.read(p)
	return n, from, err
}

func (t *TCP) read(p []byte) (n int, from, identity string, err error) {
	if t.closed() {
		return 0, "", "", errClosed
	}
	select {
	case a := <-t.packets:
		n, from, identity = copy(p, a.data), a.from, a.identity
		t.room.Put(a)
		return n, from, identity, nil
	case <-t.closing.Done():
		return 0, "", "", errClosed
	}
}

// WritePacket queues p, of at most [MaxPacketBytes], for an "ip:port" such as
// "127.0.0.1:7946" or "[::1]:7946", and never blocks. Names are not resolved
// here, and multicast, broadcast and unspecified addresses are refused.
//
// nil promises nothing: Stats counts what was dropped since the peer could not
// be reached, or was too slow. An error says that p was not sent for a reason on
// this side. It wraps [ErrAddress], [ErrPacketSize], [ErrConnections] or
// [net.ErrClosed].
func (t *TCP) WritePacket(p []byte, to string) error {
	if t.closed() {
		return errClosed
	}
	addr, err := parseTarget(to)
	if err != nil {
		return err
	}
	if err := checkPacketSize(p); err != nil {
		return err
	}
	s, err := t.sessionTo(addr)
	if s != nil {
		s.push(p)
	}
	return err
}

// Close frees the port, closes all connections for packets, and makes all calls
// that wait, and all later ones, return an error that wraps [net.ErrClosed].
// Packets still queued are lost. It waits for nothing. Streams that were handed
// out are their holders' and stay open. Further calls return nil.
func (t *TCP) Close() error {
	if t.closed() {
		return nil
	}
	// First of all, so that whoever is woken by what follows sees why.
	t.end()
	// A listener closed twice by two callers at once says so, and that is all
	// it can say.
	_ = t.listener.Close()
	return nil
}

func (t *TCP) closed() bool { return t.closing == nil || t.closing.Err() != nil }

// now is the time that sessions are kept by.
func (t *TCP) now() time.Duration { return time.Since(t.born) }
