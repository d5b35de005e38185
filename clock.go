package swim

import "time"

// clock tells the Machine's time: what has passed since the node started, but for
// what the process slept through. The loop owns it, once it runs.
//
// A process that was stopped for ten seconds has not waited ten seconds for
// anybody's answer. Did its clock say so, all that it was waiting for would be
// overdue at once, and it would blame others for its own silence.
type clock struct {
	start time.Time
	slept time.Duration
}

func newClock() clock { return clock{start: time.Now()} }

func (c *clock) now() time.Duration { return time.Since(c.start) - c.slept }

// elapsed is all that has passed, for what limits others. Any goroutine may ask.
func (c *clock) elapsed() time.Duration { return time.Since(c.start) }

// leaveOut takes the last d of what has passed for slept through.
func (c *clock) leaveOut(d time.Duration) { c.slept += d }

// epoch names the life that begins now. It grows across restarts as long as the
// system's clock is not set back; if it is, the node learns of its past from
// its peers and outbids it.
func (c *clock) epoch() uint64 { return uint64(max(c.start.UnixNano(), 1)) }
