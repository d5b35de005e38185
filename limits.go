package swim

import (
	"strings"
	"time"

	"github.com/swim-go/swim/security"
)

// Limits are how much a node takes from others before it looks at it: what is
// above them is dropped unread, or closed, and counted. A rate whose PerSecond is
// zero has the default, and one whose PerSecond is negative is no limit.
//
// A source is a member if a live member announces its address, and a stranger
// else: so is, for a moment, everybody who joins, and for ever a member whose
// packets come from another address than it announces, behind a translator say.
// Over transport.TCP and transport.TLS, where packets come from any port, a member
// is whoever calls from a member's host.
type Limits struct {
	// Member is what each member may send: packets a second. With a Sealer only
	// those count that it opens, so that nobody else can use the rate up. Default
	// 5,000, and 10,000 at once.
	Member security.Rate
	// Stranger is what may come from each host that is no member's address, and
	// Strangers from all of them: packets a second. With an Admission each claim
	// in such a packet counts as another. Default 1,000, and 4,000 at once; 10,000,
	// and 20,000 at once.
	Stranger, Strangers security.Rate
	// Stream is how many streams each host may open, and Streams all of them: a
	// second. Default 500, and 1,000 at once; 2,000, and 4,000 at once.
	Stream, Streams security.Rate
	// Sync is how often each host may ask for the whole table over a stream: a
	// second. Whoever joins does so once. Default 100, and 1,000 at once.
	Sync security.Rate
	// News is how many claims in packets, of members too, may make a node ask its
	// Admission: those about somebody new, or about another address, metadata or
	// token. A second, of all together. What is above it is left out of its packet.
	// Default 1,000, and 4,000 at once.
	News security.Rate
}

// filled returns l with the default in each rate that has none.
func (l Limits) filled() Limits {
	for _, r := range []struct {
		rate              *security.Rate
		perSecond, atOnce int
	}{
		{&l.Member, 5_000, 10_000},
		{&l.Stranger, 1_000, 4_000},
		{&l.Strangers, 10_000, 20_000},
		{&l.Stream, 500, 1_000},
		{&l.Streams, 2_000, 4_000},
		{&l.Sync, 100, 1_000},
		{&l.News, 1_000, 4_000},
	} {
		if r.rate.PerSecond == 0 {
			r.rate.PerSecond = r.perSecond
			if r.rate.Burst == 0 {
				r.rate.Burst = r.atOnce
			}
		}
	}
	return l
}

// gateCells is how many cells each row of a gate has but for that of strangers,
// who are any number: see security.Limits. It keeps a gate within 8 KiB.
const gateCells = 256

// gates hold back what comes too fast. Any goroutine may ask them.
type gates struct {
	members, strangers, streams, syncs, news *security.Limiter
	// lines is what may be logged of what strangers sent.
	lines *security.Limiter
	// byHost says that a member is told by its host, since its packets do not come
	// from the port that it announces.
	byHost bool
}

func newGates(l Limits, t Transport) gates {
	none := security.Rate{PerSecond: -1}
	c, ok := t.(ConnectionTransport)
	return gates{
		members:   security.NewLimiter(security.Limits{Source: l.Member, Total: none, Cells: gateCells}),
		strangers: security.NewLimiter(security.Limits{Source: l.Stranger, Total: l.Strangers}),
		streams:   security.NewLimiter(security.Limits{Source: l.Stream, Total: l.Streams, Cells: gateCells}),
		syncs:     security.NewLimiter(security.Limits{Source: l.Sync, Total: none, Cells: gateCells}),
		news:      security.NewLimiter(security.Limits{Source: none, Total: l.News}),
		lines:     security.NewLimiter(security.Limits{Source: none, Total: security.Rate{PerSecond: 1, Burst: 10}}),
		byHost:    ok && c.FromAnyPort(),
	}
}

// packet reports whether a packet may pass.
func (g *gates) packet(now time.Duration, from string, member bool) bool {
	switch {
	case !member:
		return g.strangers.AllowHost(now, from)
	case g.byHost:
		// Not AllowHost: the members of an IPv6 network share its /64.
		return g.members.Allow(now, hostOf(from))
	}
	return g.members.Allow(now, from)
}

// claims reports whether so many claims of a stranger's may pass.
func (g *gates) claims(now time.Duration, from string, n int) bool {
	for range n {
		if !g.strangers.AllowHost(now, from) {
			return false
		}
	}
	return true
}

func (g *gates) count(d *Drops) {
	d.RateMembers, d.RateStrangers = refused(g.members), refused(g.strangers)
	d.RateStreams, d.RateSyncs, d.RateNews = refused(g.streams), refused(g.syncs), refused(g.news)
}

func refused(l *security.Limiter) uint64 {
	s := l.Shed()
	return s.Source + s.Total
}

// source is what a member with that address is known by among the sources of
// packets.
func (g *gates) source(addr string) string {
	if g.byHost {
		return hostOf(addr)
	}
	return addr
}

// hostOf is an address without the port, if it has one.
func hostOf(addr string) string {
	if i := strings.LastIndexByte(addr, ':'); i >= 0 {
		return addr[:i]
	}
	return addr
}
