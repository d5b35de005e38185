package peer

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// question is something that all nodes that run, but its subject, are waited for to
// notice.
type question struct {
	saw     func(*Event) bool
	subject int
	begin   time.Time
	after   []atomic.Int64 // when each noticed, 0 for not yet
	left    atomic.Int64
	all     chan struct{} // closed when none is left
}

// told notes that a node has noticed.
func (q *question) told(at int) {
	if at == q.subject || !q.after[at].CompareAndSwap(0, int64(max(time.Since(q.begin), 1))) {
		return
	}
	if q.left.Add(-1) == 0 {
		close(q.all)
	}
}

// Answer is when the others noticed something.
type Answer struct {
	Took    []time.Duration // of those that did, ascending
	Missing int             // those that did not
}

// Kill ends a node without a word, and waits until all others hold it for gone, or
// ctx ends.
func (c *Cluster) Kill(ctx context.Context, subject int) (Answer, error) {
	c.gone[subject].Store(true)
	gone := name(subject)
	return c.ask(ctx, subject, func(e *Event) bool { return e.Kind == Failed && e.Subject == gone },
		func() error { return c.Nodes[subject].Kill() })
}

// Update changes the metadata of a node, to what it has not been, and waits for the
// others in the same way.
func (c *Cluster) Update(ctx context.Context, subject int, meta string) (Answer, error) {
	changed := name(subject)
	return c.ask(ctx, subject, func(e *Event) bool { return e.Subject == changed && e.Text == meta },
		func() error { return c.Nodes[subject].SetMeta(ctx, meta) })
}

// Broadcast sends a payload that differs from all before, and waits in the same way.
func (c *Cluster) Broadcast(ctx context.Context, subject int, payload string) (Answer, error) {
	return c.ask(ctx, subject, func(e *Event) bool { return e.Kind == Heard && e.Text == payload },
		func() error { return c.Nodes[subject].Broadcast(ctx, []byte(payload)) })
}

// ask does something and waits for the others to notice. do may last longer than
// that: it is waited for as well.
func (c *Cluster) ask(ctx context.Context, subject int, saw func(*Event) bool, do func() error) (Answer, error) {
	q := &question{
		saw: saw, subject: subject, begin: time.Now(),
		after: make([]atomic.Int64, len(c.Nodes)), all: make(chan struct{}),
	}
	want := 0
	for i := range c.Nodes {
		if i != subject && !c.gone[i].Load() {
			want++
		}
	}
	q.left.Store(int64(want))
	c.asked.Store(q)
	defer c.asked.Store(nil)
	done := make(chan error, 1)
	go func() { done <- do() }()
	err, doing := error(nil), true
	for waiting := true; waiting; {
		select {
		case err = <-done:
			doing, waiting = false, err == nil
			done = nil
		case <-q.all:
			waiting = false
		case <-ctx.Done():
			waiting = false
		}
	}
	if doing {
		err = <-done
	}
	if ctx.Err() != nil {
		err = nil // that there was not enough time is told by Missing
	}

	var a Answer
	for i := range q.after {
		if took := q.after[i].Load(); took > 0 {
			a.Took = append(a.Took, time.Duration(took))
		}
	}
	slices.Sort(a.Took)
	a.Missing = want - len(a.Took)
	return a, err
}

// Running are the nodes that were not killed, by their numbers.
func (c *Cluster) Running() (numbers []int) {
	for i := range c.Nodes {
		if !c.gone[i].Load() {
			numbers = append(numbers, i)
		}
	}
	return numbers
}
