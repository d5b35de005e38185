package disseminator

import "github.com/swim-go/swim/wire"

const (
	// DefaultMax is how many claims a [Piggyback] keeps if its Max is 0. At 50
	// bytes each they fill 300 packets. They take about a megabyte.
	DefaultMax = 8192
	// maxAccusers bounds the claims about one member, which differ in their
	// accuser only. Lifeguard re-gossips four at most; without a bound, a peer
	// that invents accusers makes each Add compare thousands of them.
	maxAccusers = 16
)

// Piggyback sends the claims that were sent the fewest times first (SWIM section
// 4.1), and drops a claim when it has been sent as often as the packet's Limit
// says.
//
// Among claims sent equally often, the one that came to that count last goes
// first. In a burst of more claims than packets can take, news thus leaves with
// the next packet, and what waited longest is what peers most likely know by
// now. It starves nobody whose burst ends: once sent, news stands behind all
// that was not.
//
// The zero value is ready. One goroutine may use it at a time.
type Piggyback struct {
	// Max bounds how many claims wait; 0 means [DefaultMax]. Beyond it, the
	// claim that would be sent last is shed: the one sent most often, and of
	// those the one that has been so for longest. It may change at any time and
	// takes effect with the next Add.
	Max int

	queue queue
	fills uint64 // calls of Fill, see entry.hidden
	shed  uint64
}

// Add takes a claim to be spread, and keeps its strings.
//
// It replaces all claims about the same member that it supersedes, and starts
// with no sends. It is ignored if one that waits supersedes it or is the same,
// accuser included; that one keeps its count and its age. A claim that differs
// from those that wait in its accuser only stands beside them, up to 16.
func (p *Piggyback) Add(u wire.Update) {
	if first, ok := p.queue.members[u.Name]; ok {
		// All claims about a member are equal but for the accuser, or one of
		// them would have superseded another. So the first speaks for all.
		old := &p.queue.entries[first].claim
		switch {
		case wire.Supersedes(&old.Member, &u.Member):
			return
		case wire.Supersedes(&u.Member, &old.Member):
			p.queue.replace(first, u)
			return
		case !p.accepts(first, u.From):
			return
		}
	}
	limit := p.Max
	if limit <= 0 {
		limit = DefaultMax
	}
	for p.queue.len >= limit {
		p.queue.drop(p.queue.worst())
		p.shed++
	}
	p.queue.push(u)
}

// accepts reports whether the claim beginning at first has room for one more
// accuser. Later accusers are shed: the first to confirm are those who count.
func (p *Piggyback) accepts(first slot, from string) bool {
	accusers := 0
	for i := first; i != none; i = p.queue.entries[i].sibling {
		if p.queue.entries[i].claim.From == from {
			return false
		}
		accusers++
	}
	if accusers >= maxAccusers {
		p.shed++
		return false
	}
	return true
}

// Forget drops all claims about a member. An unknown name changes nothing.
func (p *Piggyback) Forget(name string) {
	for i := p.queue.members[name]; i != none; i = p.queue.members[name] {
		p.queue.drop(i)
	}
	p.queue.trim()
}

// Len is how many claims wait.
func (p *Piggyback) Len() int { return p.queue.len }

// Shed is how many claims were given up because there was no room for them:
// since Max were waiting, or 16 about that very member.
func (p *Piggyback) Shed() uint64 { return p.shed }
