package sim

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// together starts n nodes that know each other.
func together(s *Sim, n int) {
	for i := range n {
		s.Start(fmt.Sprint("n", i))
	}
	s.Introduce(s.nodes)
}

// Nodes that were introduced agree at once, without a packet, and have nothing left
// to tell each other.
func TestIntroduce(t *testing.T) {
	for n := range 20 {
		s := New(uint64(n))
		together(s, n)
		if problem := Disagreement(s); problem != "" || s.Now() != 0 {
			t.Fatalf("%d nodes at %v: %s", n, s.Now(), problem)
		}
		packets := 0
		s.OnPacket = func(_ *Node, p *core.Packet) { packets += len(p.Msg.Updates) }
		s.Run(10 * time.Second)
		if problem := Disagreement(s); problem != "" || packets > 0 {
			t.Errorf("%d nodes, 10 s later: %d claims sent; %s", n, packets, problem)
		}
	}
}

// In the steady state nothing is allocated: the queue, the loads and the Machines
// reuse what they have. It holds for as long as no tables are compared.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	s := New(1)
	s.Params.SyncInterval = 0
	together(s, 50)
	s.Run(time.Minute) // every pair has spoken, and all that grows has grown
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.Run(s.Now() + time.Minute)
	runtime.ReadMemStats(&after)
	// The odd one is the runtime's own.
	if n := after.Mallocs - before.Mallocs; n > 20 {
		t.Errorf("%d allocations in a minute of 50 nodes", n)
	}
}

// BenchmarkSteadyState is a second of the life of a cluster.
func BenchmarkSteadyState(b *testing.B) {
	for _, n := range []int{128, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := New(1)
			together(s, n)
			s.Run(time.Minute) // past the first sync of all
			b.ReportAllocs()
			for b.Loop() {
				s.Run(s.Now() + time.Second)
			}
			b.ReportMetric(float64(time.Second)*float64(b.N)/float64(b.Elapsed()), "times-real-time")
		})
	}
}

// A table that is too large to be copied arrives whole, and nobody else's is taken.
func TestLargeTableArrives(t *testing.T) {
	const n = keepUpdates + 50
	s := New(1)
	together(s, n)
	x := s.Start("x")
	s.Join(x, "n7")
	s.Join(x, "n8")
	s.Run(s.Now() + 10*time.Millisecond)
	if x.M.Len() != n+1 {
		t.Errorf("it knows %d, want %d", x.M.Len(), n+1)
	}
	s.Run(s.Now() + 5*time.Second)
	if problem := Disagreement(s); problem != "" {
		t.Error(problem)
	}
}
