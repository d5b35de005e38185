package swim

import (
	"fmt"
	"runtime/debug"
)

// Delegate is called back by a [Node]. All calls come from one goroutine that
// does nothing else, one at a time, with no lock held: a callback may take as
// long as it likes and may call any method of the Node, Close included. While
// one is blocked, changes wait as [Node.Events] says, and messages up to a limit.
//
// The first call may come before Start has returned.
//
// What else it wants it says by having more methods: see [ConflictDelegate],
// [PingDelegate], [StateDelegate] and [BroadcastDelegate].
//
// A panic in a callback is recovered, counted, and logged, and the calls go on.
// After Close no callback begins; the one under way is not waited for.
type Delegate interface {
	// NotifyEvent is told of a change of a member, beginning with the
	// EventJoined of this node itself.
	NotifyEvent(Event)
	// NotifyMessage gets what a member sent with [Node.Send]. The EventJoined of
	// a member precedes its first message, but for one that was gone again before
	// the Delegate heard that it had come. The payload is the callee's.
	NotifyMessage(from Member, payload []byte)
}

// ConflictDelegate is a Delegate that is also told of another process which uses
// this node's name. Neither of the two gives way by itself: other members
// believe whichever started later.
type ConflictDelegate interface {
	Delegate
	// NotifyConflict names the other process by address and epoch. It is called
	// once for each process, but of several that come while a callback is
	// blocked only for the last.
	NotifyConflict(other Member)
}

// NopDelegate does nothing. Embed it to implement only some of the methods.
type NopDelegate struct{}

// NotifyEvent implements [Delegate].
func (NopDelegate) NotifyEvent(Event) {}

// NotifyMessage implements [Delegate].
func (NopDelegate) NotifyMessage(Member, []byte) {}

var _ Delegate = NopDelegate{}

// maxMessages is how many messages wait for a Delegate before the newest is
// dropped.
const maxMessages = 1024

// delivery is the goroutine that calls a Delegate, and what waits for it.
type delivery struct {
	delegate  Delegate
	directory *directory
	sub       *subscription
	heard     *heardQueue
	messages  chan *message
	conflicts chan Member // the latest
	pings     *pings
	calls     chan *stateCall
	closing   <-chan struct{}
	counters  *counters
	log       *journal
}

type message struct {
	from    Member
	payload []byte
}

func newDelivery(delegate Delegate, d *directory, c *counters, log *journal, closing <-chan struct{}) *delivery {
	return &delivery{
		delegate: delegate, directory: d, sub: d.subscribe(),
		messages: make(chan *message, maxMessages), conflicts: make(chan Member, 1),
		pings: newPings(&c.pingsShed), calls: make(chan *stateCall, maxStateCalls),
		heard:   newHeardQueue(),
		closing: closing, counters: c, log: log,
	}
}

// message queues a message, which is copied. Only the driver's loop calls it.
func (d *delivery) message(from Member, payload []byte) {
	if len(d.messages) == cap(d.messages) {
		d.counters.messagesShed.Add(1)
		return
	}
	d.messages <- &message{from, append([]byte{}, payload...)}
}

// conflict queues a conflict in the place of an older one. Only the driver's
// loop calls it.
func (d *delivery) conflict(other Member) {
	select {
	case <-d.conflicts:
	default:
	}
	d.conflicts <- other
}

// run calls the delegate until the node closes. Nobody waits for it to end: a
// callback may be blocked for ever.
func (d *delivery) run() {
	for {
		select {
		case <-d.closing:
			return
		case <-d.sub.wake:
			d.notify()
		case m := <-d.messages:
			d.notify() // its sender may have joined just now
			d.call(func() { d.delegate.NotifyMessage(m.from, m.payload) })
		case <-d.heard.wake:
			d.tellHeard()
		case <-d.pings.wake:
			d.notify() // who answered may have joined just now
			d.notifyPings()
		case c := <-d.calls:
			d.callState(c)
		case other := <-d.conflicts:
			if c, ok := d.delegate.(ConflictDelegate); ok {
				d.call(func() { c.NotifyConflict(other) })
			}
		}
	}
}

// notify tells all changes that wait.
func (d *delivery) notify() {
	for {
		events, ok := d.directory.next(d.sub)
		if !ok {
			return
		}
		for _, e := range events {
			d.call(func() { d.delegate.NotifyEvent(e) })
		}
	}
}

func (d *delivery) call(f func()) {
	select {
	case <-d.closing:
		return
	default:
	}
	defer func() {
		if p := recover(); p != nil {
			d.counters.panics.Add(1)
			d.log.error("delegate panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	f()
}
