package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// errUnopened: no connection came about, or the peer did not accept it.
var errUnopened = errors.New("swim: could not open a connection for packets")

// carrier is a connection, with what was learned when it was opened.
type carrier struct {
	net.Conn
	raw      *net.TCPConn // that Conn is, or writes to
	identity string       // of the peer's certificate
	until    time.Time    // when that expires; zero without TLS
}

// DialStream opens a connection of its own to an "ip:port" that packets are sent
// to. If t is bound to one address, it comes from that address. It returns as
// soon as ctx ends or t is closed, with ctx's error or one that wraps
// [net.ErrClosed]. A malformed address gives [ErrAddress].
//
// The stream sends without delay (TCP_NODELAY) and without keep-alives: who
// holds one sets deadlines. It outlives t.
func (t *TCP) DialStream(ctx context.Context, to string) (net.Conn, error) {
	if t.closed() {
		return nil, errClosed
	}
	addr, err := parseTarget(to)
	if err != nil {
		return nil, err
	}
	dialing, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.closing, cancel)()

	c, err := t.dial(dialing, addr)
	if err == nil {
		opening := preamble(forStream)
		_, err = c.Write(opening[:])
	}
	if err == nil && !t.closed() {
		t.pool.reached(addr)
		return c.stream(), nil
	}
	if c != nil {
		_ = c.raw.Close()
	}
	switch {
	case t.closed():
		return nil, errClosed
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	return nil, fmt.Errorf("swim: opening a stream to %s: %w", to, err)
}

// dial opens a connection, and closes it again if ctx ends before it is open.
func (t *TCP) dial(ctx context.Context, addr netip.AddrPort) (*carrier, error) {
	dialer := net.Dialer{KeepAlive: -1}
	if t.source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(t.source, 0))
	}
	conn, err := dialer.DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}
	raw := conn.(*net.TCPConn)
	if t.secure == nil {
		return &carrier{Conn: raw, raw: raw}, nil
	}
	c, err := t.secure.dial(ctx, raw)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	return c, nil
}

// stream is the connection as its holder sees it.
func (c *carrier) stream() net.Conn {
	if c.until.IsZero() {
		return c.raw
	}
	return secureStream(c)
}
