package transport

import (
	"net/netip"
	"sync"
)

// maxSenders bounds one generation of a [senders] table. Two of them hold more
// than the 10,000 members that a cluster is meant to have, in about 2 MB.
const maxSenders = 8192

// senders gives each remote address its string, the same one for every packet,
// so that a packet from a peer already known costs no allocation.
//
// Whoever can send packets chooses their source addresses, so the table has
// two generations: what is asked for lives in the young one, and when that is
// full it becomes the old one and the former old one is forgotten. A flood of
// random sources thus takes bounded memory, and a peer that goes on sending is
// found in one of the two and moves along.
//
// The other direction needs no table: netip parses an address in 30 to 60 ns
// without allocating, which is what a locked lookup costs.
type senders struct {
	mu        sync.Mutex
	young     map[netip.AddrPort]string
	old       map[netip.AddrPort]string
	forgotten uint64
}

func (s *senders) name(from netip.AddrPort) string {
	// A socket for both families reports IPv4 peers as ::ffff:1.2.3.4, and
	// nobody knows them by that name.
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.young[from]; ok {
		return name
	}
	name, ok := s.old[from]
	if !ok {
		name = from.String()
	}
	if len(s.young) >= maxSenders {
		s.forgotten += uint64(len(s.old))
		clear(s.old)
		s.young, s.old = s.old, s.young
	}
	if s.young == nil {
		s.young = make(map[netip.AddrPort]string)
	}
	s.young[from] = name
	return name
}
