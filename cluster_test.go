package swim_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// network is a cluster in a synctest bubble, over a network in memory.
type network struct {
	*testing.T
	*transport.MemoryNetwork
}

// bubble runs a test in virtual time.
func bubble(t *testing.T, test func(t *testing.T, n network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := transport.NewMemoryNetwork(1)
		net.SetFaults(transport.Faults{MinDelay: 200 * time.Microsecond, MaxDelay: time.Millisecond})
		test(t, network{t, net})
	})
}

// listen opens the endpoint of a node.
func (n network) listen(name string) *transport.Memory {
	n.Helper()
	m, err := n.Listen(name)
	if err != nil {
		n.Fatal(err)
	}
	return m
}

// start starts a node of that name and address, and closes it with the test.
func (n network) start(name string, configure ...func(*swim.Config)) *swim.Node {
	n.Helper()
	cfg := swim.Config{Name: name, Transport: n.listen(name)}
	for _, c := range configure {
		c(&cfg)
	}
	node, err := swim.Start(n.Context(), cfg)
	if err != nil {
		n.Fatal(err)
	}
	n.Cleanup(func() { _ = node.Close() })
	return node
}

// cluster starts nodes that have all joined the first and know each other.
func (n network) cluster(names ...string) []*swim.Node {
	n.Helper()
	nodes := make([]*swim.Node, len(names))
	for i, name := range names {
		nodes[i] = n.start(name)
		if i > 0 {
			n.join(nodes[i], names[0])
		}
	}
	for _, node := range nodes {
		n.waitLive(node, len(names))
	}
	return nodes
}

func (n network) join(node *swim.Node, seeds ...string) {
	n.Helper()
	if _, err := node.Join(n.Context(), seeds...); err != nil {
		n.Fatal(err)
	}
}

// eventually waits, in virtual time, until a condition holds.
func (n network) eventually(what string, holds func() bool) time.Duration {
	n.Helper()
	start := time.Now()
	for !holds() {
		if time.Since(start) > 5*time.Minute {
			n.Fatalf("not within 5 minutes: %s", what)
		}
		n.pass(10 * time.Millisecond)
	}
	return time.Since(start)
}

// pass lets virtual time pass.
func (n network) pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
	synctest.Wait()
}

func (n network) waitLive(node *swim.Node, want int) time.Duration {
	n.Helper()
	return n.eventually("all members live", func() bool { return len(node.Members()) == want })
}

func (n network) waitState(node *swim.Node, name string, want swim.State) time.Duration {
	n.Helper()
	return n.eventually(name+" "+want.String(), func() bool {
		m, ok := node.Member(name)
		return ok && m.State == want
	})
}

func TestJoinMakesAllKnowAll(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		names := []string{"a", "b", "c", "d", "e"}
		nodes := n.cluster(names...)
		for _, node := range nodes {
			for i, m := range node.Members() {
				if m.Name != names[i] || m.State != swim.Alive || m.Addr != names[i] {
					t.Errorf("%s has %+v at place %d, want %s alive", node.Local().Name, m, i, names[i])
				}
			}
		}
	})
}

func TestKilledNodeIsSuspectedThenFailed(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c", "d", "e")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		heard := record(nodes[0], ctx, "c")
		if err := nodes[2].Close(); err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 1, 3, 4} {
			n.waitState(nodes[i], "c", swim.Failed)
		}
		n.pass(0)
		heard.want(t, swim.EventJoined, swim.EventSuspected, swim.EventFailed)
		// LAN, 5 members: 200 ms·(log2 5 + 5) = 1.464 s if another's probe confirms
		// it and three times that if none does, and 0.57 s for who only heard of it;
		// but who heard of the suspicion late may hear of the verdict at once.
		if took := heard.between(swim.EventSuspected, swim.EventFailed); took < 1200*time.Millisecond || took > 4970*time.Millisecond {
			t.Errorf("the suspicion lasted %v", took)
		}
	})
}

// A transport that ends ends its node, and to the others that is a failure.
func TestLostTransportEndsTheNode(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		end := n.listen("b")
		b, err := swim.Start(t.Context(), swim.Config{Name: "b", Transport: end})
		if err != nil {
			t.Fatal(err)
		}
		n.join(b, "a")
		n.waitLive(a, 2)
		_ = end.Close()
		<-b.Done()
		if err := b.Close(); !errors.Is(err, swim.ErrTransport) {
			t.Errorf("Close of a node whose transport ended = %v, want ErrTransport", err)
		}
		n.waitState(a, "b", swim.Failed)
	})
}

func TestLeaveIsToldFromFailure(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c", "d", "e")
		start := time.Now()
		if _, err := nodes[2].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("Leave took %v", took)
		}
		// It has spread: the node may be gone from one moment to the next.
		_ = nodes[2].Close()
		for _, i := range []int{0, 1, 3, 4} {
			n.waitState(nodes[i], "c", swim.Left)
		}
		n.pass(time.Minute)
		for _, i := range []int{0, 1, 3, 4} {
			if m, _ := nodes[i].Member("c"); m.State != swim.Left {
				t.Errorf("%s holds c for %v a minute later", nodes[i].Local().Name, m.State)
			}
		}
	})
}

// A process that is restarted at once is told as such: its old life failed, its
// new one joined, though nobody ever missed it.
func TestRestartIsSeen(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		heard := record(nodes[0], ctx, "c")
		old := nodes[2].Local()
		_ = nodes[2].Close()
		n.pass(time.Millisecond)
		again := n.start("c")
		n.join(again, "a")
		n.eventually("a sees the new life", func() bool {
			m, _ := nodes[0].Member("c")
			return m.State == swim.Alive && m.Epoch == again.Local().Epoch
		})
		n.pass(0)
		heard.want(t, swim.EventJoined, swim.EventFailed, swim.EventJoined)
		if e := heard.all()[1].Event; e.Reason != swim.Restarted || e.Member.Epoch != old.Epoch {
			t.Errorf("the end of the old life is %+v", e)
		}
		if e := heard.all()[2].Event; e.Reason != swim.Restarted || e.Member.Epoch <= old.Epoch {
			t.Errorf("the begin of the new life is %+v", e)
		}
	})
}

// Two sides that cannot reach each other hold each other for failed, and a
// member cut off for less than a suspicion lasts is suspected and recovers.
func TestPartitionAndSuspicion(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c", "d")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		heard := record(nodes[0], ctx, "d")
		n.Isolate("d")
		n.waitState(nodes[0], "d", swim.Suspect)
		n.Heal()
		n.waitState(nodes[0], "d", swim.Alive)
		n.pass(0)
		heard.want(t, swim.EventJoined, swim.EventSuspected, swim.EventRecovered)
		if r := heard.all()[2].Reason; r != swim.Refuted {
			t.Errorf("recovered because %v", r)
		}

		n.Partition([]string{"a", "b"}, []string{"c", "d"})
		for i, node := range nodes {
			for j, other := range []string{"a", "b", "c", "d"} {
				if i/2 != j/2 {
					n.waitState(node, other, swim.Failed)
				}
			}
			if got := len(node.Members()); got != 2 {
				t.Errorf("%s sees %d live members, want its own side's 2", node.Local().Name, got)
			}
		}
		n.Heal()
		n.join(nodes[0], "c")
		for _, node := range nodes {
			n.waitLive(node, 4)
		}
	})
}
