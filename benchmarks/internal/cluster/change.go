package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/swim-go/swim"
)

// question is a change that all nodes but its subject are waited for to report.
type question struct {
	subject string
	saw     func(*swim.Event) bool
	begin   time.Time
	want    int
	all     chan struct{} // closed when so many have

	mu          sync.Mutex
	told        map[string]bool
	first, last time.Duration
}

// tell notes that a node has reported the change.
func (q *question) tell(node string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if node == q.subject || q.told[node] {
		return
	}
	q.told[node] = true
	q.last = time.Since(q.begin)
	if len(q.told) == 1 {
		q.first = q.last
	}
	if len(q.told) == q.want {
		close(q.all)
	}
}

// Update changes the metadata of a node, and tells how long it took until the
// first and until all others that run had reported it.
func (c *Cluster) Update(ctx context.Context, i int, meta string) (first, last time.Duration, err error) {
	return c.measure(ctx, i, func(e *swim.Event) bool { return e.Member.Meta == meta }, func() error {
		return c.Nodes[i].SetMeta(ctx, []byte(meta))
	})
}

// Leave lets a node depart, and measures as Update does. What is said of it from
// then on is no mistake.
func (c *Cluster) Leave(ctx context.Context, i int) (first, last time.Duration, err error) {
	c.end(i)
	return c.measure(ctx, i, func(e *swim.Event) bool { return e.Kind == swim.EventLeft }, func() error {
		_, err := c.Nodes[i].Leave(ctx)
		return err
	})
}

// Kill ends a node without a word, and measures as Leave does.
func (c *Cluster) Kill(ctx context.Context, i int) (first, last time.Duration, err error) {
	c.end(i)
	return c.measure(ctx, i, func(e *swim.Event) bool { return e.Kind == swim.EventFailed }, c.Nodes[i].Close)
}

// end notes that whatever is said of a node from now on is no mistake.
func (c *Cluster) end(i int) { c.gone.Store(c.Nodes[i].Local().Name, true) }

func (c *Cluster) measure(ctx context.Context, i int, saw func(*swim.Event) bool, do func() error) (first, last time.Duration, err error) {
	subject := c.Nodes[i].Local().Name
	want := len(slices.DeleteFunc(c.Running(), func(n *swim.Node) bool { return n == c.Nodes[i] }))
	q := &question{
		subject: subject,
		saw:     func(e *swim.Event) bool { return e.Member.Name == subject && saw(e) },
		begin:   time.Now(), want: want, all: make(chan struct{}), told: make(map[string]bool),
	}
	c.asked.Store(q)
	defer c.asked.Store(nil)
	if err := do(); err != nil {
		return 0, 0, err
	}
	select {
	case <-q.all:
	case <-ctx.Done():
		err = ctx.Err()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		err = fmt.Errorf("%d of %d nodes know of %s after %v: %w", len(q.told), want, subject, time.Since(q.begin).Round(time.Second), err)
	}
	return q.first, q.last, err
}
