package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

// Each row keeps a smoothed round-trip time and its mean deviation, in
// microseconds, as TCP does (RFC 6298): a member that answers within a
// millisecond need not be waited for as long as the slowest is allowed to take.

// observe takes the time of one probe that the member itself answered. Each probe
// has a number of its own, so an answer is never taken for another's.
func (r *row) observe(d time.Duration) {
	sample := uint32(min(max(d/time.Microsecond, 1), 1<<30))
	if r.roundTrip == 0 {
		r.roundTrip, r.deviation = sample, sample/2
		return
	}
	off := max(r.roundTrip, sample) - min(r.roundTrip, sample)
	r.deviation += off/4 - r.deviation/4
	r.roundTrip += sample/8 - r.roundTrip/8
}

// probeTimeout is how long to wait for a member's own answer before relays are
// asked too. Asking early costs a few packets and no accusation: the verdict
// leaves the relays, and the member, ProbeTimeout more. The floor keeps a short
// pause of either process from being taken for silence.
func (m *Machine) probeTimeout(ref wire.Ref) time.Duration {
	r := &m.table.rows[ref]
	if m.Paper || r.roundTrip == 0 {
		return m.ProbeTimeout
	}
	usual := time.Duration(r.roundTrip+4*r.deviation) * time.Microsecond
	return min(m.ProbeTimeout, max(m.ProbeTimeout/minTimeoutShare, 2*usual))
}

// minTimeoutShare is which part of ProbeTimeout the least timeout is.
const minTimeoutShare = 5
