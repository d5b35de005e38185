package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// ListenTCP listens where c.Bind says, which is understood as [ListenUDP] does,
// and starts the one goroutine that accepts connections. Close ends it.
//
// ctx bounds the resolving of a name, and nothing else. On an error nothing
// stays open; it wraps [ErrConfig], [ErrAddress], [ErrTemplate] or [ErrInUse], or
// what the system said.
func ListenTCP(ctx context.Context, c TCPConfig) (*TCP, error) {
	t := new(TCP)
	if err := t.listen(ctx, c); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *TCP) listen(ctx context.Context, c TCPConfig) error {
	if err := c.check(); err != nil {
		return err
	}
	b, err := parseBind(ctx, c.Bind)
	if err != nil {
		return err
	}
	l, err := b.listenTCP(ctx)
	switch {
	case err == nil:
	case taken(err):
		return fmt.Errorf("%w: bind %q: %w; stop what listens there, or bind another port (0 picks a free one)", ErrInUse, c.Bind, err)
	default:
		return fmt.Errorf("swim: cannot bind %q: %w; %s", c.Bind, err, remedy(err))
	}
	bound := addrPort(l.Addr())
	t.config, t.listener, t.addr, t.born = c.filled(), l, reachable(bound).String(), time.Now()
	if !bound.Addr().IsUnspecified() {
		t.source = bound.Addr()
	}
	t.pool.init(&t.config)
	t.packets = make(chan *arrived, arrivedPackets)
	t.streams = make(chan net.Conn)
	t.closing, t.end = context.WithCancel(context.Background())
	go t.accept()
	return nil
}

// listenTCP opens a socket for connections alone.
func (b binding) listenTCP(ctx context.Context) (*net.TCPListener, error) {
	network, host := "tcp", ""
	if b.host.IsValid() {
		host = b.host.String()
		// Without the digit Go takes 0.0.0.0 for all of IPv6 as well.
		switch {
		case b.host.Is4():
			network = "tcp4"
		case !b.host.IsUnspecified():
			network = "tcp6"
		}
	}
	listening := net.ListenConfig{KeepAlive: -1}
	l, err := listening.Listen(ctx, network, net.JoinHostPort(host, strconv.Itoa(int(b.port))))
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

// addrPort is the address of a TCP socket as peers write it: one for both
// families reports IPv4 peers as ::ffff:1.2.3.4.
func addrPort(a net.Addr) netip.AddrPort {
	ap := a.(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
