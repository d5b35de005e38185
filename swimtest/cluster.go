package swimtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// awaitLimit bounds each wait. It is far above what the slowest preset needs to
// notice a failure, since in a bubble it costs nothing.
const awaitLimit = 10 * time.Minute

// awaitPause is how often a condition is looked at.
const awaitPause = 10 * time.Millisecond

// Cluster is a few nodes on one network. Its methods are for the goroutine of
// the test, since they may fail it.
type Cluster struct {
	// Network is what the nodes speak over. Each node's address on it is its
	// name, unless configure gave it another Transport.
	Network *transport.MemoryNetwork
	// Nodes are all nodes ever started, dead ones included.
	Nodes []*swim.Node

	t testing.TB
}

// NewCluster starts n nodes named node-0, node-1 and so on, joins them, and
// returns when all know each other. configure, unless nil, may change what the
// node of that number is made of, its Transport included. The network begins
// without faults, and all nodes are closed when the test ends. What goes wrong
// is fatal to t.
func NewCluster(t testing.TB, n int, configure func(i int, c *swim.Config)) *Cluster {
	t.Helper()
	c := &Cluster{Network: transport.NewMemoryNetwork(1), t: t}
	for range n {
		c.Start(configure)
	}
	c.AwaitMembers()
	return c
}

// Start starts one more node, which joins through the first that runs, and does
// not wait until all know of it. configure is as in [NewCluster].
func (c *Cluster) Start(configure func(i int, c *swim.Config)) *swim.Node {
	c.t.Helper()
	i := len(c.Nodes)
	cfg := swim.Config{Name: "node-" + strconv.Itoa(i)}
	if configure != nil {
		configure(i, &cfg)
	}
	if cfg.Transport == nil {
		m, err := c.Network.Listen(cfg.Name)
		if err != nil {
			c.t.Fatal(err)
		}
		cfg.Transport = m
	}
	// Start leaves a Transport to its caller when it fails, and closing it twice
	// does no harm.
	c.t.Cleanup(func() { _ = cfg.Transport.Close() })
	node, err := swim.Start(c.t.Context(), cfg)
	if err != nil {
		c.t.Fatalf("starting %s: %v", cfg.Name, err)
	}
	// That its Transport failed is for the test to notice, where it matters.
	c.t.Cleanup(func() { _ = node.Close() })
	if running := c.Running(); len(running) > 0 {
		if _, err := node.Join(c.t.Context(), running[0].Local().Addr); err != nil {
			c.t.Fatalf("%s joins: %v", cfg.Name, err)
		}
	}
	c.Nodes = append(c.Nodes, node)
	return node
}

// Running returns the nodes that neither left nor were closed.
func (c *Cluster) Running() []*swim.Node {
	return slices.DeleteFunc(slices.Clone(c.Nodes), func(n *swim.Node) bool {
		select {
		case <-n.Done():
			return true
		default:
			return n.Local().State == swim.Left
		}
	})
}

// Kill stops a node from one moment to the next: nobody is told.
func (c *Cluster) Kill(i int) {
	c.t.Helper()
	if err := c.Nodes[i].Close(); err != nil {
		c.t.Fatalf("killing %s: %v", c.Nodes[i].Local().Name, err)
	}
}

// Partition cuts the network between the sides, which are numbers of nodes,
// until Network.Heal. Nodes in none of them still reach everybody.
func (c *Cluster) Partition(sides ...[]int) {
	addrs := make([][]string, len(sides))
	for i, side := range sides {
		for _, node := range side {
			addrs[i] = append(addrs[i], c.Nodes[node].Local().Addr)
		}
	}
	c.Network.Partition(addrs...)
}

// AwaitMembers waits until each of the nodes holds exactly all of them for
// alive, with the address, metadata and epoch that they have. Without an
// argument that is asked of all that run.
func (c *Cluster) AwaitMembers(nodes ...*swim.Node) {
	c.t.Helper()
	if len(nodes) == 0 {
		nodes = c.Running()
	}
	c.Await("the nodes agree on their members", func() bool {
		want := make(map[swim.Member]bool)
		for _, n := range nodes {
			want[plain(n.Local())] = true
		}
		return !slices.ContainsFunc(nodes, func(n *swim.Node) bool {
			members := n.Members()
			return len(members) != len(want) ||
				slices.ContainsFunc(members, func(m swim.Member) bool { return !want[plain(m)] })
		})
	})
}

// plain leaves out the incarnation, in which nodes differ while a refutation is
// on its way, though they believe the same.
func plain(m swim.Member) swim.Member {
	m.Incarnation = 0
	return m
}

// Await waits until a condition holds, which what describes, and looks at it
// every 10 ms, of virtual time in a bubble. After 10 minutes it is fatal to the
// test, with what each running node believes.
func (c *Cluster) Await(what string, condition func() bool) {
	c.t.Helper()
	tick := time.NewTicker(awaitPause)
	defer tick.Stop()
	for end := time.Now().Add(awaitLimit); !condition(); <-tick.C {
		if time.Now().After(end) {
			c.t.Fatalf("not within %v: %s\n%s", awaitLimit, what, c.beliefs())
		}
	}
}

// beliefs is a line for each running node.
func (c *Cluster) beliefs() string {
	var b strings.Builder
	for _, n := range c.Running() {
		fmt.Fprintf(&b, "%s:", n.Local().Name)
		for _, m := range n.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left) {
			fmt.Fprintf(&b, " %s=%v/%d", m.Name, m.State, m.Incarnation)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
