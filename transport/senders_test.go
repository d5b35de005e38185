package transport

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"unsafe"
)

func TestSendersAreInterned(t *testing.T) {
	var s senders
	for _, c := range []struct{ from, want string }{
		{"10.0.0.1:7946", "10.0.0.1:7946"},
		{"[::ffff:10.0.0.1]:7946", "10.0.0.1:7946"},
		{"[2001:db8::1]:80", "[2001:db8::1]:80"},
		{"[fe80::1%eth0]:80", "[fe80::1%eth0]:80"},
	} {
		first := s.name(netip.MustParseAddrPort(c.from))
		again := s.name(netip.MustParseAddrPort(c.from))
		if first != c.want || again != c.want {
			t.Errorf("%s is called %s, then %s; want %s", c.from, first, again, c.want)
		}
		if unsafe.StringData(first) != unsafe.StringData(again) {
			t.Errorf("%s: the second string is not the first", c.from)
		}
	}
	if len(s.young) != 3 {
		t.Errorf("%d entries, want 3: IPv4 peers have one name", len(s.young))
	}
}

// TestSendersStayBoundedInAFlood sends from random addresses, and from one peer
// now and then, which must be known all the time.
func TestSendersStayBoundedInAFlood(t *testing.T) {
	const seed = 1
	rng := rand.New(rand.NewPCG(seed, seed))
	var s senders
	peer := netip.MustParseAddrPort("10.0.0.1:7946")
	name := s.name(peer)
	const flood = 10 * maxSenders
	for i := range flood {
		var ip [16]byte
		for j := range ip {
			ip[j] = byte(rng.Uint32())
		}
		s.name(netip.AddrPortFrom(netip.AddrFrom16(ip), 1))
		if len(s.young) > maxSenders || len(s.old) > maxSenders {
			t.Fatalf("%d and %d entries, want at most %d each", len(s.young), len(s.old), maxSenders)
		}
		if i%(maxSenders/2) == 0 && unsafe.StringData(s.name(peer)) != unsafe.StringData(name) {
			t.Fatalf("a peer that keeps sending was forgotten after %d others", i)
		}
	}
	if kept := uint64(len(s.young) + len(s.old)); s.forgotten < flood-kept {
		t.Errorf("%d forgotten, %d kept of %d", s.forgotten, kept, flood)
	}
}

func TestSendersTurnGenerationsWithoutAllocation(t *testing.T) {
	var s senders
	addrs := make([]netip.AddrPort, 2*maxSenders)
	for i := range addrs {
		addrs[i] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 7946)
		s.name(addrs[i])
	}
	turn := 0
	if allocs := testing.AllocsPerRun(3*len(addrs), func() {
		s.name(addrs[turn%len(addrs)])
		turn++
	}); allocs != 0 {
		t.Errorf("%v allocations for a sender that is known", allocs)
	}
}
