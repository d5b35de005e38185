package swimtest

import (
	"bytes"
	"testing"
	"testing/synctest"

	"github.com/swim-go/swim"
)

var stateSentences = []sentence[delegates]{
	{
		name:   "MergeState bears every state",
		says:   "MergeState takes the state of a member, which is the callee's.",
		check:  delegateBearsStates,
		bubble: true,
	},
	{
		name:   "LocalState keeps to the default of MaxStateBytes",
		says:   "LocalState returns this node's state, of up to Config.MaxStateBytes; a larger one is not sent, logged, and counted.",
		check:  delegateStateIsSmall,
		bubble: true,
	},
	{
		name:   "Equal states are equal bytes",
		says:   "Equal states must be equal bytes.",
		check:  delegateStateIsStable,
		bubble: true,
	},
	{
		name:   "The same state may be merged again",
		says:   "It may be called with the same state again.",
		check:  delegateMergesAgain,
		bubble: true,
	},
	{
		name:   "States may be merged in any order",
		says:   saysMerged,
		check:  delegateMergesInAnyOrder,
		bubble: true,
	},
}

// state is LocalState, copied as a Node copies it.
func (c *called) state(join bool) (state []byte) {
	c.t.Helper()
	c.call("LocalState", func() { state = bytes.Clone(c.Delegate.(swim.StateDelegate).LocalState(join)) })
	return state
}

// merge is MergeState with a state of the callee's.
func (c *called) merge(from swim.Member, state []byte, join bool) {
	c.t.Helper()
	c.call("MergeState", func() { c.Delegate.(swim.StateDelegate).MergeState(from, bytes.Clone(state), join) })
}

// A member may send any bytes for its state.
func delegateBearsStates(t testing.TB, newDelegate delegates) {
	c := openDelegate(t, newDelegate)
	from := c.meet()
	for _, join := range []bool{true, false} {
		own := c.state(join)
		for _, p := range append(payloads(), own, own[:len(own)/2], append(bytes.Clone(own), own...), bytes.Repeat([]byte("x"), 1<<20)) {
			c.merge(from, p, join)
			c.state(join)
		}
	}
}

func delegateStateIsSmall(t testing.TB, newDelegate delegates) {
	const maxStateBytes = 1 << 20
	c := openDelegate(t, newDelegate)
	c.meet()
	for _, join := range []bool{true, false} {
		if n := len(c.state(join)); n > maxStateBytes {
			t.Errorf("LocalState(%v) has %d bytes, and Config.MaxStateBytes is %d by default", join, n, maxStateBytes)
		}
	}
}

func delegateStateIsStable(t testing.TB, newDelegate delegates) {
	c := openDelegate(t, newDelegate)
	c.meet()
	for _, join := range []bool{true, false} {
		first := c.state(join)
		for range 20 { // the order of a map is another each time
			if again := c.state(join); !bytes.Equal(again, first) {
				t.Fatalf("LocalState is %.60q, and then %.60q", first, again)
			}
		}
	}
}

func delegateMergesAgain(t testing.TB, newDelegate delegates) {
	a, b := openDelegate(t, newDelegate), openDelegate(t, newDelegate)
	from := a.meet()
	b.meet()
	theirs := b.state(false)
	if len(theirs) == 0 {
		return // an empty state is not sent
	}
	a.merge(from, theirs, true)
	once := a.state(false)
	for range 3 {
		a.merge(from, theirs, false)
	}
	if again := a.state(false); !bytes.Equal(again, once) {
		t.Errorf("LocalState is %.60q after a state was merged once, and %.60q after it was merged again", once, again)
	}
	a.merge(from, once, false)
	if own := a.state(false); !bytes.Equal(own, once) {
		t.Errorf("LocalState is %.60q, and %.60q after it was merged with itself", once, own)
	}
}

func delegateMergesInAnyOrder(t testing.TB, newDelegate delegates) {
	var all [3]*called
	var states [3][]byte
	for i := range all {
		all[i] = openDelegate(t, newDelegate)
		all[i].meet()
		states[i] = all[i].state(false)
	}
	for i, c := range all {
		for j := range all { // each in another order
			if other := states[(i+j)%len(all)]; len(other) > 0 {
				c.merge(someone("peer"), other, false)
			}
		}
	}
	synctest.Wait()
	first := all[0].state(false)
	for _, c := range all[1:] {
		if got := c.state(false); !bytes.Equal(got, first) {
			t.Fatalf("of the same states, merged in another order, came %.60q and %.60q", first, got)
		}
	}
}
