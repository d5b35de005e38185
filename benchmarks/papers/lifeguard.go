package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// anomalies is one run of Lifeguard's evaluation (section V): some members of a
// cluster stall in lock-step, once or again and again.
type anomalies struct {
	params  core.Params
	members int
	stalled int           // the paper's C
	stall   time.Duration // D
	normal  time.Duration // I; 0 is a Threshold run, with one stall
	seed    uint64
}

// The paper's times: 15 s to settle, and at least 120 s from the start.
const (
	settleTime = 15 * time.Second
	runTime    = 120 * time.Second
)

// outcome is what one run brought.
type outcome struct {
	falsePositives        int // failures of members that did not stall, at anybody
	falsePositivesHealthy int // and at members that did not stall
	first, full           []time.Duration
	packets, bytes        uint64
	byKind                [16]uint64
	nodeSeconds           float64
}

// newCluster starts members that know each other. Each setup may change the
// simulation before they start.
func newCluster(params core.Params, members int, seed uint64, setups ...func(*sim.Sim)) *sim.Sim {
	s := sim.New(seed)
	s.Params = params
	s.Net.Delay = func(rng *rand.Rand) time.Duration { return time.Duration(50_000 + rng.IntN(50_000)) }
	for _, setup := range setups {
		setup(s)
	}
	for i := range members {
		n := s.Start(fmt.Sprintf("m%03d", i))
		if i > 0 {
			s.Join(n, "m000")
		}
		s.Run(s.Now() + 10*time.Millisecond)
	}
	for !complete(s, members) {
		s.Run(s.Now() + time.Second)
		for _, n := range s.Nodes() {
			if params.SyncInterval == 0 && n.M.Len() != members { // nothing else is sure to fill the gap
				s.Join(n, "m000")
			}
		}
		if s.Now() > 10*time.Minute {
			panic("papers: the cluster does not form")
		}
	}
	return s
}

// complete reports whether all know as many members.
func complete(s *sim.Sim, members int) bool {
	for _, n := range s.Nodes() {
		if n.M.Len() != members {
			return false
		}
	}
	return true
}

func (a *anomalies) run() outcome {
	s := newCluster(a.params, a.members, a.seed)
	chosen := make(map[string]bool)
	var victims []*sim.Node
	for _, i := range s.Rand().Perm(a.members)[:a.stalled] {
		victims = append(victims, s.Nodes()[i])
		chosen[s.Nodes()[i].Name] = true
	}
	s.Run(s.Now() + settleTime)

	var o outcome
	begin := s.Now()
	seenBy := make(map[string]int)
	s.OnEvent = func(n *sim.Node, e *core.Event) {
		if e.Kind != core.Changed || e.After.State != wire.Failed || !e.Before.State.Live() {
			return
		}
		if !chosen[e.After.Name] {
			o.falsePositives++
			if !chosen[n.Name] {
				o.falsePositivesHealthy++
			}
			return
		}
		if chosen[n.Name] {
			return
		}
		seenBy[e.After.Name]++
		if seenBy[e.After.Name] == 1 {
			o.first = append(o.first, s.Now()-begin)
		}
		if seenBy[e.After.Name] == a.members-a.stalled {
			o.full = append(o.full, s.Now()-begin)
		}
	}
	s.TimersFirst = a.params.Paper
	before := total(s)
	for {
		for _, n := range victims {
			s.Block(n)
		}
		s.Run(s.Now() + a.stall)
		for _, n := range victims {
			s.Release(n)
		}
		if s.Now()-begin >= runTime || a.normal == 0 {
			break
		}
		s.Run(s.Now() + a.normal)
	}
	if a.normal == 0 {
		a.awaitRecovery(s, begin+runTime)
	}
	after := total(s)
	o.packets, o.bytes = after.Packets-before.Packets+after.Streams-before.Streams, after.PacketBytes-before.PacketBytes+after.StreamBytes-before.StreamBytes
	for k := range o.byKind {
		o.byKind[k] = after.ByKind[k] - before.ByKind[k]
	}
	o.nodeSeconds = (s.Now() - begin).Seconds() * float64(a.members)
	return o
}

// awaitRecovery lets a Threshold run go on until all see all again.
func (a *anomalies) awaitRecovery(s *sim.Sim, until time.Duration) {
	for s.Now() < until && sim.Disagreement(s) != "" {
		s.Run(s.Now() + time.Second)
	}
}

func total(s *sim.Sim) (t sim.Traffic) {
	for _, n := range s.Nodes() {
		for k, count := range n.Sent.ByKind {
			t.ByKind[k] += count
		}
		t.Packets += n.Sent.Packets
		t.PacketBytes += n.Sent.PacketBytes
		t.Streams += n.Sent.Streams
		t.StreamBytes += n.Sent.StreamBytes
	}
	return t
}
