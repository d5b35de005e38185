package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// A node that is cut off says so within a few periods, and when it is over; it
// declares nobody failed meanwhile, however long that is. The others, who hear
// each other, do declare it failed.
func TestIsolatedNodeSaysSoAndBuriesNobody(t *testing.T) {
	s := sim.New(1)
	var told []string
	buried := map[string]int{}
	s.OnEvent = func(n *sim.Node, e *core.Event) {
		switch e.Kind {
		case core.Isolated, core.Reconnected:
			told = append(told, fmt.Sprintf("%s %d of %d", n.Name, e.Kind-core.Isolated, e.Count))
		case core.Changed:
			if e.After.State == wire.Failed {
				buried[n.Name]++
			}
		}
	}
	names := []string{"a", "b", "c", "d", "e"}
	for _, name := range names {
		if n := s.Start(name); name != "a" {
			s.Join(n, "a")
		}
	}
	s.Run(10 * time.Second)
	s.Net.Partition(names[:1], names[1:])
	s.Run(20 * time.Second)
	if len(told) != 1 || told[0] != "a 0 of 4" || !s.Node("a").M.Isolated() {
		t.Fatalf("ten seconds after the cut: %q, isolated %v", told, s.Node("a").M.Isolated())
	}
	s.Run(time.Hour)
	if buried["a"] != 0 {
		t.Errorf("the node that is cut off declared %d members failed", buried["a"])
	}
	if buried["b"] != 1 || buried["e"] != 1 {
		t.Errorf("the others declared %v failed, want one each", buried)
	}
	s.Net.Heal()
	s.Run(s.Now() + 10*time.Second)
	if len(told) != 2 || told[1] != "a 1 of 0" || s.Node("a").M.Isolated() {
		t.Errorf("after the cut: %q", told)
	}
	if problem := sim.Disagreement(s); problem != "" {
		t.Errorf("after the cut: %s", problem)
	}
}

// A cluster in which all others die at once but one by one is no isolation: there
// is always somebody to be heard, or nobody to be heard of.
func TestLoneSurvivorIsNotIsolatedForEver(t *testing.T) {
	s := sim.New(1)
	for _, name := range []string{"a", "b"} {
		if n := s.Start(name); name != "a" {
			s.Join(n, "a")
		}
	}
	s.Run(10 * time.Second)
	s.Crash(s.Node("b"))
	s.Run(s.Now() + 30*time.Second)
	if m := s.Node("a").M; m.Isolated() || m.Len() != 1 {
		t.Errorf("isolated %v, %d live members", m.Isolated(), m.Len())
	}
}
