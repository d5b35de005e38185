package transport

import (
	"net/netip"
	"time"
)

const (
	// maxRests and maxDeparted bound the tables of peers that are not to be
	// called: yet, or at all.
	maxRests    = 4096
	maxDeparted = 4096

	// minRest is how long a peer that could not be reached is left alone. It
	// doubles with each failure in a row, up to maxRest.
	minRest = 100 * time.Millisecond
	maxRest = 2 * time.Second

	// departedTime is how long the port that a peer called from is remembered,
	// at least. Answers are sent within the time of a probe.
	departedTime = 10 * time.Second
)

// rest is how a peer that could not be reached is left alone, so that packets
// to it do not cost a dial each.
type rest struct {
	failures int
	until    time.Duration // since the transport was born
}

// next returns the rest after one more failure.
func (r rest) next(now time.Duration) rest {
	pause := min(minRest<<min(r.failures, 16), maxRest)
	return rest{r.failures + 1, now + pause}
}

// departed remembers for a while from where peers called whose connections have
// ended. Answers to there are dropped: nobody listens at the port that a system
// took for an outgoing connection, and soon it may be another's.
//
// Like [senders] it has two generations. One turns when it is departedTime old,
// since a node may listen at the port later, or when it is full.
type departed struct {
	young, old map[netip.AddrPort]struct{}
	turned     time.Duration // since the transport was born
	forgotten  uint64
}

func (d *departed) turn(now time.Duration) {
	full := len(d.young) >= maxDeparted
	age := now - d.turned
	if age < departedTime && !full {
		return
	}
	if age < departedTime {
		d.forgotten += uint64(len(d.old))
	}
	d.young, d.old = d.old, d.young
	clear(d.young)
	if age >= 2*departedTime {
		clear(d.old)
	}
	d.turned = now
}

func (d *departed) add(a netip.AddrPort, now time.Duration) {
	d.turn(now)
	if d.young == nil {
		d.young = make(map[netip.AddrPort]struct{})
	}
	d.young[a] = struct{}{}
}

func (d *departed) has(a netip.AddrPort, now time.Duration) bool {
	d.turn(now)
	_, young := d.young[a]
	_, old := d.old[a]
	return young || old
}

func (d *departed) remove(a netip.AddrPort) {
	delete(d.young, a)
	delete(d.old, a)
}
