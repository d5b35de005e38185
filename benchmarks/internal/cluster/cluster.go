// Package cluster runs many nodes in one process, in real time, and counts what
// they say of each other: the commands that load a live cluster share it.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/swim-go/swim"
)

// Listen makes the transport of a node of that name.
type Listen func(name string) (swim.Transport, error)

// Cluster is the nodes under test, each with a reader of its events. One
// goroutine may use it.
type Cluster struct {
	// Nodes are all that were started, those that were ended since included.
	Nodes []*swim.Node

	ours     map[string]bool // names, which do not change once nodes run
	gone     sync.Map        // names of those that we ended ourselves
	watching sync.WaitGroup
	stop     context.CancelFunc

	suspicions, failures atomic.Int64 // of nodes that run
	complete             atomic.Int64 // how many nodes see all
	changed              chan struct{}
	asked                atomic.Pointer[question]
}

// Start starts n nodes with the numbers of LAN that do not know each other yet. A
// nil Listen gives each a socket on the loopback interface.
func Start(ctx context.Context, n int, listen Listen) (*Cluster, error) {
	c := &Cluster{ours: make(map[string]bool), changed: make(chan struct{}, 1)}
	watch, stop := context.WithCancel(context.Background())
	c.stop = stop
	for i := range n {
		c.ours[name(i)] = true
	}
	for i := range n {
		node, err := StartNode(ctx, name(i), listen)
		if err != nil {
			c.Close()
			return nil, err
		}
		c.Nodes = append(c.Nodes, node)
		c.watching.Go(func() { c.watch(watch, node) })
	}
	return c, nil
}

func name(i int) string { return fmt.Sprintf("node%04d", i) }

// StartNode starts one node that belongs to no Cluster: nobody counts what is said
// of it, nor what it says.
func StartNode(ctx context.Context, name string, listen Listen) (*swim.Node, error) {
	cfg := swim.LAN()
	cfg.Name, cfg.Bind = name, "127.0.0.1:0"
	if listen != nil {
		var err error
		if cfg.Transport, err = listen(name); err != nil {
			return nil, err
		}
		cfg.Bind = ""
	}
	node, err := swim.Start(ctx, cfg)
	if err != nil && cfg.Transport != nil {
		err = errors.Join(err, cfg.Transport.Close())
	}
	return node, err
}

// Close ends all nodes.
func (c *Cluster) Close() {
	c.stop() // what they say of each other now does not count
	var closing sync.WaitGroup
	for _, n := range c.Nodes {
		closing.Go(func() { _ = n.Close() })
	}
	closing.Wait()
	c.watching.Wait()
}

// JoinAll lets all nodes join through the first one, all at once, and waits until
// all see all. It returns how long the joins took, and all of it.
func (c *Cluster) JoinAll(ctx context.Context) (joined, settled time.Duration, err error) {
	begin := time.Now()
	errs := make([]error, len(c.Nodes))
	var joins sync.WaitGroup
	for i, n := range c.Nodes[1:] {
		joins.Go(func() { _, errs[i] = n.Join(ctx, c.Nodes[0].Local().Addr) })
	}
	joins.Wait()
	if failed := slices.DeleteFunc(errs, func(err error) bool { return err == nil }); len(failed) > 0 {
		return 0, 0, fmt.Errorf("%d of %d joins failed, one of them: %w", len(failed), len(c.Nodes)-1, failed[0])
	}
	joined = time.Since(begin)
	for c.complete.Load() < int64(len(c.Nodes)) {
		select {
		case <-c.changed:
		case <-ctx.Done():
			return joined, 0, fmt.Errorf("%d of %d nodes see all: %w", c.complete.Load(), len(c.Nodes), ctx.Err())
		}
	}
	return joined, time.Since(begin), nil
}

// Suspicions counts how often a node that runs was reported as suspect, and
// Failures as failed or departed, by any of the others.
func (c *Cluster) Suspicions() int64 { return c.suspicions.Load() }

// Failures: see Suspicions.
func (c *Cluster) Failures() int64 { return c.failures.Load() }

// watch counts what one node reports.
func (c *Cluster) watch(ctx context.Context, node *swim.Node) {
	live, self := 0, node.Local().Name
	for e := range node.Events(ctx) {
		if !c.ours[e.Member.Name] {
			continue
		}
		_, ended := c.gone.Load(e.Member.Name)
		before := live
		switch e.Kind {
		case swim.EventJoined:
			live++
		case swim.EventSuspected:
			if !ended {
				c.suspicions.Add(1)
			}
		case swim.EventFailed, swim.EventLeft:
			live--
			if !ended {
				c.failures.Add(1)
			}
		}
		switch all := len(c.ours); {
		case before < all && live == all:
			c.complete.Add(1)
		case before == all && live < all:
			c.complete.Add(-1)
		}
		if q := c.asked.Load(); q != nil && q.saw(&e) {
			q.tell(self)
		}
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
}
