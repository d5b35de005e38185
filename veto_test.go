package swim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// judge is a Config.Merge that notes what it is asked.
type judge struct {
	mu      sync.Mutex
	asked   []string
	verdict error
	hold    chan struct{}
}

func (j *judge) merge(_ context.Context, by swim.Member, members []swim.Member) error {
	var names []string
	for _, m := range members {
		names = append(names, m.Name)
	}
	j.mu.Lock()
	j.asked = append(j.asked, by.Name+" of "+strings.Join(names, " "))
	j.mu.Unlock()
	if j.hold != nil {
		<-j.hold
	}
	return j.verdict
}

func (j *judge) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.asked)
}

func judged(j *judge) func(*swim.Config) {
	return func(c *swim.Config) { c.Merge = j.merge }
}

// clusters starts a and b, who are one cluster, and x and y, who are another.
func (n network) clusters(first, second *judge) (nodes map[string]*swim.Node) {
	n.Helper()
	nodes = make(map[string]*swim.Node)
	for name, j := range map[string]*judge{"a": first, "x": second} {
		nodes[name] = n.start(name, judged(j))
	}
	nodes["b"], nodes["y"] = n.start("b"), n.start("y")
	n.join(nodes["b"], "a")
	n.join(nodes["y"], "x")
	for _, node := range nodes {
		n.waitLive(node, 2)
	}
	for _, j := range []*judge{first, second} {
		j.mu.Lock()
		j.asked = nil
		j.mu.Unlock()
	}
	return nodes
}

// wantApart fails where anybody has heard of the other cluster.
func (n network) wantApart(nodes map[string]*swim.Node) {
	n.Helper()
	n.pass(2 * time.Minute)
	for name, node := range nodes {
		if got := len(node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left)); got != 2 {
			n.Errorf("%s knows %d members, want its own cluster's 2", name, got)
		}
	}
}

func TestMergeIsAskedOnBothSides(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var first, second judge
		nodes := n.clusters(&first, &second)
		n.join(nodes["x"], "a")
		for _, node := range nodes {
			n.waitLive(node, 4)
		}
		if got := second.all(); !slices.Equal(got, []string{"a of a b"}) {
			t.Errorf("the joiner was asked about %q", got)
		}
		if got := first.all(); !slices.Equal(got, []string{"x of x y"}) {
			t.Errorf("the member was asked about %q", got)
		}
		// Nobody is asked about who is one of us.
		n.join(nodes["x"], "a")
		n.join(nodes["x"], "b")
		n.Partition([]string{"a", "b"}, []string{"x", "y"})
		n.waitState(nodes["a"], "x", swim.Failed)
		n.waitState(nodes["x"], "a", swim.Failed)
		n.Heal()
		for _, node := range nodes {
			n.waitLive(node, 4)
		}
		if a, b := len(first.all()), len(second.all()); a != 1 || b != 1 {
			t.Errorf("asked %q and %q", first.all(), second.all())
		}
	})
}

// A refusal of either side reaches the joiner with its reason, and leaves both as they
// were.
func TestMergeRefused(t *testing.T) {
	for _, side := range []string{"member", "joiner"} {
		bubble(t, func(t *testing.T, n network) {
			var first, second judge
			nodes := n.clusters(&first, &second)
			by := "a"
			if side == "joiner" {
				by, second.verdict = "x", errors.New("not with\nthose")
			} else {
				first.verdict = errors.New("not with\nthose")
			}
			joined, err := nodes["x"].Join(t.Context(), "a")
			var refused *swim.RefusedError
			if joined != 0 || !errors.As(err, &refused) || refused.By != by || strings.Contains(refused.Reason, "\n") ||
				!strings.HasPrefix(refused.Reason, "not with") || !errors.Is(err, swim.ErrNoAnswer) {
				t.Errorf("the %s is against it: Join = %d, %v", side, joined, err)
			}
			n.wantApart(nodes)
			if got := len(first.all()); got != map[string]int{"member": 1, "joiner": 0}[side] {
				t.Errorf("the %s is against it: the member was asked %q", side, first.all())
			}
			if got := nodes[by].Stats().Drops.MergesRefused; got != 1 {
				t.Errorf("%d refused", got)
			}

			// It may change its mind.
			first.verdict, second.verdict = nil, nil
			n.join(nodes["x"], "a")
			for _, node := range nodes {
				n.waitLive(node, 4)
			}
		})
	}
}

// A Merge that does not return, or panics, has refused, and harms nobody else.
func TestMergeThatBlocks(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		first, second := judge{hold: nil}, judge{}
		nodes := n.clusters(&first, &second)
		first.hold = make(chan struct{})
		defer close(first.hold)
		for range 20 {
			start := time.Now()
			var refused *swim.RefusedError
			if _, err := nodes["x"].Join(t.Context(), "a"); !errors.As(err, &refused) || refused.By != "a" {
				t.Fatalf("Join = %v", err)
			}
			if took := time.Since(start); took > 6*time.Second {
				t.Errorf("that took %v", took)
			}
		}
		if got := len(first.all()); got != 16 {
			t.Errorf("%d calls are under way, want 16", got)
		}
		n.wantApart(nodes)
		if s := nodes["a"].Stats(); s.Drops.MergesRefused != 20 || s.Protocol.SuspicionsRaised != 0 {
			t.Errorf("%d refused, %d suspicions", s.Drops.MergesRefused, s.Protocol.SuspicionsRaised)
		}
		start := time.Now()
		_ = nodes["a"].Close()
		if took := time.Since(start); took > time.Second {
			t.Errorf("Close took %v", took)
		}
	})
}

func TestMergeThatPanics(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a", func(c *swim.Config) {
			c.Merge = func(context.Context, swim.Member, []swim.Member) error { panic("oh") }
		})
		b := n.start("b")
		var refused *swim.RefusedError
		if _, err := b.Join(t.Context(), "a"); !errors.As(err, &refused) {
			t.Errorf("Join = %v", err)
		}
		if s := a.Stats(); s.Drops.Panics != 1 || s.Alive != 1 || b.Stats().Alive != 1 {
			t.Errorf("%d panics, %d alive", s.Drops.Panics, s.Alive)
		}
	})
}

// A Merge may call the Node, and a callback may Join where there is one.
func TestMergeMayCallTheNode(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		n.start("a")
		var once sync.Once
		ended := make(chan error, 1)
		ready := make(chan *swim.Node, 1)
		b := n.start("b", func(c *swim.Config) {
			var node *swim.Node
			c.Merge = func(ctx context.Context, by swim.Member, members []swim.Member) error {
				if by.Addr != "a" || len(node.Members()) != 1 || node.Stats().Alive != 1 {
					return fmt.Errorf("asked about %+v", by)
				}
				return node.SetMeta(ctx, []byte("asked"))
			}
			c.Delegate = &calls{event: func(swim.Event) {
				once.Do(func() {
					node = <-ready
					_, err := node.Join(t.Context(), "a")
					ended <- err
				})
			}}
		})
		ready <- b
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if b.Local().Meta != "asked" {
			t.Errorf("it was not asked")
		}
	})
}

func TestMergeNeedsStreams(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var j judge
		err := swim.Config{Merge: j.merge, Transport: packetsOnly{n.listen("a")}}.Validate()
		var bad *swim.ConfigError
		if !errors.As(err, &bad) || bad.Field != "Merge" {
			t.Errorf("Validate = %v", err)
		}
	})
}
