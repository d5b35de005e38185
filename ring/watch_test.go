package ring

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
)

// script is a Source of events that a test sends. Closing it is what Close does
// to a node.
type script chan swim.Event

func (s script) Events(ctx context.Context) iter.Seq[swim.Event] {
	return func(yield func(swim.Event) bool) {
		for {
			select {
			case <-ctx.Done():
				return
			case e, ok := <-s:
				if !ok || !yield(e) {
					return
				}
			}
		}
	}
}

func event(kind swim.EventKind, state swim.State, name string) swim.Event {
	return swim.Event{Kind: kind, Member: swim.Member{Name: name, State: state}}
}

func TestWatchFollowsEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r Ring
		node := make(script)
		ended := make(chan error)
		go func() { ended <- r.Watch(t.Context(), node) }()
		for _, c := range []struct {
			event swim.Event
			want  string
		}{
			{event(swim.EventJoined, swim.Alive, "a"), "a"},
			{event(swim.EventJoined, swim.Suspect, "b"), "a b"},
			{event(swim.EventSuspected, swim.Suspect, "a"), "a b"},
			{event(swim.EventFailed, swim.Failed, "a"), "b"},
			{event(swim.EventJoined, swim.Alive, "a"), "a b"},
			{event(swim.EventUpdated, swim.Alive, "a"), "a b"},
			{event(swim.EventLeft, swim.Left, "b"), "a"},
			{swim.Event{Kind: swim.EventFailed, Reason: swim.Restarted, Member: swim.Member{Name: "a", State: swim.Failed}}, "a"},
			{swim.Event{Kind: swim.EventJoined, Reason: swim.Restarted, Member: swim.Member{Name: "a", State: swim.Alive, Epoch: 2}}, "a"},
		} {
			node <- c.event
			synctest.Wait()
			if got := names(r.Snapshot().Members()); got != c.want {
				t.Fatalf("after %v of %s: %q, want %q", c.event.Kind, c.event.Member.Name, got, c.want)
			}
		}
		if m, _ := r.Snapshot().Member("a"); m.Epoch != 2 {
			t.Errorf("the ring has the life that ended: %+v", m)
		}
		if err := r.Watch(t.Context(), node); !errors.Is(err, ErrWatched) {
			t.Errorf("a second Watch: %v", err)
		}
		node <- event(swim.EventJoined, swim.Alive, "last")
		close(node)
		if err := <-ended; err != nil {
			t.Errorf("the node was closed, and Watch returns %v", err)
		}
		if got := names(r.Snapshot().Members()); got != "a last" {
			t.Errorf("%q in the end, want what happened last, too", got)
		}
	})
}

func TestWatchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var r Ring
	ended := make(chan error)
	go func() { ended <- r.Watch(ctx, make(script)) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch returns %v", err)
	}
}

// What happened while the ring was busy is not lost when the node is closed.
func TestWatchTakesTheLast(t *testing.T) {
	for range 20 { // what is ready first is chosen by chance
		synctest.Test(t, func(t *testing.T) {
			gate := make(chan struct{})
			r := newRing(t, Options{Weight: func(swim.Member) int {
				<-gate
				return 1
			}})
			node := make(script)
			ended := make(chan error)
			go func() { ended <- r.Watch(t.Context(), node) }()
			node <- event(swim.EventJoined, swim.Alive, "first")
			synctest.Wait() // the ring takes it, and waits for its weight
			node <- event(swim.EventJoined, swim.Alive, "last")
			close(node)
			synctest.Wait()
			close(gate)
			if err := <-ended; err != nil || r.Snapshot().Len() != 2 {
				t.Fatalf("%q in the end, and %v", names(r.Snapshot().Members()), err)
			}
		})
	}
}

// A flood of events costs few snapshots: what comes while one is made waits for
// the next.
func TestWatchTakesManyAtOnce(t *testing.T) {
	const n = 300
	r := newRing(t, Options{Points: 8})
	var i inbox
	i.wake = make(chan struct{}, 1)
	for _, m := range cluster(n) {
		i.note(swim.Event{Kind: swim.EventJoined, Member: m})
	}
	i.note(event(swim.EventLeft, swim.Left, "node-7"))
	<-i.wake
	r.apply(i.take())
	if got := r.Snapshot().Len(); got != n-1 {
		t.Errorf("%d members, want %d", got, n-1)
	}
	if len(i.wake) != 0 || len(i.take()) != 0 {
		t.Error("something is left over")
	}
}

// Nodes of a real cluster come to the same ring, lose a member that died and one
// that left, and agree on all keys.
func TestWatchNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := swimtest.NewCluster(t, 5, nil)
		rings := make([]*Ring, 5)
		for i, node := range c.Nodes {
			rings[i] = new(Ring)
			go rings[i].Watch(t.Context(), node)
		}
		agree := func(want string) {
			t.Helper()
			c.Await("the rings are of "+want, func() bool {
				for i, node := range c.Nodes {
					if slices.Contains(c.Running(), node) && names(rings[i].Snapshot().Members()) != want {
						return false
					}
				}
				return true
			})
			for i := range 200 {
				key := fmt.Sprint("key-", i)
				if a, b := rings[0].Owners(nil, key, 3), rings[1].Owners(nil, key, 3); names(a) != names(b) {
					t.Fatalf("%q belongs to %s and to %s", key, names(a), names(b))
				}
			}
		}
		agree("node-0 node-1 node-2 node-3 node-4")
		c.Kill(4)
		agree("node-0 node-1 node-2 node-3")
		if _, err := c.Nodes[3].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		agree("node-0 node-1 node-2")
		c.Start(nil)
		rings = append(rings, new(Ring))
		go rings[5].Watch(t.Context(), c.Nodes[5])
		agree("node-0 node-1 node-2 node-5")
	})
}

// A loop over Changes begins with what there is, sees the sum of what it was too
// slow for, and ends with its context.
func TestChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var r Ring
		r.Add(cluster(2)...)
		busy := make(chan struct{})
		var seen []string
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for before, after := range r.Changes(ctx) {
				seen = append(seen, names(before.Members())+" > "+names(after.Members()))
				<-busy
			}
		}()
		synctest.Wait()
		r.Remove("node-1")
		r.Add(swim.Member{Name: "x"})
		busy <- struct{}{}
		synctest.Wait()
		busy <- struct{}{}
		synctest.Wait() // it waits now
		r.Add(swim.Member{Name: "y"})
		busy <- struct{}{}
		cancel()
		<-ended
		want := []string{" > node-0 node-1", "node-0 node-1 > node-0 x", "node-0 x > node-0 x y"}
		if !slices.Equal(seen, want) {
			t.Errorf("seen %q, want %q", seen, want)
		}
		for range r.Changes(ctx) {
			t.Error("a loop after the end of its context")
		}
		for range r.Changes(t.Context()) {
			break
		}
	})
}
