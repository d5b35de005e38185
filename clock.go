package swim

import "time"

// clock tells the Machine's time: what has passed since the node started. The
// clock of the system is read in this file alone, so that a time which leaves
// out what the process slept through needs to be built in one place.
type clock struct{ start time.Time }

func newClock() clock { return clock{time.Now()} }

func (c clock) now() time.Duration { return time.Since(c.start) }

// epoch names the life that begins now. It grows across restarts as long as the
// system's clock is not set back; if it is, the node learns of its past from
// its peers and outbids it.
func (c clock) epoch() uint64 { return uint64(max(c.start.UnixNano(), 1)) }
