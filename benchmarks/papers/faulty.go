package main

import (
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// weather is what happens to the faulty members: how much of what they receive
// and send is lost at a time since the faults began.
type weather struct {
	experiment, name string
	in, out          func(since time.Duration) float64
	reference        string // final view size
	sizes            string // distinct view sizes
}

func weathers() []weather {
	const flip = 20 * time.Second
	never := func(time.Duration) float64 { return 0 }
	heavy := func(time.Duration) float64 { return 0.8 }
	flipping := func(since time.Duration) float64 {
		if since/flip%2 == 0 {
			return 1
		}
		return 0
	}
	const flapping = "memberlist 990-1000 without end, Rapid 990, ZooKeeper 1000"
	const lossy = "memberlist 994-996, Rapid 990, ZooKeeper 995-1000"
	return []weather{
		{"E14", "all input lost, 20 s on, 20 s off", flipping, never, flapping, "memberlist 11, Rapid 2"},
		{"E15", "80 % of input lost", heavy, never, lossy, ""},
		{"E15", "80 % of output lost", never, heavy, lossy, ""},
		{"E15", "80 % of both lost", heavy, heavy, lossy, ""},
	}
}

// faultyInput are Rapid's Figures 9 and 10.
func faultyInput(b *bench) {
	n, faulty, length := 1000, 10, 860*time.Second
	if b.Quick {
		n, faulty, length = 128, 2, 200*time.Second
	}
	b.Title("E14, E15: lasting one-way faults at 1 %% of the members (Rapid, Figures 9 and 10)")
	b.Note("%d members, %d of them faulty for %v. There are no streams: the simulator's are never lost, and a real one hardly opens at such loss. Rapid's", n, faulty, length)
	b.Note("text has outgoing packets lost in the second experiment and its caption incoming ones, so both are run. Views are those of the healthy")
	b.Note("members, sampled each second; Rapid's are of virtual machines. A view changes when a member is declared failed or comes back.")
	type run struct {
		weather
		configuration
	}
	var runs []run
	for _, w := range weathers() {
		if b.Wants(w.experiment) {
			for _, c := range []configuration{{name: "Lifeguard", params: core.Lifeguard()}, {name: "ours", params: core.LAN()}} {
				runs = append(runs, run{w, c})
			}
		}
	}
	for i, v := range each(runs, func(r run) views {
		return watchFaulty(r.params, &r.weather, n, faulty, length, b.seed(14))
	}) {
		r := &runs[i]
		setting := r.configuration.name + ", " + r.weather.name
		add := func(metric string, value float64, unit, reference string) {
			b.Add(row(r.experiment, setting, metric, value, unit, reference, "Rapid"))
		}
		add("verdicts about healthy members", float64(v.healthyRemoved), "", "0 (aim)")
		add("distinct view sizes", float64(v.sizes), "", r.weather.sizes)
		add("smallest view in the last minute", float64(v.least), "", r.reference)
		add("largest view in the last minute", float64(v.most), "", r.reference)
		add("verdicts per pair of healthy and faulty", v.verdicts, "", "")
		add("first verdict after", v.first.Seconds(), "s", "")
		add("last change of a view after", v.last.Seconds(), "s", "")
	}
}

// views are what the healthy members saw.
type views struct {
	healthyRemoved, sizes int
	least, most           int // in the last minute
	verdicts              float64
	first, last           time.Duration
}

func watchFaulty(params core.Params, w *weather, n, faulty int, length time.Duration, seed uint64) (v views) {
	s := newCluster(params, n, seed, func(s *sim.Sim) { s.Net.Streams = false })
	s.Run(s.Now() + settleTime)
	sick := make(map[string]bool)
	for _, i := range s.Rand().Perm(n)[:faulty] {
		sick[s.Nodes()[i].Name] = true
	}
	begin := s.Now()
	s.OnEvent = func(at *sim.Node, e *core.Event) {
		if e.Kind != core.Changed || sick[at.Name] || e.Before.State.Live() == e.After.State.Live() {
			return
		}
		v.last = s.Now() - begin
		if e.After.State != wire.Failed {
			return
		}
		if !sick[e.After.Name] {
			v.healthyRemoved++
			return
		}
		if v.first == 0 {
			v.first = v.last
		}
		v.verdicts += 1 / float64(faulty*(n-faulty))
	}
	s.Net.LossIn, s.Net.LossOut = make(map[string]float64), make(map[string]float64)
	seen := make(map[int]bool)
	var late []time.Duration
	for since := time.Duration(0); since < length; since += time.Second {
		for name := range sick {
			s.Net.LossIn[name], s.Net.LossOut[name] = w.in(since), w.out(since)
		}
		s.Run(begin + since + time.Second)
		for _, node := range s.Nodes() {
			if sick[node.Name] {
				continue
			}
			seen[node.M.Len()] = true
			if length-since <= time.Minute {
				late = append(late, time.Duration(node.M.Len()))
			}
		}
	}
	v.sizes = len(seen)
	v.least, v.most = int(report.Quantile(late, 0)), int(report.Quantile(late, 1))
	return v
}
