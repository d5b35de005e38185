package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

const (
	perSecond  = 1000
	settleTime = 15 * time.Second
	// repairTime is for how long after the last broadcast deliveries are waited for.
	repairTime = 6 * time.Second
	// changesEvery is the time between a change of metadata or a crash and the next.
	changesEvery = 500 * time.Millisecond
)

// simulate lets 64 nodes send a thousand broadcasts a second in virtual time.
func simulate(b *bench) error {
	length := pick(b, 3*time.Second, 10*time.Second)
	crashes, trials := pick(b, 2, 8), pick(b, 1, 4)
	b.Title("%d broadcasts of %d bytes a second for %v, in the simulator", perSecond, payloadBytes, length)
	b.Note("%d nodes, each as likely to speak, 50-100 µs one way, no cost of CPU. Each broadcast has to come to the other %d once, in the order of its", nodes, nodes-1)
	b.Note("sender. Meanwhile one after another changes its metadata, and %d more nodes, which keep silent, crash one by one: how long until all the", crashes)
	b.Note("others know, with broadcasts and without. Packets and bytes are what a node sends in that time, streams and membership included. All of %d seeds.", trials)
	var errs []error
	for _, loss := range []float64{0, 0.05} {
		quiet, busy := newLoaded(), newLoaded()
		for trial := range uint64(trials) {
			l := load{loss: loss, length: length, crashes: crashes, seed: b.Seed + trial}
			quiet.add(runLoad(&l))
			l.perSecond = perSecond
			busy.add(runLoad(&l))
		}
		errs = append(errs, printLoad(b, loss, quiet, busy))
		b.Flush()
	}
	return errors.Join(errs...)
}

func printLoad(b *bench, loss float64, quiet, busy *loaded) error {
	setting := fmt.Sprintf("n=%d, loss %v %%", nodes, 100*loss)
	add := b.adder("simulator", setting)
	err := b.addTally("simulator", setting, busy.tally)
	compare := func(metric string, of func(*loaded) float64, unit string) {
		add(metric, of(busy), unit, report.Figure(of(quiet)), "without broadcasts")
	}
	compare("a change of metadata reaches all, mean", func(l *loaded) float64 { return report.Mean(l.updates) / 1e9 }, "s")
	compare("a change of metadata reaches all, worst", func(l *loaded) float64 { return report.Quantile(l.updates, 1).Seconds() }, "s")
	compare("a crash is known to all, mean", func(l *loaded) float64 { return report.Mean(l.crashes) / 1e9 }, "s")
	compare("a crash is known to all, worst", func(l *loaded) float64 { return report.Quantile(l.crashes, 1).Seconds() }, "s")
	compare("suspicions of nodes that run", func(l *loaded) float64 { return float64(l.suspicions) }, "")
	add("changes of metadata, crashes", float64(len(busy.updates)+len(busy.crashes)), "", "", "")
	compare("packets of a node", func(l *loaded) float64 { return l.packets }, "/s")
	compare("bytes of a node", func(l *loaded) float64 { return l.bytes / 1000 }, "KB/s")
	add("queued at a node, most", float64(busy.most.Waiting), "", "", "")
	add("queued at a node, most bytes", float64(busy.most.QueueBytes)/1000, "KB", report.Figure(float64(core.DefaultBroadcasting().Others.QueueBytes)/1000), "limit")
	add("kept for others at a node, most bytes", float64(busy.most.KeptBytes)/1000, "KB", report.Figure(float64(core.DefaultBroadcasting().KeepBytes)/1000), "limit")
	add("kept for others, when all is over", float64(busy.left), "", "0", "aim")
	add("shed because a queue was full", float64(busy.most.Shed), "", "0", "aim")
	if unknown := quiet.unknown + busy.unknown; unknown > 0 {
		err = errors.Join(err, fmt.Errorf("simulator, %s: of %d changes not all have heard", setting, unknown))
	}
	return err
}

// load is one run.
type load struct {
	loss      float64
	length    time.Duration
	crashes   int
	perSecond int // 0 is none
	seed      uint64
}

// loaded is what came of it.
type loaded struct {
	*tally
	updates, crashes []time.Duration // until all know
	unknown          int             // changes that not all have heard of
	suspicions       int
	packets, bytes   float64             // of a node, a second
	most             core.BroadcastStats // at one node; Shed in all
	left             int
}

func newLoaded() *loaded { return &loaded{tally: new(tally)} }

// add takes another run: counts and times add up, of rates and sizes the largest stays.
func (l *loaded) add(run *loaded) {
	l.sent += run.sent
	l.missing += run.missing
	l.repeated += run.repeated
	l.unordered += run.unordered
	l.took = append(l.took, run.took...)
	l.updates, l.crashes = append(l.updates, run.updates...), append(l.crashes, run.crashes...)
	l.unknown += run.unknown
	l.suspicions += run.suspicions
	l.packets, l.bytes = max(l.packets, run.packets), max(l.bytes, run.bytes)
	l.left += run.left
	l.most.Shed += run.most.Shed
	l.most.Waiting, l.most.QueueBytes = max(l.most.Waiting, run.most.Waiting), max(l.most.QueueBytes, run.most.QueueBytes)
	l.most.KeptBytes = max(l.most.KeptBytes, run.most.KeptBytes)
}

func runLoad(l *load) *loaded {
	s := sim.New(l.seed)
	s.Net.StreamTime = sim.StreamTime
	s.Net.Delay = func(rng *rand.Rand) time.Duration { return time.Duration(50_000 + rng.IntN(50_000)) }
	index := make(map[string]int)
	for i := range nodes + l.crashes {
		index[s.Start(fmt.Sprintf("n%02d", i)).Name] = i
	}
	s.Introduce(s.Nodes())
	s.Run(settleTime)
	s.Net.Loss = l.loss

	r, a, w := new(loaded), newAudience(nodes), newWatch(s)
	s.OnEvent = func(at *sim.Node, e *core.Event) {
		switch i := index[at.Name]; {
		case i >= nodes: // it may crash at any time
		case e.Kind == core.BroadcastDelivered:
			a.hear(i, e.Payload, s.Now())
		case e.Kind == core.Changed:
			w.changed(e)
		}
	}
	begin, before := s.Now(), sum(s)
	if l.perSecond > 0 {
		speak(s, a, l.perSecond, begin+l.length)
	}
	for i, at := 0, begin+time.Second; at < begin+l.length; i, at = i+1, at+changesEvery {
		s.At(at, func() {
			w.update(s.Nodes()[i%nodes])
			if i < l.crashes {
				w.crash(s.Nodes()[nodes+i])
			}
		})
	}
	for s.Now() < begin+l.length {
		s.Run(s.Now() + 100*time.Millisecond)
		r.sample(s)
	}
	after := sum(s)
	perNode := l.length.Seconds() * float64(nodes+l.crashes)
	r.packets = float64(after.Packets+after.Streams-before.Packets-before.Streams) / perNode
	r.bytes = float64(after.PacketBytes+after.StreamBytes-before.PacketBytes-before.StreamBytes) / perNode
	s.Run(s.Now() + repairTime)
	s.RunUntil(s.Now()+30*time.Second, w.done)
	s.Run(s.Now() + 15*time.Second)
	r.tally = a.tally()
	r.updates, r.crashes, r.unknown, r.suspicions = w.updates, w.crashes, len(w.open), w.suspicions
	for _, n := range s.Nodes()[:nodes] {
		stats := n.M.BroadcastStats()
		r.left += stats.Kept
		r.most.Shed += stats.Shed
	}
	return r
}

// speak lets random nodes broadcast at a rate.
func speak(s *sim.Sim, a *audience, perSecond int, until time.Duration) {
	for at := s.Now(); at < until; at += time.Second / time.Duration(perSecond) {
		s.At(at, func() {
			i := s.Rand().IntN(nodes)
			// What finds a queue full was said and is missing, which is a failure.
			s.Broadcast(s.Nodes()[i], "chat", "", a.next(i, s.Now()))
		})
	}
}

// sample notes the most that waits and is kept.
func (r *loaded) sample(s *sim.Sim) {
	for _, n := range s.Nodes()[:nodes] {
		b := n.M.BroadcastStats()
		r.most.Waiting, r.most.QueueBytes = max(r.most.Waiting, b.Waiting), max(r.most.QueueBytes, b.QueueBytes)
		r.most.KeptBytes = max(r.most.KeptBytes, b.KeptBytes)
	}
}

func sum(s *sim.Sim) (t sim.Traffic) {
	for _, n := range s.Nodes() {
		t.Packets += n.Sent.Packets
		t.PacketBytes += n.Sent.PacketBytes
		t.Streams += n.Sent.Streams
		t.StreamBytes += n.Sent.StreamBytes
	}
	return t
}
