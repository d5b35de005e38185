package swimtest

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/swim-go/swim"
)

var nodeSentences = []sentence[delegates]{
	{
		name:   "A Node may call it",
		says:   "A panic in a callback is recovered, counted, and logged, and the calls go on.",
		check:  delegateOfNode,
		bubble: true,
	},
	{
		name:   "Its Node may be closed at any moment",
		says:   "After Close no callback begins; the one under way is not waited for.",
		check:  delegateOfClosedNode,
		bubble: true,
	},
}

// logged says what went wrong in a callback, where the test says what it logged.
func logged(t testing.TB) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: testWriter{t}, DisableTime: true})
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(line []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(line)))
	return len(line), nil
}

var _ io.Writer = testWriter{}

// delegateOfNode lets a node go through all that its delegate may be told of.
func delegateOfNode(t testing.TB, newDelegate delegates) {
	watched := openDelegate(t, newDelegate).Delegate
	configure := func(i int, c *swim.Config) {
		c.SyncInterval = 10 * time.Second
		if i == 0 {
			c.Delegate, c.Logger = watched, logged(t)
			return
		}
		// The others exchange states with it, if it has any: each with a delegate of its own.
		c.Delegate = openDelegate(t, newDelegate).Delegate
	}
	c := NewCluster(t, 3, configure)
	node, peer := c.Nodes[0], c.Nodes[1]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range payloads() {
		if len(p) < 1000 {
			must(peer.Send(t.Context(), node.Local().Name, p))
			must(peer.SetAckPayload(t.Context(), p))
		}
		must(peer.SendReliable(t.Context(), node.Local().Name, p))
		must(peer.Broadcast(t.Context(), "chat", p))
		time.Sleep(time.Second)
	}
	must(peer.SetMeta(t.Context(), []byte(notText)))
	c.AwaitMembers()
	// Suspected and recovered, failed and joined again, left.
	c.Partition([]int{0}, []int{1, 2})
	time.Sleep(20 * time.Second)
	c.Network.Heal()
	c.AwaitMembers()
	c.Kill(2)
	c.AwaitMembers()
	restart(c, "node-2")
	c.AwaitMembers()
	_, err := c.Nodes[len(c.Nodes)-1].Leave(t.Context())
	must(err)
	c.AwaitMembers()
	wantServed(t, node, peer)
	restart(c, node.Local().Name) // another process of this name
	time.Sleep(time.Minute)
	wantNoPanic(t, node)
}

// restart starts a process of that name at another address, which joins where it can.
func restart(c *Cluster, name string) {
	m, err := c.Network.Listen("")
	if err != nil {
		c.t.Fatal(err)
	}
	n, err := swim.Start(c.t.Context(), swim.Config{Name: name, Transport: m})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = n.Close() })
	for _, other := range c.Running() {
		_, _ = n.Join(c.t.Context(), other.Local().Addr) // who has this name itself does not answer
	}
	if name != c.Nodes[0].Local().Name {
		c.Nodes = append(c.Nodes, n)
	}
}

// wantServed fails t if the node's delegate is not called any more.
func wantServed(t testing.TB, node, peer *swim.Node) {
	t.Helper()
	if err := peer.Send(t.Context(), node.Local().Name, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(callbackTime)
	if n := node.Stats().Messages; n > 0 {
		t.Errorf("%d messages wait: a callback did not return within %v", n, callbackTime)
	}
}

func wantNoPanic(t testing.TB, node *swim.Node) {
	t.Helper()
	synctest.Wait()
	if n := node.Stats().Drops.Panics; n > 0 {
		t.Errorf("%d callbacks panicked", n)
	}
}

// delegateOfClosedNode closes a node while its delegate is called.
func delegateOfClosedNode(t testing.TB, newDelegate delegates) {
	for round := range 5 {
		d := openDelegate(t, newDelegate).Delegate
		c := NewCluster(t, 2, func(i int, c *swim.Config) {
			if i == 0 {
				c.Delegate, c.Logger = d, logged(t)
			}
		})
		for range 20 {
			if err := c.Nodes[1].Send(t.Context(), c.Nodes[0].Local().Name, []byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(round) * time.Millisecond)
		start := time.Now()
		if err := c.Nodes[0].Close(); err != nil {
			t.Fatalf("Close of the Node: %v", err)
		}
		if took := time.Since(start); took > callbackTime {
			t.Errorf("Close of the Node took %v", took)
		}
		time.Sleep(callbackTime)
		wantNoPanic(t, c.Nodes[0])
	}
}
