package swimtest

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// TestDelegate checks that a delegate bears whatever a Node may call it with: in the
// order in which a Node calls, first by hand and then by a real one, with all callbacks
// of [swim.ConflictDelegate], [swim.PingDelegate], [swim.StateDelegate] and
// [swim.BroadcastDelegate] that it has.
//
// Each sub-test runs in a bubble of testing/synctest, newDelegate with it. So what the
// delegate began has to end with it: one that has a Close method is closed at the end of
// the sub-test. A callback that takes a minute is taken to be blocked for ever. There is
// no way to hand a delegate the Node: if its callbacks wait for that, or for somebody
// who reads what they send, newDelegate has to provide for it.
//
// What a Node promises to the delegate, such as that payloads are the callee's, is for
// swim's own tests.
func TestDelegate(t *testing.T, newDelegate func() swim.Delegate) {
	probe := newDelegate()
	shut(t, probe)
	run(t, delegateSentences, just(newDelegate))
	if _, ok := probe.(swim.ConflictDelegate); ok {
		run(t, conflictSentences, just(newDelegate))
	}
	if _, ok := probe.(swim.PingDelegate); ok {
		run(t, pingSentences, just(newDelegate))
	}
	if _, ok := probe.(swim.BroadcastDelegate); ok {
		run(t, broadcastSentences, just(newDelegate))
	}
	if _, ok := probe.(swim.StateDelegate); ok {
		run(t, stateSentences, just(newDelegate))
	}
	run(t, nodeSentences, just(newDelegate))
}

const (
	// callbackTime is when a callback is taken to be blocked for ever.
	callbackTime = time.Minute

	saysMerged = "What can be merged in any order, and any number of times, with the same result is the right sort of state"
)

// delegates makes delegates.
type delegates = func() swim.Delegate

var delegateSentences = []sentence[delegates]{
	{
		name:   "NotifyEvent bears every Event",
		says:   "NotifyEvent is told of a change of a member, beginning with the EventJoined of this node itself.",
		check:  delegateBearsEvents,
		bubble: true,
	},
	{
		name:   "NotifyMessage bears every payload",
		says:   "NotifyMessage gets what a member sent with [Node.Send].",
		check:  delegateBearsMessages,
		bubble: true,
	},
}

var conflictSentences = []sentence[delegates]{{
	name:   "NotifyConflict bears every other process",
	says:   "NotifyConflict names the other process by address and epoch.",
	check:  delegateBearsConflicts,
	bubble: true,
}}

var pingSentences = []sentence[delegates]{{
	name:   "NotifyPing bears every answer",
	says:   "NotifyPing tells that a member answered a ping after rtt, with the payload that it had set, or nil.",
	check:  delegateBearsPings,
	bubble: true,
}}

var broadcastSentences = []sentence[delegates]{{
	name:   "NotifyBroadcast bears every payload",
	says:   "NotifyBroadcast gets what a member sent with [Node.Broadcast]",
	check:  delegateBearsBroadcasts,
	bubble: true,
}}

// called is a delegate that is called by hand.
type called struct {
	swim.Delegate
	t testing.TB
}

// openDelegate makes a delegate that is closed with the sub-test, if it can be.
func openDelegate(t testing.TB, newDelegate delegates) *called {
	t.Helper()
	d := newDelegate()
	t.Cleanup(func() { shut(t, d) })
	return &called{d, t}
}

func shut(t testing.TB, d swim.Delegate) {
	t.Helper()
	if c, ok := d.(io.Closer); ok {
		if err := c.Close(); err != nil {
			t.Errorf("Close of the delegate: %v", err)
		}
	}
}

// call fails the test unless a callback returns, without a panic. what names it.
func (c *called) call(what string, callback func()) {
	c.t.Helper()
	panicked := make(chan any, 1)
	go func() { panicked <- panicOf(callback) }()
	select {
	case p := <-panicked:
		if p != nil {
			c.t.Fatalf("%s panicked: %v", what, p)
		}
	case <-time.After(callbackTime):
		c.t.Fatalf("%s did not return within %v", what, callbackTime)
	}
}

// events are those of a member's life, in their order, and then of its next.
func events(m swim.Member) (all []swim.Event) {
	tell := func(kind swim.EventKind, reason swim.Reason, by string, change func()) {
		if change != nil {
			change()
		}
		all = append(all, swim.Event{Kind: kind, Member: m, Reason: reason, By: by})
	}
	state := func(s swim.State) func() { return func() { m.State = s } }
	tell(swim.EventJoined, swim.Announced, "", state(swim.Alive))
	tell(swim.EventUpdated, swim.Announced, "", func() { m.Meta = notText })
	tell(swim.EventSuspected, swim.ProbeFailed, "", state(swim.Suspect))
	tell(swim.EventRecovered, swim.Refuted, "", state(swim.Alive))
	tell(swim.EventSuspected, swim.Accused, "accuser", state(swim.Suspect))
	tell(swim.EventUpdated, swim.Announced, "", func() { m.Meta, m.Addr = "", "elsewhere:1" })
	tell(swim.EventFailed, swim.Expired, "accuser", state(swim.Failed))
	tell(swim.EventJoined, swim.Restarted, "", func() { m.State, m.Epoch = swim.Alive, m.Epoch+1 })
	tell(swim.EventFailed, swim.Restarted, "", state(swim.Failed))
	tell(swim.EventJoined, swim.Restarted, "", func() { m.State, m.Epoch = swim.Alive, m.Epoch+1 })
	tell(swim.EventLeft, swim.Announced, "", state(swim.Left))
	return all
}

// someone is a member that is like those of a cluster.
func someone(name string) swim.Member {
	return swim.Member{Name: name, Addr: "127.0.0.1:7946", Meta: "zone=a", Epoch: 1, State: swim.Alive}
}

// meet tells of the node itself and of another member, as a Node does before it tells of
// anything else.
func (c *called) meet() swim.Member {
	c.t.Helper()
	for _, name := range []string{"self", "peer"} {
		c.call("NotifyEvent", func() {
			c.NotifyEvent(swim.Event{Kind: swim.EventJoined, Member: someone(name), Reason: swim.Announced})
		})
	}
	return someone("peer")
}

// payloads are what members may send. Each is the callee's, as it is of a Node.
func payloads() [][]byte {
	return [][]byte{{}, []byte("x"), []byte("hello"), []byte(notText), []byte("{"), bytes.Repeat([]byte{0xff}, 64<<10)}
}

func delegateBearsEvents(t testing.TB, newDelegate delegates) {
	c := openDelegate(t, newDelegate)
	tell := func(e swim.Event) {
		t.Helper()
		c.call("NotifyEvent of "+e.Kind.String()+" ("+e.Reason.String()+")", func() { c.NotifyEvent(e) })
	}
	tell(swim.Event{Kind: swim.EventJoined, Member: someone("self"), Reason: swim.Announced})
	for _, m := range []swim.Member{someone("peer"), {Name: strings.Repeat("é", 127), Addr: "a", State: swim.Alive}} {
		for _, e := range events(m) {
			tell(e)
		}
	}
	self := someone("self")
	self.State = swim.Left
	tell(swim.Event{Kind: swim.EventLeft, Member: self, Reason: swim.Announced})
}

func delegateBearsMessages(t testing.TB, newDelegate delegates) {
	c := openDelegate(t, newDelegate)
	from := c.meet()
	for _, p := range payloads() {
		c.call("NotifyMessage", func() { c.NotifyMessage(from, p) })
	}
}

func delegateBearsConflicts(t testing.TB, newDelegate delegates) {
	c := openDelegate(t, newDelegate)
	c.meet()
	for epoch := range uint64(3) {
		other := someone("self")
		other.Addr, other.Epoch = "elsewhere:1", epoch
		c.call("NotifyConflict", func() { c.Delegate.(swim.ConflictDelegate).NotifyConflict(other) })
	}
}

func delegateBearsPings(t testing.TB, newDelegate delegates) {
	c := openDelegate(t, newDelegate)
	from := c.meet()
	for _, p := range append(payloads(), nil) {
		p = p[:min(len(p), swim.MaxAckPayloadBytes)]
		for _, rtt := range []time.Duration{0, 1, time.Millisecond, time.Hour} {
			c.call("NotifyPing", func() { c.Delegate.(swim.PingDelegate).NotifyPing(from, rtt, bytes.Clone(p)) })
		}
	}
}

func delegateBearsBroadcasts(t testing.TB, newDelegate delegates) {
	c := openDelegate(t, newDelegate)
	from := c.meet()
	for _, channel := range []string{"chat", "x", strings.Repeat("é", 32)} {
		for _, p := range append(payloads(), bytes.Repeat([]byte("x"), 1<<20)) {
			c.call("NotifyBroadcast", func() { c.Delegate.(swim.BroadcastDelegate).NotifyBroadcast(from, channel, p) })
		}
	}
}
