package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Resolve returns all addresses of a seed as "ip:port", each once, sorted, IPv4
// before IPv6. seed is a host name or an IP address, with a port or without:
//
//	node1  node1:7946  10.0.0.1  10.0.0.1:7946  ::1  [::1]  [fe80::1%eth0]:7946
//
// defaultPort, from 1 to 65535, is for seeds without one. An error names the
// seed; it wraps [ErrAddress] if no peer can have such an address, and else
// what the resolver or ctx said, a [*net.DNSError] mostly.
func Resolve(ctx context.Context, seed string, defaultPort int) ([]string, error) {
	return resolve(ctx, net.DefaultResolver.LookupNetIP, seed, defaultPort)
}

func resolve(ctx context.Context, find lookup, seed string, defaultPort int) ([]string, error) {
	host, port, err := splitSeed(seed, defaultPort)
	if err != nil {
		return nil, fmt.Errorf("%w: seed %q: %w", ErrAddress, seed, err)
	}
	if _, err := parseIP(host); err != nil && !nameable(host) {
		return nil, fmt.Errorf("%w: seed %q: want host, host:port, ip, ip:port or [ip]:port", ErrAddress, seed)
	}
	addrs, err := addresses(ctx, find, host)
	if err != nil {
		return nil, fmt.Errorf("swim: seed %q: %w", seed, err)
	}
	peers := make([]string, len(addrs))
	for i, ip := range addrs {
		if why := unsendable(ip); why != "" {
			return nil, fmt.Errorf("%w: seed %q: no peer has %s", ErrAddress, seed, why)
		}
		peers[i] = netip.AddrPortFrom(ip, port).String()
	}
	return peers, nil
}

// splitSeed tells host and port of a seed apart. An IPv6 address without
// brackets has no port: its last group cannot be told from one.
func splitSeed(seed string, defaultPort int) (host string, port uint16, err error) {
	digits := strconv.Itoa(defaultPort)
	host, bracketed := strings.CutPrefix(seed, "[")
	if bracketed {
		host, bracketed = strings.CutSuffix(host, "]")
	}
	_, notIP := parseIP(host)
	switch {
	case notIP == nil && (bracketed || host == seed):
	case strings.Contains(seed, ":"):
		if host, digits, err = net.SplitHostPort(seed); err != nil {
			return "", 0, errors.New("want host:port or [ip]:port")
		}
	default:
		host = seed
	}
	if port, err = parsePort(digits); err != nil {
		return "", 0, err
	}
	if port == 0 {
		return "", 0, errors.New("nothing listens on port 0: write the port after the host")
	}
	return host, port, nil
}
