package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// newsReaches lets members change their metadata one after another, and returns how long
// the slowest change took to be known to all.
func newsReaches(t *testing.T, s *Sim, changes int, every time.Duration) (worst time.Duration, late int) {
	t.Helper()
	began, left := make(map[string]time.Duration), make(map[string]int)
	s.OnEvent = func(_ *Node, e *core.Event) {
		if e.Kind != core.Changed || e.After.Meta == e.Before.Meta || left[e.After.Meta] == 0 {
			return
		}
		if left[e.After.Meta]--; left[e.After.Meta] == 0 {
			took := s.Now() - began[e.After.Meta]
			if worst = max(worst, took); took > time.Second {
				late++
			}
		}
	}
	for i := range changes {
		meta := fmt.Sprint("v", i)
		began[meta], left[meta] = s.Now(), len(s.nodes)-1
		s.SetMeta(s.nodes[i%len(s.nodes)], meta)
		s.Run(s.Now() + every)
	}
	s.Run(s.Now() + 30*time.Second)
	for meta, n := range left {
		if n > 0 {
			t.Errorf("%d members never hear of %s", n, meta)
		}
	}
	return worst, late
}

// Gossip alone reaches everybody in a cluster of 64, nearly always; what loss makes it
// miss, a comparison finds within some probes.
func TestNewsReachesAll(t *testing.T) {
	for _, loss := range []float64{0, 0.05} {
		s := New(1)
		cluster(s, 64)
		s.Run(15 * time.Second)
		s.Net.Loss = loss
		if worst, late := newsReaches(t, s, 60, 5*time.Second); worst > 8*time.Second || late > 3 {
			t.Errorf("loss %v: the slowest of 60 changes takes %v, and %d more than a second", loss, worst, late)
		}
	}
}
