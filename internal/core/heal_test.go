package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// H6: two halves that held each other for failed merge by themselves once they can
// reach each other, however long it was, and nobody who was reachable is declared
// failed on the way.
func TestH6HalvesMergeByThemselves(t *testing.T) {
	for _, apart := range []time.Duration{30 * time.Second, 10 * time.Minute, 50 * time.Minute} {
		for _, streams := range []bool{true, false} {
			s := sim.New(uint64(apart))
			s.Net.Streams = streams
			clusterOf(t, s, 16)
			half := []string{"n0", "n3", "n4", "n7", "n9", "n10", "n12"}
			s.Net.Partition(half)
			s.Run(s.Now() + apart)
			if n := s.Node("n0").M.Len(); n != len(half) {
				t.Fatalf("after %v apart n0 sees %d, want its half of %d", apart, n, len(half))
			}
			s.OnEvent = func(n *sim.Node, e *core.Event) {
				if e.Kind == core.Changed && e.After.State == wire.Failed && e.Before.State.Live() {
					t.Errorf("%s declares %s failed while they merge", n.Name, e.After.Name)
				}
			}
			s.Net.Heal()
			begin := s.Now()
			if !s.RunUntil(begin+time.Minute, func() bool { return sim.Disagreement(s) == "" }) {
				t.Errorf("a minute after %v apart, streams %v: %s", apart, streams, sim.Disagreement(s))
			}
		}
	}
}

// One of those who failed is pinged now and then, with the verdict, and nobody who left.
func TestFailedMembersAreAskedAfter(t *testing.T) {
	b := newBench(t, noProbes)
	b.meet("b", "c", "d", "e")
	if retries := b.until(b.now + 10*time.Minute); len(of(wire.Ping, plain(retries))) != 0 {
		t.Fatalf("nobody failed, and %v", describe(plain(retries)))
	}
	b.gossip("b", claim("c", 0, wire.Failed, "b"), claim("d", 0, wire.Failed, "b"), claim("e", 1, wire.Left, ""))
	asked := map[string]int{}
	begin := b.now
	for _, s := range b.until(begin + 20*time.Minute) {
		if s.Msg.Kind != wire.Ping {
			continue
		}
		asked[s.Msg.Target]++
		if u := s.Msg.Updates; len(u) == 0 || u[0].Name != s.Msg.Target || u[0].State != wire.Failed {
			t.Errorf("%s is not told: %+v", s.Msg.Target, u)
		}
	}
	// every 7.5 to 12.5 s
	if n := asked["c"] + asked["d"]; n < 96 || n > 160 || asked["c"] < 20 || asked["d"] < 20 || len(asked) != 2 {
		t.Errorf("pinged in 20 minutes: %v", asked)
	}
	if got := b.m.Stats().Retries; got != uint64(asked["c"]+asked["d"]) {
		t.Errorf("%d counted", got)
	}
	b.m.Leave(b.now)
	b.collect()
	for _, s := range b.until(b.now + time.Minute) {
		if s.To == addr("c") || s.To == addr("d") {
			t.Errorf("%v to %s after we left", s.Msg.Kind, s.To)
		}
	}
}
