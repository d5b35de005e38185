package swim_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// seeded gives a node seeds.
func seeded(p swim.SeedProvider) func(*swim.Config) {
	return func(c *swim.Config) { c.Seeds = p }
}

func TestSeedsAreJoinedWithoutBeingAsked(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		seeds := swim.StaticSeeds{"a", "b", "c"}
		var nodes []*swim.Node
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			nodes = append(nodes, n.start(name, seeded(seeds)))
		}
		for _, node := range nodes {
			if took := n.waitLive(node, 5); took > 10*time.Second {
				t.Errorf("%s took %v", node.Local().Name, took)
			}
		}
	})
}

// The seeds of a cluster that is started as a whole are often late.
func TestSeedsThatComeLater(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		b := n.start("b", seeded(swim.StaticSeeds{"a", "b"}))
		n.pass(20 * time.Second)
		if s := b.Stats(); s.SeedsAsked == 0 || s.SeedsSilent != s.SeedsAsked {
			t.Errorf("asked %d times, %d in vain", s.SeedsAsked, s.SeedsSilent)
		}
		n.start("a")
		if took := n.waitLive(b, 2); took > 30*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A node that finds nobody asks at once, soon, and ever later, up to the interval, which
// it keeps to.
func TestLookingBacksOff(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var calls atomic.Int64
		n.start("a", seeded(swim.SeedFunc(func(context.Context) ([]string, error) {
			calls.Add(1)
			return nil, errors.New("no such host")
		})))
		for _, test := range []struct {
			pass        time.Duration
			least, most int64
		}{
			{time.Second / 2, 1, 1},
			{9 * time.Second, 3, 5}, // after 1 s, 3 s and 7 s, each a quarter sooner or later
			{50 * time.Second, 2, 5},
			{time.Hour, 96, 160}, // every 22.5 to 37.5 s
		} {
			before := calls.Load()
			n.pass(test.pass)
			if got := calls.Load() - before; got < test.least || got > test.most {
				t.Errorf("within another %v it looks %d times, want %d to %d", test.pass, got, test.least, test.most)
			}
		}
	})
}

// In a quiet cluster whose seeds all live, looking for others sends nothing, and
// costs a call of the provider for a few members of the cluster in each interval,
// however many there are.
func TestQuietClusterIsNotAsked(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var calls atomic.Int64
		provider := swim.SeedFunc(func(context.Context) ([]string, error) {
			calls.Add(1)
			return []string{"n0", "n1", "n2"}, nil
		})
		var nodes []*swim.Node
		for i := range 16 {
			nodes = append(nodes, n.start(fmt.Sprint("n", i), seeded(provider)))
		}
		for _, node := range nodes {
			n.waitLive(node, len(nodes))
		}
		n.pass(2 * time.Minute)
		asked := func() (sum uint64) {
			for _, node := range nodes {
				sum += node.Stats().SeedsAsked
			}
			return sum
		}
		before, calledBefore := asked(), calls.Load()
		n.pass(30 * time.Minute)
		if got := asked() - before; got != 0 {
			t.Errorf("%d addresses were asked", got)
		}
		// 60 intervals of four calls on average; five standard deviations above it are 320.
		if got := calls.Load() - calledBefore; got < 100 || got > 320 {
			t.Errorf("the provider was called %d times, want about 240", got)
		}
	})
}

// Two nodes that began with each other are content, but for a seed where nobody
// that they know lives.
func TestIslandsMerge(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var together atomic.Bool
		island := func(own ...string) swim.SeedProvider {
			return swim.SeedFunc(func(context.Context) ([]string, error) {
				if together.Load() {
					return []string{"a", "b", "c", "d"}, nil
				}
				return own, nil
			})
		}
		var nodes []*swim.Node
		for _, own := range [][]string{{"a", "b"}, {"c", "d"}} {
			for _, name := range own {
				nodes = append(nodes, n.start(name, seeded(island(own...))))
			}
		}
		n.pass(5 * time.Minute)
		for _, node := range nodes {
			if got := len(node.Members()); got != 2 {
				t.Fatalf("%s knows %d members, want its island's 2", node.Local().Name, got)
			}
		}
		together.Store(true)
		for _, node := range nodes {
			if took := n.waitLive(node, 4); took > time.Minute {
				t.Errorf("%s took %v", node.Local().Name, took)
			}
		}
	})
}

// A provider may fail, panic, and not return; the node goes on, and asks again, but
// not before the last call has returned.
func TestSeedProviderThatMisbehaves(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		n.start("a")
		var calls atomic.Int64
		release := make(chan struct{})
		b := n.start("b", seeded(swim.SeedFunc(func(context.Context) ([]string, error) {
			switch calls.Add(1) {
			case 1:
				return nil, errors.New("no such host")
			case 2:
				panic("no such code")
			case 3:
				<-release
			}
			return []string{"a"}, nil
		})))
		n.eventually("the third call", func() bool { return calls.Load() == 3 })
		n.pass(5 * time.Minute)
		if got := calls.Load(); got != 3 || b.Stats().Drops.Panics != 1 || len(b.Members()) != 1 {
			t.Errorf("%d calls, %d panics, %d members", got, b.Stats().Drops.Panics, len(b.Members()))
		}
		close(release)
		if took := n.waitLive(b, 2); took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// A provider that never returns holds up nothing.
func TestCloseDoesNotWaitForTheSeedProvider(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		release := make(chan struct{})
		defer close(release)
		a := n.start("a", seeded(swim.SeedFunc(func(context.Context) ([]string, error) {
			<-release
			return nil, nil
		})))
		n.pass(time.Second)
		start := time.Now()
		if err := a.Close(); err != nil || time.Since(start) != 0 {
			t.Errorf("Close took %v: %v", time.Since(start), err)
		}
	})
}

// A negative interval is for who wants to be joined and then be left alone.
func TestLookingEndsWithTheFirstMember(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var calls atomic.Int64
		b := n.start("b", func(c *swim.Config) {
			c.RejoinInterval = -1
			c.Seeds = swim.SeedFunc(func(context.Context) ([]string, error) {
				calls.Add(1)
				return []string{"a", "gone"}, nil
			})
		})
		n.pass(2 * time.Minute)
		n.start("a")
		n.waitLive(b, 2)
		n.pass(2 * time.Minute)
		before := calls.Load()
		n.pass(time.Hour / 2)
		if before < 3 || calls.Load() != before {
			t.Errorf("called %d times before and %d after", before, calls.Load()-before)
		}
	})
}
