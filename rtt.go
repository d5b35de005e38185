package swim

import (
	"context"
	"time"
)

// RTT is how long a ping to a member and its answer usually take, as this node
// measured it: the network both ways, and what either process took to look at its
// socket.
type RTT struct {
	// Smoothed is a mean in which the last ping weighs an eighth, and Deviation how far
	// a ping is usually off it, as TCP reckons both (RFC 6298). They have the precision
	// of a microsecond. What takes longer than Smoothed plus four times Deviation is
	// unusual.
	Smoothed, Deviation time.Duration
}

// RTT returns how long a ping to the member of that name takes, and false for this
// node itself, for who is not known, and as long as no ping was answered: most members
// of a large cluster in its first minutes. Who is suspect or gone keeps the last value.
//
// Only answers that the member gave itself and by packet count; one that came by a
// relay or over a stream says nothing about the way between the two. A member is
// pinged once every n periods of Config.ProbeInterval in a cluster of n, by the default
// selector at the latest 2n-1 periods after the time before, and it takes about eight
// such turns until a lasting change is mostly in Smoothed. So among 100 members the
// last measurement is up to some minutes old, and it is an estimate for choosing the
// nearer of two members rather than for a timeout.
//
// It answers after Close too, with what was known then.
func (n *Node) RTT(name string) (rtt RTT, ok bool) {
	n.driver.look(func() { rtt.Smoothed, rtt.Deviation, ok = n.driver.machine.RoundTrip(name) })
	return rtt, ok
}

// look runs f, which reads the Machine and changes nothing, whether the node is closed
// or not.
func (d *driver) look(f func()) {
	if d.do(context.Background(), func(time.Duration) { f() }) != nil {
		<-d.ended // then the Machine may be read by anybody
		f()
	}
}
