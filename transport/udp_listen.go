package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

const (
	// maxPortTries bounds the search for a port that is free for both TCP and
	// UDP when the bind address leaves the choice.
	maxPortTries = 16

	// socketBufferBytes is asked for both buffers of the datagram socket. While
	// the process does not run, what comes in waits here: the acks that prove
	// others innocent among it.
	socketBufferBytes = 2 << 20
	// minSocketBufferBytes is the smallest size worth asking for.
	minSocketBufferBytes = 128 << 10
)

// ListenUDP binds one port for datagrams and streams. bind is "ip:port" or
// "host:port"; a template is expanded by [ResolveBind], and of a name's
// addresses the first IPv4 one is taken. An empty host, ":7946", listens on all
// addresses of both families, and so does "[::]:7946"; "0.0.0.0:7946" on all of
// IPv4. Port 0 picks one that is free for both.
//
// ctx bounds the resolving of a name, and nothing else. On an error nothing
// stays open; it wraps [ErrAddress] or [ErrTemplate] if bind cannot be
// understood, [ErrInUse] if the port is taken for either, and what the system
// said.
func ListenUDP(ctx context.Context, bind string) (*UDP, error) {
	b, err := parseBind(ctx, bind)
	if err != nil {
		return nil, err
	}
	u, err := b.open(func() (*UDP, error) { return b.listen(ctx) })
	switch {
	case err == nil:
		return u, nil
	case taken(err):
		return nil, fmt.Errorf("%w: bind %q: %w; stop what listens there, or bind another port (0 picks a free one)", ErrInUse, bind, err)
	}
	return nil, fmt.Errorf("swim: cannot bind %q: %w; %s", bind, err, remedy(err))
}

// binding is a bind address understood. The zero host is all addresses.
type binding struct {
	host netip.Addr
	port uint16
}

func parseBind(ctx context.Context, bind string) (binding, error) {
	plain, err := ResolveBind(bind)
	if err != nil {
		return binding{}, err
	}
	if err := ctx.Err(); err != nil {
		return binding{}, fmt.Errorf("swim: cannot bind %q: %w", bind, err)
	}
	host, digits, err := net.SplitHostPort(plain)
	if err != nil {
		return binding{}, fmt.Errorf("%w: bind %q: want host:port, such as 127.0.0.1:7946, [::1]:7946 or :0", ErrAddress, bind)
	}
	port, err := parsePort(digits)
	if err != nil {
		return binding{}, fmt.Errorf("%w: bind %q: %w; 0 picks a free one", ErrAddress, bind, err)
	}
	if host == "" {
		return binding{port: port}, nil
	}
	addrs, err := addresses(ctx, net.DefaultResolver.LookupNetIP, host)
	if err != nil {
		return binding{}, fmt.Errorf("%w: bind %q: %w", ErrAddress, bind, err)
	}
	return binding{host: addrs[0], port: port}, nil
}

// open tries again where the port is left to chance: TCP chooses it, and that
// UDP has it free too is only likely.
func (b binding) open(listen func() (*UDP, error)) (u *UDP, err error) {
	for range maxPortTries {
		u, err = listen()
		if err == nil || b.port != 0 || !taken(err) {
			break
		}
	}
	return u, err
}

// listen opens both sockets, or none.
func (b binding) listen(ctx context.Context) (_ *UDP, err error) {
	family, host := "", ""
	if b.host.IsValid() {
		host = b.host.String()
		// Without the digit Go takes 0.0.0.0 for all of IPv6 as well.
		switch {
		case b.host.Is4():
			family = "4"
		case !b.host.IsUnspecified():
			family = "6"
		}
	}
	streams := net.ListenConfig{KeepAlive: -1}
	l, err := streams.Listen(ctx, "tcp"+family, net.JoinHostPort(host, strconv.Itoa(int(b.port))))
	if err != nil {
		return nil, fmt.Errorf("for streams: %w", err)
	}
	tcp := l.(*net.TCPListener)
	bound := tcp.Addr().(*net.TCPAddr).AddrPort()

	datagrams := net.ListenConfig{Control: refuseBroadcast}
	c, err := datagrams.ListenPacket(ctx, "udp"+family, net.JoinHostPort(host, strconv.Itoa(int(bound.Port()))))
	if err != nil {
		_ = tcp.Close()
		return nil, fmt.Errorf("for packets: %w", err)
	}
	udp := c.(*net.UDPConn)
	growBuffer(udp.SetReadBuffer)
	growBuffer(udp.SetWriteBuffer)

	bound = netip.AddrPortFrom(bound.Addr().Unmap(), bound.Port())
	u := &UDP{udp: udp, tcp: tcp, addr: reachable(bound).String(), born: time.Now()}
	if !bound.Addr().IsUnspecified() {
		u.source = bound.Addr()
	}
	u.closing, u.end = context.WithCancel(context.Background())
	return u, nil
}

// growBuffer is best effort: Linux cuts a size to its limit in silence, others
// refuse it, so ask for less until one is granted.
func growBuffer(set func(int) error) {
	for size := socketBufferBytes; size >= minSocketBufferBytes && set(size) != nil; size /= 2 {
	}
}

// wsaAddrInUse is what Windows says where others say EADDRINUSE, which the
// syscall package knows there, but does not translate to.
const wsaAddrInUse = syscall.Errno(10048)

func taken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaAddrInUse)
}

// remedy is what to do about a failed bind.
func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no interface of this machine has the address: bind one that it has, or none (\":port\") for all"
	case errors.Is(err, syscall.EACCES):
		return "bind a port above 1023, or run with the right to use this one"
	case errors.Is(err, syscall.EAFNOSUPPORT):
		return "this machine lacks the address family: bind an address of the other"
	}
	return "bind an address of this machine"
}
