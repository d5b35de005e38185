package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// UDP is a transport over the network: a packet is one UDP datagram, a stream
// one TCP connection, both on the same port. [ListenUDP] makes one; the zero UDP
// is closed. All methods may be called from any goroutine at once.
//
// Sending and receiving a packet allocates nothing, but for the first packet
// of a peer not heard of before.
type UDP struct {
	udp    *net.UDPConn
	tcp    *net.TCPListener
	addr   string     // where peers reach us
	source netip.Addr // where our streams come from; zero if bound to all addresses

	senders senders
	// Writes that block end at a deadline, see extendDeadline.
	born      time.Time
	deadline  atomic.Int64 // the socket's, in nanoseconds since born
	extending sync.Mutex   // guards the setting of it

	closing context.Context // ends when Close is called, and the dials with it
	end     context.CancelFunc
}

// UDPStats is what only the transport can count.
type UDPStats struct {
	// SendersForgotten is how many entries the table of sender addresses shed
	// to stay bounded. In a quiet network it stays 0; it grows when packets
	// come from more than ten thousand addresses, a flood of forged ones say.
	SendersForgotten uint64
}

// Stats returns the counters since [ListenUDP]. It works after Close too.
func (u *UDP) Stats() UDPStats {
	u.senders.mu.Lock()
	defer u.senders.mu.Unlock()
	return UDPStats{SendersForgotten: u.senders.forgotten}
}

// Addr returns "ip:port", with "[ip]:port" for IPv6, where peers reach u. A
// transport bound to one address returns that. One bound to all addresses
// returns the one that other machines most likely reach: of the interface with
// the default route before others, private before public, IPv4 before IPv6
// where both are listened on, and of loopback if the machine has no other. It
// is chosen when u is made and does not change.
func (u *UDP) Addr() string { return u.addr }

// ReadPacket waits for the next datagram, copies it to p, and returns its
// length and the sender's "ip:port". A datagram larger than p is cut to len(p)
// and the rest is lost; Windows reports it as a temporary error instead. An
// empty datagram is a packet of length 0.
//
// Errors that wrap [net.ErrClosed] are final. All others are temporary: systems
// report here, on whatever packet comes next, that some earlier one could not
// be delivered.
func (u *UDP) ReadPacket(p []byte) (n int, from string, err error) {
	if u.closed() {
		return 0, "", errClosed
	}
	n, addr, err := u.udp.ReadFromUDPAddrPort(p)
	if err != nil {
		return 0, "", u.explain(err, "receiving a packet")
	}
	return n, u.senders.name(addr), nil
}

// WritePacket sends p, of at most [MaxPacketBytes], as one datagram to an
// "ip:port" such as "127.0.0.1:7946" or "[::1]:7946". Names are not resolved
// here, and multicast, broadcast and unspecified addresses are refused. It
// blocks while the socket's buffer is full, for maxWriteBlock at most.
//
// An error says that p was not sent. It wraps [ErrAddress], [ErrPacketSize],
// [net.ErrClosed], [os.ErrDeadlineExceeded], or what the system said.
func (u *UDP) WritePacket(p []byte, to string) error {
	if u.closed() {
		return errClosed
	}
	addr, err := parseTarget(to)
	if err != nil {
		return err
	}
	if err := checkPacketSize(p); err != nil {
		return err
	}
	u.extendDeadline()
	if _, err := u.udp.WriteToUDPAddrPort(p, addr); err != nil {
		return u.explain(err, "sending a packet to "+to)
	}
	return nil
}

// Close frees the port and makes all calls that wait, and all later ones,
// return an error that wraps [net.ErrClosed]. It waits for nothing. Streams that
// were handed out are their holders' and stay open. Further calls return nil.
func (u *UDP) Close() error {
	if u.closed() {
		return nil
	}
	// First of all, so that whoever is woken by what follows sees why.
	u.end()
	// A listener closed twice by two callers at once says so, and that is all
	// it can say: neither socket holds data that closing could fail to write.
	_ = u.tcp.Close()
	_ = u.udp.Close()
	return nil
}

func (u *UDP) closed() bool { return u.closing == nil || u.closing.Err() != nil }

// explain makes an error of the system one of ours.
func (u *UDP) explain(err error, doing string) error {
	if u.closed() {
		return errClosed
	}
	return fmt.Errorf("swim: %s: %w", doing, err)
}

// maxWriteBlock bounds how long one WritePacket may wait for room in the
// socket's buffer.
const maxWriteBlock = 100 * time.Millisecond

// extendDeadline keeps the write deadline of the socket between half of
// maxWriteBlock and all of it ahead.
//
// A datagram socket does block: its buffer is charged for datagrams that wait
// in the queue of a stalled interface, or, for seconds, for the link address of
// a neighbour that is gone. Whoever writes then must not be kept from writing to
// all others, so a datagram that finds no room in time is given up, which is
// what the network would have done with it.
//
// Setting the deadline for every datagram would cost as much as sending it
// (2 us here, since it wakes the poller), so it is moved only every so often. A
// writer that was kept from running between this check and its write may find
// the deadline past; it has then lost one datagram and been told so.
func (u *UDP) extendDeadline() {
	if u.writableFor() > maxWriteBlock/2 {
		return
	}
	// Of several writers at once, the others wait until the deadline is set:
	// without one they would write, and fail, at the old one.
	u.extending.Lock()
	defer u.extending.Unlock()
	if u.writableFor() > maxWriteBlock/2 {
		return
	}
	next := time.Since(u.born) + maxWriteBlock
	_ = u.udp.SetWriteDeadline(u.born.Add(next)) // fails only when closed, as the write then will
	u.deadline.Store(int64(next))
}

// writableFor is how far ahead the deadline is.
func (u *UDP) writableFor() time.Duration {
	return time.Duration(u.deadline.Load()) - time.Since(u.born)
}
