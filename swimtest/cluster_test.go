package swimtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
	"github.com/swim-go/swim/transport"
)

// This is the example of the package comment.
func TestFailover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := swimtest.NewCluster(t, 3, nil)
		c.Kill(2)
		c.AwaitMembers()
		if m, _ := c.Nodes[0].Member("node-2"); m.State != swim.Failed {
			t.Errorf("node-2 is %v, want failed", m.State)
		}
	})
}

func TestPartitionedSidesAgreeWithinThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := swimtest.NewCluster(t, 5, nil)
		left, right := c.Nodes[:2], c.Nodes[2:]
		c.Partition([]int{0, 1}, []int{2, 3, 4})
		c.AwaitMembers(left...)
		c.AwaitMembers(right...)
		for _, n := range c.Nodes {
			want := len(left)
			if slices.Contains(right, n) {
				want = len(right)
			}
			if got := len(n.Members()); got != want {
				t.Errorf("%s sees %d members, want the %d of its side", n.Local().Name, got, want)
			}
		}
		c.Network.Heal()
		if _, err := c.Nodes[0].Join(t.Context(), "node-4"); err != nil {
			t.Fatal(err)
		}
		c.AwaitMembers()
	})
}

func TestConfigureReachesEachNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const nodes = 8
		c := swimtest.NewCluster(t, nodes, func(i int, cfg *swim.Config) {
			cfg.Name = fmt.Sprintf("db-%d", i)
			cfg.Meta = fmt.Appendf(nil, "shard=%d", i)
		})
		for _, n := range c.Nodes {
			members := n.Members()
			if len(members) != nodes {
				t.Errorf("%s sees %d members, want %d", n.Local().Name, len(members), nodes)
			}
			for i, m := range members {
				if m.Name != fmt.Sprintf("db-%d", i) || m.Meta != fmt.Sprintf("shard=%d", i) {
					t.Errorf("%s believes of member %d: %+v", n.Local().Name, i, m)
				}
			}
		}
	})
}

// The network is the test's to spoil: news takes the delay of its links.
func TestFaultsApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := swimtest.NewCluster(t, 2, nil)
		c.Network.SetFaults(transport.Faults{MinDelay: 70 * time.Millisecond, MaxDelay: 70 * time.Millisecond})
		start := time.Now()
		if err := c.Nodes[1].SetMeta(t.Context(), []byte("new")); err != nil {
			t.Fatal(err)
		}
		c.AwaitMembers()
		if took := time.Since(start); took < 70*time.Millisecond {
			t.Errorf("news took %v over a link of 70ms", took)
		}
	})
}

func TestLeaversAndDeadDoNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := swimtest.NewCluster(t, 3, nil)
		if _, err := c.Nodes[0].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Kill(1)
		if running := c.Running(); len(running) != 1 || running[0] != c.Nodes[2] {
			t.Errorf("%d nodes run, want the last alone", len(running))
		}
		late := c.Start(nil)
		c.AwaitMembers()
		if m, _ := late.Member("node-0"); m.State != swim.Left {
			t.Errorf("the newcomer holds node-0 for %v, want left", m.State)
		}
	})
}

// In real time, as without a bubble.
func TestRealTime(t *testing.T) {
	c := swimtest.NewCluster(t, 3, nil)
	if got := len(c.Nodes[2].Members()); got != 3 {
		t.Errorf("node-2 sees %d members, want 3", got)
	}
}

// Everything is closed when the test ends.
func TestClusterEndsWithItsTest(t *testing.T) {
	var c *swimtest.Cluster
	t.Run("cluster", func(t *testing.T) { c = swimtest.NewCluster(t, 3, nil) })
	if running := c.Running(); len(running) != 0 {
		t.Errorf("%d nodes outlived their test", len(running))
	}
}

// judge is a testing.TB that notes a fatal end.
type judge struct {
	testing.TB
	said string
}

func (j *judge) Helper() {}

func (j *judge) Fatalf(format string, args ...any) {
	j.said = fmt.Sprintf(format, args...)
	panic(j)
}

// A wait in vain ends, and says what each node believes.
func TestAwaitGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &judge{TB: t}
		c := swimtest.NewCluster(j, 2, nil)
		defer func() {
			if recover() != any(j) {
				t.Fatal("Await returned, or panicked for another reason")
			}
			for _, want := range []string{"the impossible", "node-0: node-0=alive/", "node-1: node-0=alive/"} {
				if !strings.Contains(j.said, want) {
					t.Errorf("the failure does not hold %q:\n%s", want, j.said)
				}
			}
		}()
		c.Await("the impossible", func() bool { return false })
	})
}
