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
	begin, end       time.Duration
	in, out          func(since time.Duration) float64
	reference        string // final view size
	sizes            string // distinct view sizes
}

func weathers() []weather {
	const flip = 20 * time.Second
	never := func(time.Duration) float64 { return 0 }
	heavy := func(time.Duration) float64 { return 0.8 }
	all := func(time.Duration) float64 { return 1 }
	flipping := func(since time.Duration) float64 {
		if since/flip%2 == 0 {
			return 1
		}
		return 0
	}
	const flapping = "memberlist 990-1000 without end, Rapid 990, ZooKeeper 1000"
	const lossy = "memberlist 994-996, Rapid 990, ZooKeeper 995-1000"
	return []weather{
		{"E14", "all input lost, 20 s on, 20 s off", settleTime, 900 * time.Second, flipping, never, flapping, "memberlist 11, Rapid 2"},
		{"E15", "80 % of input lost", 90 * time.Second, 950 * time.Second, heavy, never, lossy, ""},
		{"E15", "80 % of output lost", 90 * time.Second, 950 * time.Second, never, heavy, lossy, ""},
		{"E15", "all output lost", 90 * time.Second, 950 * time.Second, never, all, "", ""},
		{"E15", "80 % of both lost", 90 * time.Second, 950 * time.Second, heavy, heavy, lossy, ""},
	}
}

// faultyInput are Rapid's Figures 9 and 10.
func faultyInput(b *bench) {
	n := pick(b, 100, 1000)
	faulty := n / 100
	b.Title("E14, E15: lasting one-way faults at 1 %% of the members (Rapid, Figures 9 and 10)")
	b.Note("%d members, %d of them faulty, from %v after the start of the run in E14 and %v in E15, to its end at %v and %v. A stream on a lossy", n, faulty,
		weathers()[0].begin, weathers()[1].begin, pick(b, quickFaulty, weathers()[0].end), pick(b, quickFaulty, weathers()[1].end))
	b.Note("path is delayed until what is lost was sent again, and fails after %v. Rapid's text has outgoing packets lost in the second experiment", sim.StreamTime)
	b.Note("and its caption incoming ones, so both are run. Views are those of the healthy members, sampled each second; Rapid's are of virtual")
	b.Note("machines. A view changes when a member is declared failed or comes back. Flaps are verdicts after the first, per healthy and faulty member.")
	b.Note("In ours who comes back waits longer each time, up to 16 times ReturnDelay, so one that is neither well nor dead flaps rarely, but does.")
	type run struct {
		weather
		configuration
	}
	var runs []run
	for _, w := range weathers() {
		if b.Quick {
			w.end = quickFaulty
		}
		if b.Wants(w.experiment) {
			for _, c := range []configuration{{name: "Lifeguard", params: core.Lifeguard()}, {name: "ours", params: core.LAN()}} {
				runs = append(runs, run{w, c})
			}
		}
	}
	for i, v := range each(runs, func(r run) views { return watchFaulty(r.params, &r.weather, n, faulty, b.seed(14)) }) {
		r := &runs[i]
		setting := r.configuration.name + ", " + r.weather.name
		add := func(metric string, value float64, unit, reference string) {
			b.Add(row(r.experiment, setting, metric, value, unit, reference, "Rapid"))
		}
		add("verdicts about healthy members", float64(v.healthyRemoved), "", "0 (aim)")
		add("distinct view sizes", float64(v.sizes), "", r.weather.sizes)
		add("smallest view in the last minute", float64(v.least), "", r.reference)
		add("largest view in the last minute", float64(v.most), "", r.reference)
		add("pairs of healthy and faulty with a verdict", v.removed, "%", "")
		add("flaps", v.flaps, "", "")
		add("first verdict after", v.first.Seconds(), "s", "")
		add("last change of a view after", v.last.Seconds(), "s", "")
	}
}

// quickFaulty is when the runs end with -quick.
const quickFaulty = 300 * time.Second

// views are what the healthy members saw.
type views struct {
	healthyRemoved, sizes int
	least, most           int // in the last minute
	removed, flaps        float64
	first, last           time.Duration // since the faults began
}

func watchFaulty(params core.Params, w *weather, n, faulty int, seed uint64) (v views) {
	s := newCluster(params, n, seed)
	sick := make(map[string]bool)
	var healthy []*sim.Node
	for i, place := range s.Rand().Perm(n) {
		if node := s.Nodes()[place]; i < faulty {
			sick[node.Name] = true
		} else {
			healthy = append(healthy, node)
		}
	}
	s.Run(w.begin)
	verdicts := make(map[[2]string]int)
	s.OnEvent = func(at *sim.Node, e *core.Event) {
		if e.Kind != core.Changed || sick[at.Name] || e.Before.State.Live() == e.After.State.Live() {
			return
		}
		v.last = s.Now() - w.begin
		switch {
		case e.After.State != wire.Failed:
		case !sick[e.After.Name]:
			v.healthyRemoved++
		default:
			if v.first == 0 {
				v.first = v.last
			}
			verdicts[[2]string{at.Name, e.After.Name}]++
		}
	}
	s.Net.LossIn, s.Net.LossOut = make(map[string]float64), make(map[string]float64)
	seen := make(map[int]bool)
	var late []time.Duration
	for now := w.begin; now < w.end; now += time.Second {
		for name := range sick {
			s.Net.LossIn[name], s.Net.LossOut[name] = w.in(now-w.begin), w.out(now-w.begin)
		}
		s.Run(now + time.Second)
		for _, node := range healthy {
			seen[node.M.Len()] = true
			if w.end-now <= time.Minute {
				late = append(late, time.Duration(node.M.Len()))
			}
		}
	}
	v.sizes = len(seen)
	v.least, v.most = int(report.Quantile(late, 0)), int(report.Quantile(late, 1))
	v.removed = percent(len(verdicts), faulty*len(healthy))
	for _, times := range verdicts {
		v.flaps += float64(times-1) / float64(faulty*len(healthy))
	}
	return v
}
