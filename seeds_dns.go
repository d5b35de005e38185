package swim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// DNSSeeds are all addresses that a name has at the time, its A and AAAA records:
// that of a headless service, for one.
type DNSSeeds struct {
	// Name is host or host:port, with port 7946 where it has none.
	Name string
	// Resolver is who is asked. Default: net.DefaultResolver.
	Resolver *net.Resolver
}

// Seeds implements [SeedProvider].
func (s DNSSeeds) Seeds(ctx context.Context) ([]string, error) {
	host, port, err := splitHost(s.Name)
	if err != nil {
		return nil, fmt.Errorf("swim: seeds: %q: %w", s.Name, err)
	}
	seeds, err := lookUp(ctx, s.Resolver, host, port)
	if err != nil {
		return nil, fmt.Errorf("swim: seeds: %w", err)
	}
	return seeds, nil
}

// SRVSeeds are the targets and ports of the SRV records that a name has at the
// time, at all addresses of each target.
type SRVSeeds struct {
	// Name is the full name of the records, such as
	// "_gossip._udp.web.default.svc.cluster.local".
	Name string
	// Resolver is who is asked. Default: net.DefaultResolver.
	Resolver *net.Resolver
}

// Seeds implements [SeedProvider]. Targets that have no address are left out, and
// it fails if none has one.
func (s SRVSeeds) Seeds(ctx context.Context) ([]string, error) {
	_, records, err := cmp.Or(s.Resolver, net.DefaultResolver).LookupSRV(ctx, "", "", s.Name)
	if len(records) == 0 && err != nil {
		return nil, fmt.Errorf("swim: seeds: %w", err)
	}
	var (
		seeds    []string
		problems []error
	)
	// The records come by priority, so what is above the limit is wanted least.
	for _, r := range records[:min(len(records), maxSeedAddrs)] {
		found, err := lookUp(ctx, s.Resolver, strings.TrimSuffix(r.Target, "."), r.Port)
		if err != nil {
			problems = append(problems, err)
		}
		seeds = append(seeds, found...)
		if len(seeds) >= maxSeedAddrs {
			break
		}
	}
	if len(seeds) == 0 {
		return nil, fmt.Errorf("swim: seeds: SRV records of %q: %w", s.Name, errors.Join(problems...))
	}
	return seeds, nil
}

// splitHost takes host or host:port apart.
func splitHost(s string) (host string, port uint16, err error) {
	host, digits := s, strconv.Itoa(defaultPort)
	if strings.Contains(s, ":") {
		if host, digits, err = net.SplitHostPort(s); err != nil {
			return "", 0, err
		}
	}
	p, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || p == 0 || host == "" {
		return "", 0, errors.New("want host or host:port")
	}
	return host, uint16(p), nil
}

// lookUp returns the addresses of a host, each with a port.
func lookUp(ctx context.Context, r *net.Resolver, host string, port uint16) ([]string, error) {
	ips, err := cmp.Or(r, net.DefaultResolver).LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	addrs := make([]string, len(ips))
	for i, ip := range ips {
		addrs[i] = netip.AddrPortFrom(ip.Unmap(), port).String()
	}
	return addrs, nil
}
