package transport

import (
	"cmp"
	"net"
	"net/netip"
	"runtime"
	"slices"

	"github.com/hashicorp/go-sockaddr"
)

// reachable returns where peers reach a socket that is bound to an address:
// there, or for a socket on all addresses the best of this machine.
func reachable(bound netip.AddrPort) netip.AddrPort {
	if !bound.Addr().IsUnspecified() {
		return bound
	}
	// A machine whose interfaces cannot be listed still has loopback.
	interfaces, _ := sockaddr.GetAllInterfaces()
	// [::] takes IPv4 too, except where the system keeps the families apart.
	want4, want6 := true, bound.Addr().Is6()
	if runtime.GOOS == "openbsd" || runtime.GOOS == "dragonfly" {
		want4 = !want6
	}
	return netip.AddrPortFrom(choose(interfaces, defaultInterface(), want4, want6), bound.Port())
}

// defaultInterface names the interface of the default route, or nothing.
func defaultInterface() string {
	routes, err := sockaddr.NewRouteInfo()
	if err != nil {
		return ""
	}
	name, _ := routes.GetDefaultInterfaceName()
	return name
}

// choose picks the address that other machines most likely reach.
//
// The interface with the default route counts more than whether an address is
// private: a machine with a public address and a bridge for its containers has
// a private one too, the bridge's, which nobody outside of it reaches.
//
// Addresses set aside for documentation and tests come last, but before
// loopback: a machine that has one uses it. Link-local ones are left out, since
// they mean nothing without an interface of the peer's own.
func choose(interfaces sockaddr.IfAddrs, defaultName string, want4, want6 bool) netip.Addr {
	type candidate struct {
		ip                   netip.Addr
		byDefault            bool
		forwardable, private bool
	}
	var all []candidate
	for _, i := range interfaces {
		sa := sockaddr.ToIPAddr(i.SockAddr)
		if sa == nil || i.Flags&net.FlagUp == 0 {
			continue
		}
		ip, _ := netip.AddrFromSlice(*(*sa).NetIP())
		ip = ip.Unmap()
		if !ip.IsGlobalUnicast() || (ip.Is4() && !want4) || (ip.Is6() && !want6) {
			continue
		}
		all = append(all, candidate{
			ip:          ip,
			byDefault:   i.Name == defaultName,
			forwardable: !sockaddr.IsRFC(sockaddr.ForwardingBlacklist, i.SockAddr),
			private:     sockaddr.IsRFC(6890, i.SockAddr),
		})
	}
	if len(all) == 0 {
		if want4 {
			return netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		return netip.IPv6Loopback()
	}
	return slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(a.ip.BitLen(), b.ip.BitLen()),
			first(a.byDefault, b.byDefault),
			first(a.forwardable, b.forwardable),
			first(a.private, b.private),
			a.ip.Compare(b.ip),
		)
	}).ip
}

// first orders what has a quality before what has not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
