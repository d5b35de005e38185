package security

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/swim-go/swim/wire"
)

// ParseNetworks turns texts into networks: each is a prefix such as 10.0.0.0/8
// or fd00::/8, or one address. The error names all that are neither.
func ParseNetworks(texts ...string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	var problems []error
	for _, text := range texts {
		p, err := parseNetwork(text)
		if err != nil {
			problems = append(problems, fmt.Errorf("swim: network %q is neither an IP address nor a prefix such as 10.0.0.0/8", text))
			continue
		}
		networks = append(networks, p)
	}
	return networks, errors.Join(problems...)
}

func parseNetwork(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		return canonical(p), err
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	addr = addr.Unmap().WithZone("")
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}

// canonical is p in the one form that addresses are compared with: an IPv4
// network in IPv6 notation is an IPv4 network.
func canonical(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked()
}

// AllowNetworks admits members whose address is in one of the networks, and
// refuses those whose address is a host name: what it stands for is not the
// same everywhere and at all times. ::/0 is all of IPv6 alone. A prefix that is
// not valid contains nobody.
//
// An address is where a member wants to be reached. Whoever announces one that
// is not his is not reached there, and so declared failed.
func AllowNetworks(prefixes ...netip.Prefix) Admission { return newNetworks(prefixes, true) }

// DenyNetworks refuses members whose address is in one of the networks, or is a
// host name. A prefix that is not valid refuses everybody, since it was meant
// to refuse somebody.
func DenyNetworks(prefixes ...netip.Prefix) Admission { return newNetworks(prefixes, false) }

var (
	errNotAnIP           = fmt.Errorf("%w: the address is no IP address with a port, and networks are checked here: advertise one", ErrRefused)
	errNetworkNotAllowed = fmt.Errorf("%w: the address is in none of the allowed networks", ErrRefused)
	errNetworkDenied     = fmt.Errorf("%w: the address is in a denied network", ErrRefused)
	errInvalidNetwork    = fmt.Errorf("%w: a denied network is not a valid prefix", ErrRefused)
)

type networks struct {
	prefixes []netip.Prefix
	allow    bool
}

func newNetworks(prefixes []netip.Prefix, allow bool) Admission {
	n := networks{make([]netip.Prefix, len(prefixes)), allow}
	for i, p := range prefixes {
		n.prefixes[i] = canonical(p)
	}
	return n
}

func (n networks) Admit(m wire.Member, _ time.Time) error {
	ip, ok := ipOf(m.Addr)
	if !ok {
		return errNotAnIP
	}
	for _, p := range n.prefixes {
		switch {
		case !n.allow && !p.IsValid():
			return errInvalidNetwork
		case !p.Contains(ip):
		case n.allow:
			return nil
		default:
			return errNetworkDenied
		}
	}
	if n.allow {
		return errNetworkNotAllowed
	}
	return nil
}

// ipOf is the IP address that a member announces. It takes nothing but the very
// notation of netip.AddrPort: were it more lenient than the transport, or in
// another way, one of them could take for an address what the other looks up as a
// name. A zone does not count, or it would take an address out of its network.
func ipOf(addr string) (netip.Addr, bool) {
	a, err := netip.ParseAddrPort(addr)
	return a.Addr().Unmap().WithZone(""), err == nil
}
