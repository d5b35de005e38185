package transport

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// parseTarget understands an address that something is to be sent to. It does
// not allocate unless it fails.
//
// Addresses come from other members' claims, so those that would make one
// packet many, or that mean "this machine" on every machine, are refused.
func parseTarget(s string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return a, fmt.Errorf("%w: %q: want ip:port, such as 127.0.0.1:7946 or [::1]:7946", ErrAddress, s)
	}
	ip := a.Addr().Unmap()
	if !nameableZone(ip.Zone()) {
		return a, fmt.Errorf("%w: %q: %w", ErrAddress, s, errZone)
	}
	if why := unsendable(ip); why != "" {
		return a, fmt.Errorf("%w: %q: nothing is sent to %s", ErrAddress, s, why)
	}
	if a.Port() == 0 {
		return a, fmt.Errorf("%w: %q: nothing listens on port 0", ErrAddress, s)
	}
	return netip.AddrPortFrom(ip, a.Port()), nil
}

var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// unsendable says what an address is that no peer can have, or nothing.
func unsendable(ip netip.Addr) string {
	switch {
	case ip.IsUnspecified():
		return "the unspecified address"
	case ip.IsMulticast():
		return "multicast addresses"
	case ip == limitedBroadcast:
		return "the broadcast address"
	}
	return ""
}

// parseIP understands an address without a port.
func parseIP(s string) (netip.Addr, error) {
	ip, err := netip.ParseAddr(s)
	if err == nil && !nameableZone(ip.Zone()) {
		err = errZone
	}
	return ip.Unmap(), err
}

var errZone = errors.New("the zone names no interface")

// nameableZone refuses what no interface can be called: netip takes any bytes
// for a zone, those too with which an address cannot be told from its port.
func nameableZone(zone string) bool {
	return !strings.ContainsFunc(zone, func(r rune) bool { return r < ' ' || r == 0x7f || strings.ContainsRune("[]%", r) })
}

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("port %q is not a number from 0 to 65535", s)
	}
	return uint16(n), nil
}

// lookup is the shape of [net.Resolver.LookupNetIP].
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

var errNoAddress = errors.New("it has no address")

// addresses returns the addresses of an IP or a name, at least one unless it
// fails, without repeats and in order, IPv4 before IPv6: not in the resolver's
// order, which changes from one call to the next.
func addresses(ctx context.Context, find lookup, host string) ([]netip.Addr, error) {
	if ip, err := parseIP(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	if !nameable(host) {
		return nil, fmt.Errorf("%q is neither an IP address nor a host name", host)
	}
	found, err := find(ctx, "ip", host)
	if err == nil && len(found) == 0 {
		err = errNoAddress
	}
	if err != nil {
		return nil, fmt.Errorf("cannot resolve %q (check the name, or write an IP address): %w", host, err)
	}
	addrs := make([]netip.Addr, len(found))
	for i, ip := range found {
		addrs[i] = ip.Unmap()
	}
	slices.SortFunc(addrs, netip.Addr.Compare)
	return slices.Compact(addrs), nil
}

// nameable reports whether host may be asked for. Names that end in a number,
// such as 10.0.0.256 or 127.1, are mistyped addresses: some resolvers read them
// in ways of their own, others ask the network for them.
func nameable(host string) bool {
	last := strings.TrimSuffix(host, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	if last == "" || strings.Trim(last, "0123456789") == "" {
		return false
	}
	return !strings.ContainsFunc(host, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`:/\[]{}%@?#,;"'<>|`, r)
	})
}
