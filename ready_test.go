package swim_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// A node that has nobody to wait for is ready, and one that has is not.
func TestReadyAlone(t *testing.T) {
	for _, test := range []struct {
		name  string
		seeds swim.SeedProvider
		ready bool
	}{
		{"no seeds", nil, true},
		{"itself for a seed", swim.StaticSeeds{"a"}, true},
		{"no seeds yet", swim.StaticSeeds{}, true},
		{"a silent seed", swim.StaticSeeds{"a", "b"}, false},
		{"seeds that cannot be found", swim.SeedFunc(func(context.Context) ([]string, error) {
			return nil, errors.New("no such host")
		}), false},
	} {
		bubble(t, func(t *testing.T, n network) {
			a := n.start("a", seeded(test.seeds))
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			start := time.Now()
			err := a.Ready(ctx)
			switch {
			case test.ready && (err != nil || time.Since(start) > time.Second):
				t.Errorf("%s: after %v: %v", test.name, time.Since(start), err)
			case !test.ready && (!errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no seed has answered")):
				t.Errorf("%s: %v", test.name, err)
			}
		})
	}
}

// Ready waits for three members that see what this node sees. One is not enough: it
// is whom we have our view from.
func TestReadyWaitsForMoreThanItsSeed(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		names := []string{"a", "b", "c", "d", "e"}
		nodes := n.cluster(names...)
		n.Partition([]string{"a", "x"}, names[1:])
		x := n.start("x")
		n.join(x, "a")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := x.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "too few members") {
			t.Errorf("cut off from all but one it is ready: %v", err)
		}
		n.Heal()
		for _, node := range append(nodes, x) {
			start := time.Now()
			if err := node.Ready(t.Context()); err != nil || time.Since(start) > 30*time.Second {
				t.Errorf("%s after %v: %v", node.Local().Name, time.Since(start), err)
			}
			if got := len(node.Members()); got != 6 {
				t.Errorf("%s is ready and sees %d members", node.Local().Name, got)
			}
		}
	})
}

// When all nodes of a cluster are started at once, each that says it is ready sees
// what others see, and when all have said so all see all.
func TestReadyInAJoinStorm(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		const count = 48
		start := time.Now()
		var (
			nodes [count]*swim.Node
			after [count]time.Duration
			saw   [count]int
			ready sync.WaitGroup
		)
		for i := range nodes {
			nodes[i] = n.start(fmt.Sprint("n", i), seeded(swim.StaticSeeds{"n0", "n1", "n2"}))
			ready.Go(func() {
				if err := nodes[i].Ready(t.Context()); err != nil {
					t.Errorf("n%d: %v", i, err)
				}
				after[i], saw[i] = time.Since(start), len(nodes[i].Members())
			})
		}
		ready.Wait()
		var last time.Duration
		least := count
		for i := range nodes {
			last, least = max(last, after[i]), min(least, saw[i])
			if got := len(nodes[i].Members()); got != count {
				t.Errorf("all are ready, and n%d sees %d members", i, got)
			}
		}
		t.Logf("the last was ready after %v; the least that one saw was %d of %d", last, least, count)
		if last > 30*time.Second || least < count*9/10 {
			t.Errorf("the last was ready after %v, and one of them saw %d members", last, least)
		}
	})
}
