package ring

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/swim-go/swim"
)

// ErrWatched: the ring follows a node already, or did. Nothing was done.
var ErrWatched = errors.New("swim: ring follows a node already")

// Source is what a ring follows: a [swim.Node], or what a test puts in its place.
type Source interface {
	Events(ctx context.Context) iter.Seq[swim.Event]
}

var _ Source = (*swim.Node)(nil)

// Watch lets the ring follow the members of a node, itself included, until ctx
// ends, of which it returns the error, or the node is closed, when it returns
// nil. It blocks, so it wants a goroutine of its own. The ring stays as it was
// last.
//
// A ring follows one node once; a further Watch returns [ErrWatched] at once. For
// who left between the two would stay on the ring, because no node tells its new
// reader of members that are gone.
func (r *Ring) Watch(ctx context.Context, node Source) error {
	if !r.watched.CompareAndSwap(false, true) {
		return ErrWatched
	}
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	news := inbox{wake: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range node.Events(reading) {
			news.note(e)
		}
	}()
	for {
		select {
		case <-news.wake:
			r.apply(news.take())
		case <-done:
			r.apply(news.take())
			return ctx.Err()
		}
	}
}

// inbox collects what happens while a snapshot is made. A node of a thousand
// members begins with a thousand events, and a snapshot for each would copy the
// points of all of them a thousand times. It holds one change for each name.
type inbox struct {
	mu      sync.Mutex
	changes map[string]swim.Member
	wake    chan struct{} // holds a token whenever there are changes
}

func (i *inbox) note(e swim.Event) {
	if e.Kind == swim.EventFailed && e.Reason == swim.Restarted {
		// The next event has the new life of that name. Keys that went away for
		// the moment between the two would be fetched for nothing.
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.changes == nil {
		i.changes = make(map[string]swim.Member)
	}
	i.changes[e.Member.Name] = e.Member
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

func (i *inbox) take() map[string]swim.Member {
	i.mu.Lock()
	defer i.mu.Unlock()
	changes := i.changes
	i.changes = nil
	return changes
}
