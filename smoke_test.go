package swim_test

import (
	"net"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// until waits, in real time, for something that a node's readers are told of.
func until(t *testing.T, node *swim.Node, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(15 * time.Second)
	defer deadline.Stop()
	changed := make(chan struct{}, 1)
	go func() {
		for range node.Events(t.Context()) {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}()
	for !holds() {
		select {
		case <-changed:
		case <-deadline.C:
			t.Fatalf("%s: not within 15 s; members are %+v", what, node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left))
		}
	}
}

// The main job over real sockets, with both families of addresses.
func TestRealSockets(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			probe, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
			if err != nil {
				t.Skipf("this machine has no %s: %v", host, err)
			}
			_ = probe.Close()

			quick := swim.Local()
			quick.Bind = net.JoinHostPort(host, "0")
			quick.ProbeInterval, quick.ProbeTimeout = 100*time.Millisecond, 50*time.Millisecond
			messages := make(chan string, 10)
			var nodes []*swim.Node
			for _, name := range []string{"a", "b", "c"} {
				cfg := quick
				cfg.Name, cfg.Meta = name, []byte("I am "+name)
				cfg.Delegate = &calls{message: func(from swim.Member, payload []byte) {
					messages <- from.Name + " to " + name + ": " + string(payload)
				}}
				node := start(t, cfg)
				if len(nodes) > 0 {
					if n, err := node.Join(t.Context(), nodes[0].Local().Addr); n != 1 || err != nil {
						t.Fatalf("Join = %d, %v", n, err)
					}
				}
				nodes = append(nodes, node)
			}
			state := func(node *swim.Node, name string) swim.State {
				m, _ := node.Member(name)
				return m.State
			}
			for _, node := range nodes {
				until(t, node, "three members", func() bool { return len(node.Members()) == 3 })
				if m, _ := node.Member("c"); m.Meta != "I am c" {
					t.Errorf("%s holds %+v", node.Local().Name, m)
				}
			}
			if err := nodes[0].Send(t.Context(), "b", []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if got := <-messages; got != "a to b: hello" {
				t.Errorf("received %q", got)
			}
			if err := nodes[1].SetMeta(t.Context(), []byte("changed")); err != nil {
				t.Fatal(err)
			}
			until(t, nodes[2], "b's metadata", func() bool {
				m, _ := nodes[2].Member("b")
				return m.Meta == "changed"
			})
			if _, err := nodes[1].Leave(t.Context()); err != nil {
				t.Fatal(err)
			}
			_ = nodes[1].Close()
			until(t, nodes[0], "b left", func() bool { return state(nodes[0], "b") == swim.Left })
			_ = nodes[2].Close()
			until(t, nodes[0], "c failed", func() bool { return state(nodes[0], "c") == swim.Failed })
			if got := nodes[0].Stats(); got.Alive != 1 || got.Left != 1 || got.Failed != 1 {
				t.Errorf("%d alive, %d left, %d failed", got.Alive, got.Left, got.Failed)
			}
		})
	}
}
