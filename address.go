package swim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"

	"github.com/swim-go/swim/transport"
)

// defaultPort is what is meant where an address has no port.
const defaultPort = 7946

// listen opens the default transport. Without an address it takes a fixed one
// of this machine alone, where others find the first node, and if that is taken
// any other, so that a second one starts as well.
func listen(ctx context.Context, bind string) (Transport, error) {
	fallback := bind == ""
	if fallback {
		bind = net.JoinHostPort("127.0.0.1", strconv.Itoa(defaultPort))
	}
	bind, err := transport.ResolveBind(bind)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(bind); err == nil { // a template without a port
		bind = net.JoinHostPort(bind, strconv.Itoa(defaultPort))
	}
	u, err := transport.ListenUDP(ctx, bind)
	if fallback && errors.Is(err, transport.ErrInUse) {
		u, err = transport.ListenUDP(ctx, "127.0.0.1:0")
	}
	if err != nil {
		return nil, err // and not u, which would be an interface that is not nil
	}
	return u, nil
}

// advertised returns the address that the others are given for a transport.
func advertised(ctx context.Context, advertise string, t Transport) (string, error) {
	own, err := netip.ParseAddrPort(t.Addr())
	switch {
	case advertise == "":
		return t.Addr(), nil
	case err != nil: // a transport with a notation of its own
		return advertise, nil
	}
	addr, err := transport.ResolveBind(advertise)
	if err != nil {
		return "", err
	}
	// A name may have several addresses, and all members are to be told the same.
	addrs, err := transport.Resolve(ctx, addr, int(own.Port()))
	if err != nil {
		return "", fmt.Errorf("swim: Config.Advertise %q: %w", advertise, err)
	}
	return addrs[0], nil
}

// defaultName is unique as long as each node of a machine has its own port.
func (c *Config) defaultName(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil || c.Transport != nil {
		return addr
	}
	host, err := os.Hostname()
	if err != nil {
		return addr
	}
	return net.JoinHostPort(host, port)
}

func isIPPort(addr string) bool {
	_, err := netip.ParseAddrPort(addr)
	return err == nil
}

// isLoopback reports whether only this machine reaches addr.
func isLoopback(addr string) bool {
	a, err := netip.ParseAddrPort(addr)
	return err == nil && a.Addr().IsLoopback()
}

// bindsAll reports whether a Bind means all addresses of the machine.
func bindsAll(bind string) bool {
	host, _, err := net.SplitHostPort(bind)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}
