package swim

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// readyInterval is how often Ready looks. Acks, which it waits for, come once in a
// protocol period.
const readyInterval = 50 * time.Millisecond

var (
	errNobody   = errors.New("no seed has answered, nor has any other member")
	errNoSync   = errors.New("no table was exchanged with another member")
	errDisagree = errors.New("too few members have answered yet with this node's view of who is live")
)

// Ready returns nil once this node's view of the cluster can be relied on: it has
// exchanged tables with a seed, or with any other member, and the last three members
// to answer its probes, or all where there are fewer, one after another had exactly
// its view of who is live, down to the last incarnation. From then on it says
// nothing: views drift and meet again for as long as members come and go. In a quiet
// cluster it takes about three probe intervals.
//
// A node that is alone is ready at once if it was given neither Config.Seeds nor a
// Config.Snapshot that names anybody, or if all of them come to its own address: call
// Ready after [Node.Join], then. One whose seeds are silent waits for them, or for
// others to join it. Whether there are parts of the cluster that nobody here knows
// of, no node can tell.
//
// An error wraps ctx's and says what it waited for; or it is [ErrLeft] or [ErrClosed].
func (n *Node) Ready(ctx context.Context) error {
	var missing error
	for {
		err := n.driver.do(ctx, func(time.Duration) { missing = n.unready() })
		switch {
		case err != nil && missing != nil && !errors.Is(err, ErrClosed):
			return fmt.Errorf("swim: not ready: %w: %w", missing, ctx.Err())
		case err != nil:
			return err
		case missing == nil || errors.Is(missing, ErrLeft):
			return missing
		}
		n.pause(ctx, readyInterval)
	}
}

// pause waits, unless ctx ends or the node is closed.
func (n *Node) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-n.driver.closing:
	}
}

// unready returns what is missing. The loop calls it.
func (n *Node) unready() error {
	m := n.driver.machine
	switch s := m.Stats(); {
	case n.driver.hasLeft():
		return ErrLeft
	case m.Len() <= 1:
		if n.rejoin == nil || n.rejoin.nobody.Load() {
			return nil
		}
		return errNobody
	case s.Syncs+s.SyncsAnswered == 0:
		return errNoSync
	case !m.Agrees():
		return errDisagree
	}
	return nil
}
