package swim

import (
	"context"
	"iter"
	"time"

	"github.com/swim-go/swim/wire"
)

// Local returns this node's own member. It never blocks, and answers after
// Close too.
func (n *Node) Local() Member { return n.directory.local() }

// Member returns what is believed of the member of that name, in whatever
// state, and false if nobody knows it or it has been gone for longer than
// Config.ForgetAfter. It answers after Close too, with what was known then.
func (n *Node) Member(name string) (Member, bool) { return n.directory.member(name) }

// Members returns the members in any of the states, sorted by name, and without
// an argument those that take part: [Alive] and [Suspect], this node included.
// The slice is the caller's. Called from a reader of events or a Delegate, it is
// never older than the event. It answers after Close too, with what was known
// then. A call costs one copy, unless a member came or went since the last.
func (n *Node) Members(states ...State) []Member { return n.directory.list(choose(states)) }

// All iterates over what [Node.Members] returns, as it is when the loop begins, and
// copies no list: in a large cluster it is for who looks often, and keeps little. The
// body of the loop may call any method of the node.
func (n *Node) All(states ...State) iter.Seq[Member] {
	wanted := choose(states)
	return func(yield func(Member) bool) {
		for _, m := range n.directory.lend() {
			if wanted[m.State] && !yield(m) {
				return
			}
		}
	}
}

// choose returns which of the states are wanted; those that take part if none is.
func choose(states []State) (wanted [wire.Left + 1]bool) {
	if len(states) == 0 {
		wanted[Alive], wanted[Suspect] = true, true
	}
	for _, s := range states {
		if s.Valid() {
			wanted[s] = true
		}
	}
	return wanted
}

// Events iterates over the changes of members: first an [EventJoined] for each
// member that takes part, this node included, then what changes, until ctx ends,
// the node is closed, or the loop is left. So a reader needs no call of
// [Node.Members] to begin with, and nothing can happen between the two.
//
// Any number of readers may iterate, each at its own pace. For each member at
// most one change waits for a reader; of what came and went while it did
// something else, it hears the sum. The body of the loop may call any method of
// the node.
func (n *Node) Events(ctx context.Context) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		sub := n.directory.subscribe()
		defer n.directory.unsubscribe(sub)
		// drain yields what waits, and returns false if the reader is done.
		drain := func() bool {
			for ctx.Err() == nil {
				events, ok := n.directory.next(sub)
				if !ok {
					return true
				}
				for _, e := range events {
					if !yield(e) {
						return false
					}
				}
			}
			return false
		}
		for {
			select {
			case <-ctx.Done():
				return
			case <-n.driver.done:
				drain() // what happened just before
				return
			case <-sub.wake:
				if !drain() {
					return
				}
			}
		}
	}
}

// SetMeta replaces this node's metadata and announces it to all members, which
// takes a few gossip intervals after it has returned. It returns a [SizeError],
// [ErrLeft], [ErrClosed] or ctx's error; then nothing was changed. meta is
// copied.
func (n *Node) SetMeta(ctx context.Context, meta []byte) error {
	if len(meta) > n.maxMeta {
		return &SizeError{What: "metadata", Bytes: len(meta), Limit: n.maxMeta}
	}
	d, text := n.driver, string(meta)
	return d.input(ctx, func(now time.Duration) { d.machine.SetMeta(now, text) })
}
