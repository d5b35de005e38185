package security

import "time"

// patience is how long a clock that was right, as far as can be known, and then
// was set back is held to be wrong now.
const patience = time.Hour

// clock tells the time in seconds by the wall clock of this machine, but does not
// simply follow it back. Set back by a little, it stands still until it is right
// again. Set back by more than peers tolerate, there are two cases.
//
//   - It was wrong and was put right, as happens after a boot. Then no peer's time
//     was ever like ours, and it is believed: a turn, with which our own
//     sessions begin anew.
//   - It was right and is wrong now. Packets stamped by it would be refused by
//     all who do not know our session, and, were the session a new one, by all.
//     The clock runs on as it was.
//
// If a peer's time was like ours, our clock was right, or wrong as the peer's was;
// therefore it is believed after an hour's patience even so.
type clock struct {
	// read returns the wall clock and a monotonic one. It is called under the
	// lock of the sessions.
	read func() (unix int64, mono time.Duration)
	// vouched is set when a packet of a peer's agrees with this clock.
	vouched bool

	last    reading
	began   bool
	setBack bool
	since   time.Duration // when it was set back, if it is
}

// reading is what a clock says: the time; a time that nobody can set, counted
// from some moment; and how many turns the clock took.
type reading struct {
	unix int64
	mono time.Duration
	turn uint
}

// started is what systemTime counts from.
var started = time.Now()

func systemTime() (int64, time.Duration) {
	now := time.Now()
	return now.Unix(), now.Sub(started)
}

// now reads the clock. The second time that it returns may be up to a second
// behind while the clock runs on by itself.
func (c *clock) now(skew time.Duration) reading {
	unix, mono := c.read()
	ran := int64((mono - c.last.mono) / time.Second)
	ahead := unix - c.last.unix - ran
	if !c.began || ahead > seconds(skew) {
		c.vouched = false // nobody's time was yet compared with that one
	}
	switch {
	case !c.began || ahead >= -seconds(skew):
		c.began, c.setBack = true, false
		c.last.unix, c.last.mono = max(unix, c.last.unix), mono
		return c.last
	case !c.setBack:
		c.setBack, c.since = true, mono
	}
	if c.vouched && mono-c.since <= patience {
		c.last.unix += ran
		c.last.mono += time.Duration(ran) * time.Second
		return c.last
	}
	c.last = reading{unix, mono, c.last.turn + 1}
	c.setBack, c.vouched = false, false
	return c.last
}
