package swim

import (
	"context"
	"errors"
	"sync/atomic"
)

// maxStateCalls is how many streams wait for the calls of a StateDelegate before one
// more is given up at once.
const maxStateCalls = 16

var errDelegateBusy = errors.New("swim: the Delegate is too slow for the states that wait")

// stateCall is what a stream wants of a StateDelegate. Whoever is first has it: the
// Delegate's goroutine, which then calls, or the stream, which then gives it up.
type stateCall struct {
	call  func(StateDelegate)
	taken atomic.Bool
	done  chan struct{}
}

// state has the delegate called, and returns when that is over, or with an error when ctx
// is or too many wait already. After an error what call sets must not be looked at: it
// may still be under way.
func (d *delivery) state(ctx context.Context, call func(StateDelegate)) error {
	c := &stateCall{call: call, done: make(chan struct{})}
	select {
	case d.calls <- c:
	default:
		d.counters.statesShed.Add(1)
		return errDelegateBusy
	}
	select {
	case <-c.done:
		return ctx.Err()
	case <-ctx.Done():
		c.taken.Store(true)
		return ctx.Err()
	}
}

// callState makes a call that nobody has given up.
func (d *delivery) callState(c *stateCall) {
	delegate, ok := d.delegate.(StateDelegate)
	if !ok || !c.taken.CompareAndSwap(false, true) {
		return
	}
	defer close(c.done)
	d.notify() // the member may have joined just now
	d.call(func() { c.call(delegate) })
}
