package swim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// calls is a Delegate whose callbacks a test gives; those it does not are nops.
type calls struct {
	event    func(swim.Event)
	message  func(swim.Member, []byte)
	conflict func(swim.Member)
}

func (c *calls) NotifyEvent(e swim.Event) {
	if c.event != nil {
		c.event(e)
	}
}

func (c *calls) NotifyMessage(from swim.Member, payload []byte) {
	if c.message != nil {
		c.message(from, payload)
	}
}

func (c *calls) NotifyConflict(other swim.Member) {
	if c.conflict != nil {
		c.conflict(other)
	}
}

func with(d swim.Delegate) func(*swim.Config) {
	return func(c *swim.Config) { c.Delegate = d }
}

// A callback that never returns must cost its node nothing: it answers probes,
// is suspected by nobody, and what waits for the callback stays bounded.
func TestBlockedDelegateHarmsNobody(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		release := make(chan struct{})
		defer close(release)
		a := n.start("a")
		b := n.start("b", with(&calls{event: func(swim.Event) { <-release }}))
		n.join(b, "a")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		heard := record(a, ctx, "b")

		// Members come, change and go, and messages flood in.
		for i := range 10 {
			c := n.start(fmt.Sprintf("c%d", i%2))
			n.join(c, "a")
			n.waitLive(b, 3)
			for range 300 {
				if err := c.Send(t.Context(), "b", []byte("hello")); err != nil {
					t.Fatal(err)
				}
			}
			n.pass(10 * time.Second)
			if _, err := c.Leave(t.Context()); err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
		}
		n.pass(time.Minute)
		heard.want(t, swim.EventJoined)
		s := b.Stats()
		if s.Messages == 0 || s.Messages > 2000 || s.Drops.MessagesShed != 3000-uint64(s.Messages) {
			t.Errorf("%d messages wait and %d were shed, of 3000", s.Messages, s.Drops.MessagesShed)
		}
		start := time.Now()
		_ = b.Close()
		if took := time.Since(start); took > time.Second {
			t.Errorf("Close took %v", took)
		}
	})
}

func TestPanicInDelegateIsCounted(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var heard recording
		a := n.start("a", with(&calls{event: func(e swim.Event) {
			heard.add(e)
			panic("callback of " + e.Member.Name)
		}}))
		b := n.start("b")
		n.join(b, "a")
		n.waitLive(a, 2)
		n.pass(time.Second)
		heard.want(t, swim.EventJoined, swim.EventJoined)
		if got := a.Stats().Drops.Panics; got != 2 {
			t.Errorf("%d panics counted, want 2", got)
		}
		if got := len(b.Members()); got != 2 {
			t.Errorf("the other node sees %d members, want 2", got)
		}
	})
}

func TestDelegateHearsOfItselfFirst(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var heard recording
		a := n.start("a", with(&calls{event: heard.add}))
		n.pass(time.Millisecond)
		if all := heard.all(); len(all) != 1 || all[0].Kind != swim.EventJoined || all[0].Member != a.Local() {
			t.Errorf("heard %+v", all)
		}
	})
}

// A callback may call whatever it likes, Close of its own node included.
func TestCallbackMayCallAnything(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		for _, name := range []string{"b", "c"} {
			n.start(name)
		}
		var (
			node  = make(chan *swim.Node, 1)
			ended = make(chan error, 1)
		)
		call := func() error {
			a := <-node
			if joined, err := a.Join(t.Context(), "b", "c"); err != nil || joined != 2 {
				return fmt.Errorf("Join = %d, %w", joined, err)
			}
			if err := a.SetMeta(t.Context(), []byte("from a callback")); err != nil {
				return err
			}
			if err := a.Send(t.Context(), "b", []byte("hello")); err != nil {
				return err
			}
			for e := range a.Events(t.Context()) {
				if e.Member.Name == "c" {
					break
				}
			}
			if m, ok := a.Member("a"); !ok || m != a.Local() || m.Meta != "from a callback" {
				return fmt.Errorf("Member = %+v, %v", m, ok)
			}
			if s := a.Stats(); s.Alive != 3 || len(a.Members()) != 3 {
				return fmt.Errorf("%d alive, %d members", s.Alive, len(a.Members()))
			}
			_, err := a.Leave(t.Context())
			return errors.Join(err, a.Close(), a.Close())
		}
		var once sync.Once
		a := n.start("a", with(&calls{event: func(swim.Event) {
			once.Do(func() { ended <- call() })
		}}))
		node <- a
		if err := <-ended; err != nil {
			t.Error(err)
		}
		<-a.Done()
	})
}

// What a callback sees of the members is never older than what it is told.
func TestMembersAreNeverOlderThanTheEvent(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		ready := make(chan *swim.Node, 1)
		var (
			node   *swim.Node
			errs   = make(chan error, 100)
			events int
		)
		a := n.start("a", with(&calls{event: func(e swim.Event) {
			if node == nil {
				node = <-ready
			}
			events++
			m, ok := node.Member(e.Member.Name)
			listed := slices.ContainsFunc(node.Members(), func(l swim.Member) bool { return l.Name == m.Name })
			if !ok || m.Epoch < e.Member.Epoch || m.Incarnation < e.Member.Incarnation || listed != m.State.Live() {
				errs <- fmt.Errorf("%v of %+v, and Member = %+v, %v, listed %v", e.Kind, e.Member, m, ok, listed)
			}
		}}))
		ready <- a
		nodes := []*swim.Node{n.start("b"), n.start("c"), n.start("d")}
		for _, node := range nodes {
			n.join(node, "a")
			if err := node.SetMeta(t.Context(), []byte("new")); err != nil {
				t.Fatal(err)
			}
		}
		n.waitLive(a, 4)
		if _, err := nodes[1].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = nodes[0].Close()
		n.waitState(a, "b", swim.Failed)
		n.waitState(a, "c", swim.Left)
		n.pass(time.Second)
		close(errs)
		for err := range errs {
			t.Error(err)
		}
		if events < 7 {
			t.Errorf("only %d events", events)
		}
	})
}

// Two processes with one name: both users are told, and neither is killed.
func TestConflictIsToldToBoth(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		told := make(chan swim.Member, 10)
		conflict := &calls{conflict: func(other swim.Member) { told <- other }}
		n.start("a")
		names := map[string]bool{}
		for _, addr := range []string{"b1", "b2"} {
			b := n.start(addr, func(c *swim.Config) { c.Name, c.Delegate = "b", conflict })
			n.pass(time.Second)
			_, _ = b.Join(t.Context(), "a") // the second is refused or not, but told
		}
		n.pass(time.Minute)
		close(told)
		for other := range told {
			if other.Name != "b" {
				t.Errorf("told of %+v", other)
			}
			names[other.Addr] = true
		}
		if !names["b1"] || !names["b2"] {
			t.Errorf("told of processes at %v, want b1 and b2", names)
		}
	})
}
