package swim_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
)

// recording is what a reader of a node's events heard.
type recording struct {
	mu     sync.Mutex
	events []recorded
}

type recorded struct {
	swim.Event
	at time.Time
}

// record reads a node's events about a member until ctx ends, in a bubble; an
// empty name is for all members.
func record(node *swim.Node, ctx context.Context, name string) *recording {
	r := new(recording)
	go func() {
		for e := range node.Events(ctx) {
			if name == "" || e.Member.Name == name {
				r.add(e)
			}
		}
	}()
	synctest.Wait()
	return r
}

func (r *recording) add(e swim.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, recorded{e, time.Now()})
}

func (r *recording) all() []recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func (r *recording) kinds() []swim.EventKind {
	var kinds []swim.EventKind
	for _, e := range r.all() {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (r *recording) want(t *testing.T, kinds ...swim.EventKind) {
	t.Helper()
	if got := r.kinds(); !slices.Equal(got, kinds) {
		t.Fatalf("heard %v, want %v", got, kinds)
	}
}

// between is the time from the first event of one kind to the first of another.
func (r *recording) between(from, to swim.EventKind) time.Duration {
	at := func(k swim.EventKind) time.Time {
		all := r.all()
		return all[slices.IndexFunc(all, func(e recorded) bool { return e.Kind == k })].at
	}
	return at(to).Sub(at(from))
}
