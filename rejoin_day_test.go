package swim_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// registry is a SeedProvider whose answer changes, as that of a DNS name does.
type registry struct {
	mu    sync.Mutex
	addrs []string
}

func (r *registry) Seeds(context.Context) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.addrs), nil
}

func (r *registry) set(addrs ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addrs = addrs
}

// unhurried makes a virtual day affordable: what is tested has other clocks. Those that
// have forgotten each other compare no tables, so what is found is found by the seeds;
// but what gossip then misses, one in some hundred times, is found by comparing.
func unhurried(c *swim.Config) {
	c.ProbeInterval, c.ProbeTimeout = 5*time.Second, time.Second
	c.SyncInterval = 10 * time.Minute
}

// rejoinLimit is how long parts may take to be one again.
const rejoinLimit = time.Minute

// A node that was cut off for a day was forgotten by the others, and found by
// nobody's help.
func TestAloneForADay(t *testing.T) {
	for _, moved := range []bool{false, true} {
		bubble(t, func(t *testing.T, n network) {
			seeds := new(registry)
			seeds.set("b", "c")
			start := func(name string, more ...func(*swim.Config)) *swim.Node {
				return n.start(name, append(more, seeded(seeds), unhurried)...)
			}
			nodes := []*swim.Node{start("a"), start("b"), start("c")}
			for _, node := range nodes {
				n.waitLive(node, 3)
			}
			n.Isolate("a")
			n.pass(12 * time.Hour)
			if moved {
				// The others are replaced, one by one, and have other addresses.
				for i, name := range []string{"b", "c"} {
					_ = nodes[i+1].Close()
					nodes[i+1] = start(name+"2", func(c *swim.Config) { c.Name = name })
					seeds.set("b2", []string{"c", "c2"}[i])
					n.waitLive(nodes[i+1], 2)
				}
			}
			n.pass(12 * time.Hour)
			if _, known := nodes[1].Member("a"); known {
				t.Fatal("a is not forgotten: the test is of something else")
			}
			n.Heal()
			healed := time.Now()
			for _, node := range nodes {
				n.eventually("all three live where they are", func() bool {
					for i, other := range nodes {
						m, ok := node.Member([]string{"a", "b", "c"}[i])
						if !ok || m.State != swim.Alive || m.Addr != other.Local().Addr {
							return false
						}
					}
					return len(node.Members()) == 3
				})
				if took := time.Since(healed); took > rejoinLimit {
					t.Errorf("moved %v: %s took %v", moved, node.Local().Name, took)
				}
			}
			t.Logf("moved %v: one again after %v", moved, time.Since(healed))
		})
	}
}

// Two halves that were apart for a day have forgotten each other. Where they began
// they meet again.
func TestHalvesApartForADay(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		seeds := swim.StaticSeeds{"a", "d"}
		var nodes []*swim.Node
		names := []string{"a", "b", "c", "d", "e", "f"}
		for _, name := range names {
			nodes = append(nodes, n.start(name, seeded(seeds), unhurried))
		}
		for _, node := range nodes {
			n.waitLive(node, len(names))
		}
		n.Partition(names[:3], names[3:])
		n.pass(24 * time.Hour)
		for i, node := range nodes {
			if got := len(node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left)); got != 3 {
				t.Fatalf("%s knows %d members, want its half's 3", names[i], got)
			}
		}
		n.Heal()
		healed := time.Now()
		for i, node := range nodes {
			n.waitLive(node, len(names))
			if took := time.Since(healed); took > rejoinLimit {
				t.Errorf("%s took %v", names[i], took)
			}
		}
		t.Logf("one again after %v", time.Since(healed))
	})
}
