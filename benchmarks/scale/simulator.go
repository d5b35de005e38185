package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// simulate measures what a node costs where it has no socket, goroutine or clock
// of its own: what is left is the protocol.
func simulate(r *report.Report, o *report.Options, most int, idle time.Duration) {
	r.Title("the same in the simulator: one goroutine, virtual time")
	r.Note("50-100 µs one way, no loss. The nodes join through one seed, 10 ms apart, are left alone for %v, and lose one.", idle)
	r.Note("CPU is that of the process, so what else runs on the machine is not in it.")
	for _, n := range []int{128, 500, 1000, 2000} {
		if n <= most {
			simulateOne(r, o.Seed, n, idle)
			r.Flush()
		}
	}
}

// formTime is how long a simulated cluster may take to see itself whole.
const formTime = 10 * time.Minute

func simulateOne(r *report.Report, seed uint64, n int, idle time.Duration) {
	add := func(metric string, value float64, unit string) {
		r.Add(report.Row{Experiment: "scale", Setting: fmt.Sprintf("simulator, n=%d", n), Metric: metric, Value: value, Unit: unit})
	}
	heap, began := cluster.HeapBytes(), cluster.CPU()
	s := sim.New(seed)
	s.Net.Delay = func(rng *rand.Rand) time.Duration { return time.Duration(50_000 + rng.IntN(50_000)) }
	gone, suspicions, told := "", 0, 0
	s.OnEvent = func(_ *sim.Node, e *core.Event) {
		switch {
		case e.Kind != core.Changed:
		case e.After.State == wire.Suspect && e.After.Name != gone:
			suspicions++
		case e.After.State == wire.Failed && e.After.Name == gone:
			told++
		}
	}
	if !form(s, n) {
		r.Note("%d nodes do not see each other within %v", n, formTime)
		return
	}
	add("all see all after", s.Now().Seconds(), "s")
	add("CPU of forming", (cluster.CPU() - began).Seconds(), "s")

	s.Run(s.Now() + 30*time.Second) // the news of the joins ends
	packets, bytes := sent(s)
	began = cluster.CPU()
	s.Run(s.Now() + idle)
	used := cluster.CPU() - began
	morePackets, moreBytes := sent(s)
	perNode := idle.Seconds() * float64(n)
	add("idle CPU per node", used.Seconds()*1e6/perNode, "µs/s")
	add("idle packets per node", float64(morePackets-packets)/perNode, "/s")
	add("idle bytes per node", float64(moreBytes-bytes)/perNode, "B/s")
	if used > 0 { // the clock of CPU time may be too coarse for a few nodes
		add("times real time", idle.Seconds()/used.Seconds(), "")
	}
	rows := float64(cluster.HeapBytes()-heap) / float64(n)
	add("heap per node", rows/1024, "KiB")
	add("heap per row of a table", rows/float64(n), "B")

	victim, crashed := s.Nodes()[n/4], s.Now()
	gone = victim.Name
	s.Crash(victim)
	if s.RunUntil(crashed+time.Minute, func() bool { return told == n-1 }) {
		add("kill, known to all", (s.Now() - crashed).Seconds(), "s")
	}
	add("suspicions", float64(suspicions), "")
}

// form starts nodes that join one after another, and reports whether all see all
// in time.
func form(s *sim.Sim, n int) bool {
	for i := range n {
		node := s.Start(fmt.Sprintf("m%05d", i))
		if i > 0 {
			s.Join(node, "m00000")
		}
		s.Run(s.Now() + 10*time.Millisecond)
	}
	for end := s.Now() + formTime; s.Now() < end; s.Run(s.Now() + 100*time.Millisecond) {
		if !slices.ContainsFunc(s.Nodes(), func(node *sim.Node) bool { return node.M.Len() != n }) {
			return true
		}
	}
	return false
}

// sent is what all nodes have sent so far.
func sent(s *sim.Sim) (packets, bytes uint64) {
	for _, node := range s.Nodes() {
		packets += node.Sent.Packets + node.Sent.Streams
		bytes += node.Sent.PacketBytes + node.Sent.StreamBytes
	}
	return packets, bytes
}
