package peer

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Cluster is nodes of one library, and what they say of each other. One goroutine may
// use it.
type Cluster struct {
	// Nodes are all that were started, those that were killed since included.
	Nodes   []Node
	library Library

	index    map[string]int // of names; it does not change once nodes run
	live     []atomic.Int32 // how many others each node sees
	gone     []atomic.Bool  // those that were killed
	closing  atomic.Bool
	complete atomic.Int64 // how many nodes see all others
	failures atomic.Int64
	changed  chan struct{}
	asked    atomic.Pointer[question]
}

// Start starts n nodes that do not know each other.
func Start(ctx context.Context, l Library, network *Network, n int) (*Cluster, error) {
	c := &Cluster{
		library: l, index: make(map[string]int, n), changed: make(chan struct{}, 1),
		live: make([]atomic.Int32, n), gone: make([]atomic.Bool, n),
	}
	for i := range n {
		c.index[name(i)] = i
	}
	for i := range n {
		node, err := l.Start(ctx, name(i), network, func(e Event) { c.watch(i, &e) })
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("starting node %d of %d: %w", i, n, err)
		}
		c.Nodes = append(c.Nodes, node)
	}
	return c, nil
}

func name(i int) string { return fmt.Sprintf("node%04d", i) }

// Close ends all nodes.
func (c *Cluster) Close() {
	c.closing.Store(true) // what they say of each other now does not count
	var ending sync.WaitGroup
	for _, n := range c.Nodes {
		ending.Go(func() { _ = n.Kill() })
	}
	ending.Wait()
}

// Complete is how many nodes see all others. It means nothing once one was killed.
func (c *Cluster) Complete() int { return int(c.complete.Load()) }

// Failures counts how often a node that runs was reported as gone, by any other that
// runs.
func (c *Cluster) Failures() int64 { return c.failures.Load() }

// watch takes what node at notices.
func (c *Cluster) watch(at int, e *Event) {
	if c.closing.Load() || c.gone[at].Load() {
		return // a killed node may still say what its timers tell it
	}
	if e.Kind != Heard {
		subject, known := c.index[e.Subject]
		if !known || subject == at {
			return
		}
		c.count(at, subject, e.Kind)
	}
	if q := c.asked.Load(); q != nil && q.saw(e) {
		q.told(at)
	}
}

// count keeps account of who sees whom.
func (c *Cluster) count(at, subject int, k Kind) {
	others := int32(len(c.index) - 1)
	switch k {
	case Joined:
		if c.live[at].Add(1) == others {
			c.complete.Add(1)
		}
	case Failed:
		if c.live[at].Add(-1) == others-1 {
			c.complete.Add(-1)
		}
		if !c.gone[subject].Load() {
			c.failures.Add(1)
		}
	default:
		return
	}
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// Joins is how nodes join.
type Joins struct {
	// AtOnce is how many join at the same time at most, and Apart how long after the
	// one before each begins.
	AtOnce int
	Apart  time.Duration
	// Again is after which time without any change some join again of those that do not
	// see all yet: gossip may miss somebody, and the comparison of tables that makes up
	// for it may be minutes away. Never, if it is 0.
	Again time.Duration
}

// Storm lets all join at once.
func Storm() Joins { return Joins{AtOnce: 1 << 20} }

// Gently lets n nodes join a few at a time, as when machines are started one after the
// other, and sees to it that in the end all see all. All of them hear of each that
// joins, in one process, so the more there are the longer it waits between two.
func Gently(n int) Joins {
	return Joins{AtOnce: 4, Apart: time.Duration(n) * 50 * time.Microsecond, Again: 5 * time.Second}
}

// retryAfter is how long a node waits that could not join.
const retryAfter = time.Second

// Formation is how a cluster came about.
type Formation struct {
	Joined  time.Duration // until each node had joined
	Settled time.Duration // until all saw all
	Failed  int           // joins that were repeated since they failed
	Again   int           // and those of nodes that did not see all in time
}

// Form lets all nodes join through the first one, again if need be, and waits until
// all see all. The error is ctx's if that ended first.
func (c *Cluster) Form(ctx context.Context, how Joins) (f Formation, err error) {
	begin := time.Now()
	var failed atomic.Int64
	var joining sync.WaitGroup
	slots := make(chan struct{}, min(how.AtOnce, len(c.Nodes)))
	for _, n := range c.Nodes[1:] {
		slots <- struct{}{}
		joining.Go(func() {
			defer func() { <-slots }()
			failed.Add(int64(c.join(ctx, n)))
		})
		if pause(ctx, how.Apart) != nil {
			break
		}
	}
	joining.Wait()
	f.Failed = int(failed.Load())
	f.Joined = time.Since(begin)
	for c.Complete() < len(c.Nodes) {
		var again <-chan time.Time // never
		if how.Again > 0 {
			again = time.After(how.Again)
		}
		select {
		case <-c.changed:
		case <-again:
			f.Again += c.joinAgain(ctx)
		case <-ctx.Done():
			return f, fmt.Errorf("%d of %d nodes see all after %v: %w", c.Complete(), len(c.Nodes), time.Since(begin).Round(time.Second), ctx.Err())
		}
	}
	f.Settled = time.Since(begin)
	return f, nil
}

// join lets a node join, and tells how often it failed to.
func (c *Cluster) join(ctx context.Context, n Node) (failed int) {
	for n.Join(ctx, c.Nodes[0].Addr()) != nil {
		failed++
		if pause(ctx, retryAfter) != nil {
			break
		}
	}
	return failed
}

// againAtOnce bounds how many join again before it is seen what has come of it.
const againAtOnce = 16

// joinAgain lets some join of those that do not see all, one after the other, and tells
// how many they were.
func (c *Cluster) joinAgain(ctx context.Context) (joined int) {
	for i, n := range c.Nodes {
		if int(c.live[i].Load()) == len(c.Nodes)-1 || joined == againAtOnce || ctx.Err() != nil {
			continue
		}
		joined++
		through := c.Nodes[0]
		if i == 0 {
			through = c.Nodes[len(c.Nodes)-1]
		}
		_ = n.Join(ctx, through.Addr()) // whoever still does not see all does so again
	}
	return joined
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
