package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/swim-go/swim"
)

// cluster is the nodes under test, each with a watcher.
type cluster struct {
	nodes    []*swim.Node
	watchers []*watcher
	watching sync.WaitGroup
	stop     context.CancelFunc
	gone     sync.Map // names of nodes that we ended ourselves
	accused  atomic.Int64
	buried   atomic.Int64
	changed  chan struct{} // pulsed when any watcher saw anything
}

// watcher is what one node has reported.
type watcher struct {
	name string
	mu   sync.Mutex
	seen map[string]seen
}

// seen is the last event about a member.
type seen struct {
	kind swim.EventKind
	meta string
	at   time.Time
}

func (w *watcher) last(name string) seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[name]
}

// start starts n nodes that do not know each other yet.
func start(ctx context.Context, n int) (*cluster, error) {
	c := &cluster{changed: make(chan struct{}, 1)}
	watch, stop := context.WithCancel(context.Background())
	c.stop = stop
	for i := range n {
		cfg := swim.LAN()
		cfg.Name, cfg.Bind = fmt.Sprintf("node%03d", i), "127.0.0.1:0"
		node, err := swim.Start(ctx, cfg)
		if err != nil {
			c.close()
			return nil, err
		}
		w := &watcher{name: cfg.Name, seen: make(map[string]seen)}
		c.nodes, c.watchers = append(c.nodes, node), append(c.watchers, w)
		c.watching.Go(func() { c.watch(watch, node, w) })
	}
	return c, nil
}

func (c *cluster) watch(ctx context.Context, node *swim.Node, w *watcher) {
	for e := range node.Events(ctx) {
		w.mu.Lock()
		w.seen[e.Member.Name] = seen{e.Kind, e.Member.Meta, time.Now()}
		w.mu.Unlock()
		if _, ended := c.gone.Load(e.Member.Name); !ended {
			switch e.Kind {
			case swim.EventSuspected:
				c.accused.Add(1)
			case swim.EventFailed, swim.EventLeft:
				c.buried.Add(1)
			}
		}
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
}

func (c *cluster) close() {
	for _, n := range c.nodes {
		n.Close()
	}
	c.stop()
	c.watching.Wait()
}

// joinAll lets all nodes join through the first one, all at once.
func (c *cluster) joinAll(ctx context.Context) (joining, settled time.Duration, err error) {
	begin := time.Now()
	errs := make([]error, len(c.nodes))
	var joins sync.WaitGroup
	for i, n := range c.nodes[1:] {
		joins.Go(func() { _, errs[i] = n.Join(ctx, c.nodes[0].Local().Addr) })
	}
	joins.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, 0, err
		}
	}
	joined := time.Now()
	err = c.await(ctx, func() bool {
		for _, n := range c.nodes {
			if len(n.Members()) != len(c.nodes) {
				return false
			}
		}
		return true
	})
	return joined.Sub(begin), time.Since(joined), err
}

// await asks done after every event until it is true.
func (c *cluster) await(ctx context.Context, done func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !done() {
		select {
		case <-c.changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (c *cluster) watchIdle(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// update changes the metadata of a node.
func (c *cluster) update(ctx context.Context) (func(*watcher) bool, error) {
	n := c.nodes[len(c.nodes)/2]
	name := n.Local().Name
	return func(w *watcher) bool { return w.last(name).meta == "changed" }, n.SetMeta(ctx, []byte("changed"))
}

// leave lets a node depart.
func (c *cluster) leave(ctx context.Context) (func(*watcher) bool, error) {
	n, name := c.end(len(c.nodes) / 3)
	return func(w *watcher) bool { return w.last(name).kind == swim.EventLeft }, n.Leave(ctx)
}

// kill ends a node without a word.
func (c *cluster) kill(context.Context) (func(*watcher) bool, error) {
	n, name := c.end(len(c.nodes) / 4)
	return func(w *watcher) bool { return w.last(name).kind == swim.EventFailed }, n.Close()
}

// end notes that whatever is said of a node from now on is no false accusation.
func (c *cluster) end(i int) (*swim.Node, string) {
	name := c.nodes[i].Local().Name
	c.gone.Store(name, true)
	return c.nodes[i], name
}

// measure makes a change and waits until all other nodes have reported it. The
// times are since it began, by the nodes' own events.
func (c *cluster) measure(ctx context.Context, change func(context.Context) (func(*watcher) bool, error)) (first, last time.Duration, err error) {
	begin := time.Now()
	knows, err := change(ctx)
	if err != nil {
		return 0, 0, err
	}
	told := make(map[*watcher]time.Duration)
	err = c.await(ctx, func() bool {
		waiting := 0
		for _, w := range c.watchers {
			if _, ended := c.gone.Load(w.name); ended {
				continue
			}
			if _, ok := told[w]; !ok {
				if knows(w) {
					told[w] = time.Since(begin)
				} else {
					waiting++
				}
			}
		}
		return waiting == 0
	})
	for _, at := range told {
		last = max(last, at)
		if first == 0 || at < first {
			first = at
		}
	}
	return first, last, err
}

// usage is what the process and its nodes have used so far.
type usage struct {
	cpu                  time.Duration
	allocated            uint64
	packets, bytes       uint64
	suspicions, failures int64
}

func (c *cluster) usage() usage {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	var ru syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru) // cannot fail for ourselves
	u := usage{
		cpu:       time.Duration(ru.Utime.Nano() + ru.Stime.Nano()),
		allocated: mem.TotalAlloc, suspicions: c.accused.Load(), failures: c.buried.Load(),
	}
	for _, n := range c.nodes {
		s := n.Stats()
		u.packets += s.PacketsOut
		u.bytes += s.BytesOut + s.FrameBytesOut
	}
	return u
}
