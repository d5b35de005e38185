package query

import (
	"maps"
	"slices"
	"time"

	"github.com/swim-go/swim"
)

// The methods that a Delegate may have more.
type (
	pinger interface {
		NotifyPing(member swim.Member, rtt time.Duration, payload []byte)
	}
	stateful interface {
		LocalState(join bool) []byte
		MergeState(from swim.Member, state []byte, join bool)
	}
)

// Delegate is what goes into Config.Delegate. It is a [swim.PingDelegate] and a
// [swim.StateDelegate] only if that of the user is: a node whose Delegate has states
// exchanges them, even where they are empty. A message that begins as replies do, with the
// twelve bytes "\x00swim/query\x00", is not passed on.
func (q *Queries) Delegate() swim.Delegate {
	d := &delegate{q}
	pings, pinged := q.next.(swim.PingDelegate)
	states, stated := q.next.(swim.StateDelegate)
	switch {
	case pinged && stated:
		return struct {
			*delegate
			pinger
			stateful
		}{d, pings, states}
	case pinged:
		return struct {
			*delegate
			pinger
		}{d, pings}
	case stated:
		return struct {
			*delegate
			stateful
		}{d, states}
	}
	return d
}

// delegate takes what is a query's out of the callbacks of a node.
type delegate struct{ q *Queries }

var (
	_ swim.BroadcastDelegate = (*delegate)(nil)
	_ swim.ConflictDelegate  = (*delegate)(nil)
)

// NotifyEvent ends the waiting for members that are gone.
func (d *delegate) NotifyEvent(e swim.Event) {
	d.q.mu.Lock()
	asked := slices.Collect(maps.Values(d.q.asked))
	d.q.mu.Unlock()
	for _, a := range asked {
		a.changed(e.Member)
	}
	d.q.next.NotifyEvent(e)
}

// NotifyMessage takes the replies, which are told by how they begin.
func (d *delegate) NotifyMessage(from swim.Member, payload []byte) {
	if !isReply(payload) {
		d.q.next.NotifyMessage(from, payload)
		return
	}
	d.q.hearReply(from, payload)
}

// NotifyBroadcast takes the questions.
func (d *delegate) NotifyBroadcast(from swim.Member, channel string, payload []byte) {
	if channel == Channel {
		d.q.hearQuestion(from, payload)
		return
	}
	if next, ok := d.q.next.(swim.BroadcastDelegate); ok {
		next.NotifyBroadcast(from, channel, payload)
	}
}

// NotifyConflict only passes on.
func (d *delegate) NotifyConflict(other swim.Member) {
	if next, ok := d.q.next.(swim.ConflictDelegate); ok {
		next.NotifyConflict(other)
	}
}
