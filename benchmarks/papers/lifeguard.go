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
	variant
	seed uint64
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
	byKind                [32]uint64
	nodeSeconds           float64
}

// newCluster starts members that know each other. Each setup may change the
// simulation before they start.
func newCluster(params core.Params, members int, seed uint64, setups ...func(*sim.Sim)) *sim.Sim {
	s := newNetwork(params, seed)
	for _, setup := range setups {
		setup(s)
	}
	for i := range members {
		s.Start(memberName(i))
	}
	s.Introduce(s.Nodes())
	return s
}

// newNetwork is a local network without anybody in it.
func newNetwork(params core.Params, seed uint64) *sim.Sim {
	s := sim.New(seed)
	s.Params = params
	s.Net.StreamTime = sim.StreamTime
	s.Net.Delay = func(rng *rand.Rand) time.Duration { return time.Duration(50_000 + rng.IntN(50_000)) }
	return s
}

func memberName(i int) string { return fmt.Sprintf("m%03d", i) }

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
	order := s.Rand().Perm(a.members)
	s.Run(s.Now() + settleTime)

	w := &watch{anomalies: a, s: s, begin: s.Now(), until: make(map[string]time.Duration), seenBy: make(map[string]int)}
	s.OnEvent = w.event
	s.TimersFirst = a.params.Paper
	s.ReceiveTime = a.receive
	before := total(s)
	for round := 0; ; round++ {
		var victims []*sim.Node
		for i := range a.stalled {
			if a.rotate {
				i += round * a.stalled
			}
			victims = append(victims, s.Nodes()[order[i%a.members]])
		}
		for _, n := range victims {
			s.Block(n)
			w.until[n.Name] = s.Now() + a.stall
		}
		s.Run(s.Now() + a.stall)
		for _, n := range victims {
			s.Release(n)
		}
		if s.Now()-w.begin >= runTime || a.normal == 0 {
			break
		}
		s.Run(s.Now() + a.normal)
	}
	if a.normal == 0 {
		a.awaitRecovery(s, w.begin+runTime)
	}
	after, o := total(s), &w.outcome
	o.packets, o.bytes = after.Packets-before.Packets+after.Streams-before.Streams, after.PacketBytes-before.PacketBytes+after.StreamBytes-before.StreamBytes
	for k := range o.byKind {
		o.byKind[k] = after.ByKind[k] - before.ByKind[k]
	}
	o.nodeSeconds = (s.Now() - w.begin).Seconds() * float64(a.members)
	return *o
}

// watch sorts the failures of a run.
type watch struct {
	*anomalies
	s       *sim.Sim
	begin   time.Duration
	until   map[string]time.Duration // when the last stall of each ends
	seenBy  map[string]int           // healthy members that declared one failed
	outcome outcome
}

// aftermath is for how long a failure is put down to a stall that is over, where
// others stall each time.
const aftermath = 30 * time.Second

// stalls reports whether a member belongs to those who stall.
func (w *watch) stalls(name string) bool {
	until, ever := w.until[name]
	return ever && (!w.rotate || w.s.Now() <= until+aftermath)
}

func (w *watch) event(n *sim.Node, e *core.Event) {
	if e.Kind != core.Changed || e.After.State != wire.Failed || !e.Before.State.Live() {
		return
	}
	o, name := &w.outcome, e.After.Name
	switch byHealthy := !w.stalls(n.Name); {
	case !w.stalls(name):
		o.falsePositives++
		if byHealthy {
			o.falsePositivesHealthy++
		}
	case byHealthy:
		w.seenBy[name]++
		if w.seenBy[name] == 1 {
			o.first = append(o.first, w.s.Now()-w.begin)
		}
		if w.seenBy[name] == w.members-w.stalled {
			o.full = append(o.full, w.s.Now()-w.begin)
		}
	}
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
			t.BytesByKind[k] += n.Sent.BytesByKind[k]
		}
		t.Packets += n.Sent.Packets
		t.PacketBytes += n.Sent.PacketBytes
		t.Streams += n.Sent.Streams
		t.StreamBytes += n.Sent.StreamBytes
	}
	return t
}
