package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// DialStream opens a TCP connection to an "ip:port" that packets are sent to.
// If u is bound to one address, the connection comes from that address. It
// returns as soon as ctx ends or u is closed, with ctx's error or one that wraps
// [net.ErrClosed]. A malformed address gives [ErrAddress].
//
// The stream sends without delay (TCP_NODELAY) and without keep-alives: who
// holds one sets deadlines. It outlives u.
func (u *UDP) DialStream(ctx context.Context, to string) (net.Conn, error) {
	if u.closed() {
		return nil, errClosed
	}
	addr, err := parseTarget(to)
	if err != nil {
		return nil, err
	}
	dialing, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(u.closing, cancel)()

	dialer := net.Dialer{KeepAlive: -1}
	if u.source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(u.source, 0))
	}
	conn, err := dialer.DialContext(dialing, "tcp", addr.String())
	switch {
	case err == nil && !u.closed():
		return conn, nil
	case err == nil:
		_ = conn.Close()
		return nil, errClosed
	case ctx.Err() != nil:
		return nil, fmt.Errorf("swim: opening a stream to %s: %w", to, ctx.Err())
	}
	return nil, u.explain(err, "opening a stream to "+to)
}

// AcceptStream waits for the next stream that a peer opened. The stream has no
// deadline yet, and its peer is not known to be a member, nor to speak at all.
//
// Errors that wrap [net.ErrClosed] are final. All others are temporary, such as
// too many open files; they may come at once again and again, so pause.
func (u *UDP) AcceptStream() (net.Conn, error) {
	if u.closed() {
		return nil, errClosed
	}
	conn, err := u.tcp.AcceptTCP()
	if err != nil {
		return nil, u.explain(err, "accepting a stream")
	}
	return conn, nil
}
