package transport

import "net/netip"

// gate counts connections in all and for each host, and lets no more in than
// its limits. Its user guards it.
type gate struct {
	limit, perHost int
	n              int
	hosts          map[netip.Addr]int
}

func newGate(limit, perHost int) gate {
	return gate{limit: limit, perHost: perHost, hosts: make(map[netip.Addr]int)}
}

// enter returns false if a limit is reached. Whoever is let in has to leave.
func (g *gate) enter(host netip.Addr) bool {
	if g.n >= g.limit || g.crowded(host) {
		return false
	}
	g.n++
	g.hosts[host]++
	return true
}

// crowded reports whether it is the host's limit that is reached.
func (g *gate) crowded(host netip.Addr) bool { return g.hosts[host] >= g.perHost }

func (g *gate) leave(host netip.Addr) {
	g.n--
	if g.hosts[host]--; g.hosts[host] == 0 {
		delete(g.hosts, host)
	}
}
