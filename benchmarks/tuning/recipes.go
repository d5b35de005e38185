package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

// circumstance is where a recipe is meant for.
type circumstance struct {
	name, note string
	n          int
	setup      func(*sim.Sim) // before the nodes are started
	begin      func(*cluster) // when they have settled
	recipes    []recipe
}

// recipe is swim.LAN or another preset, with changes.
type recipe struct {
	name   string
	params func() core.Params
}

func with(name string, set func(*core.Params)) recipe {
	return recipe{name, func() core.Params {
		p := core.LAN()
		set(&p)
		return p
	}}
}

var (
	lan   = recipe{"swim.LAN", core.LAN}
	wan   = recipe{"swim.WAN", core.WAN}
	local = recipe{"swim.Local", core.Local}
	fast  = with("fast", func(p *core.Params) {
		p.ProbeInterval, p.ProbeTimeout, p.GossipInterval = 250*ms, 125*ms, 50*ms
	})
	thrifty = with("thrifty", func(p *core.Params) {
		p.ProbeInterval, p.ProbeTimeout, p.GossipInterval = 5*time.Second, time.Second, time.Second
		p.SyncInterval, p.HealInterval = 5*time.Minute, time.Minute
	})
	patient  = with("SuspicionMult=2", func(p *core.Params) { p.SuspicionMult = 2 })
	sedate   = with("SuspicionMult=4", func(p *core.Params) { p.SuspicionMult = 4 })
	insisted = with("IndirectProbes=6, RetransmitMult=5", func(p *core.Params) { p.IndirectProbes, p.RetransmitMult = 6, 5 })
)

func circumstances() []circumstance {
	return []circumstance{
		{"LAN", "50-100 µs one way, no loss", 128, nil, nil, []recipe{lan, local, fast, thrifty}},
		{"ten", "the same, 10 members", 10, nil, nil, []recipe{lan, local, fast, thrifty}},
		{"WAN", "20-150 ms one way, 1 % loss", 64, func(s *sim.Sim) {
			s.Net.Delay, s.Net.Loss = between(20*ms, 150*ms), 0.01
		}, nil, []recipe{lan, wan, patient, fast}},
		{"lossy", "50-100 µs one way, 20 % loss", 64, nil, func(s *cluster) { s.Net.Loss = 0.20 }, []recipe{lan, patient, insisted, wan, fast}},
		{
			"throttled", "as on a LAN, and each member runs for 20 ms of every 100 ms, as with a quota of CPU", 64, nil,
			func(s *cluster) { s.pauseAll(80*ms, 100*ms) },
			[]recipe{lan, patient, wan, fast},
		},
		{
			"slow", "as on a LAN, and a quarter of the members stand still for 3 s of every 5 s, each at another time", 64, nil,
			func(s *cluster) { s.pauseSome(4, 3*time.Second, 5*time.Second) },
			[]recipe{lan, patient, sedate, wan, fast},
		},
	}
}

// pauseAll lets all processes pause, as pauseSome does.
func (s *cluster) pauseAll(length, every time.Duration) { s.pauseSome(1, length, every) }

// pauseSome lets every so many-th process pause for a time, again and again.
func (s *cluster) pauseSome(oneIn int, length, every time.Duration) {
	for i := 0; i < len(s.Nodes()); i += oneIn {
		n := s.Nodes()[i]
		var pause func()
		pause = func() {
			if !n.Up() {
				return
			}
			s.Freeze(n)
			s.At(s.Now()+length, func() { s.Release(n) })
			s.At(s.Now()+every, pause)
		}
		s.At(s.Now()+time.Duration(s.Rand().Int64N(int64(every))), pause)
	}
}

// recipes measures settings together where they are meant for, and others beside
// them.
func recipes(b *bench) {
	b.Title("recipes where they are meant for")
	length := pick(b, time.Minute, 3*time.Minute)
	b.Note("Each row names what differs from swim.LAN. fast: ProbeInterval 250ms, ProbeTimeout 125ms, GossipInterval 50ms. thrifty: ProbeInterval 5s,")
	b.Note("ProbeTimeout 1s, GossipInterval 1s, SyncInterval 5m, HealInterval 1m. False verdicts are those about members that run, at all observers, within %v;", length)
	b.Note("a crash that is not known to all within %v is counted, and not in the times.", crashPatience)
	for _, c := range circumstances() {
		c.n = pick(b, min(c.n, 32), c.n)
		b.Note("%s: %s, %d members.", c.name, c.note, c.n)
		for _, r := range c.recipes {
			measureRecipe(b, &c, r, length)
		}
		b.Flush()
	}
}

func measureRecipe(b *bench, c *circumstance, r recipe, length time.Duration) {
	at := setting{params: r.params(), n: c.n, setup: c.setup, begin: c.begin}
	clusters, changes := pick(b, 2, max(256/c.n, 4)), pick(b, 10, 30)
	crashes := make([]detection, clusters)
	var load traffic
	var told news
	var wrong verdicts
	shares := []func(){
		func() { load = at.measureLoad(b.seed(c.n, 1)) },
		func() { told = at.measureNews(b.seed(c.n, 2), changes) },
		func() { wrong = at.measureLoss(b.seed(c.n, 5), 0, length) },
	}
	for i := range clusters {
		shares = append(shares, func() { crashes[i] = at.measureCrashes(b.seed(c.n, 6+i), 16) })
	}
	each(shares, func(run func()) struct{} { run(); return struct{}{} })
	var all detection
	for _, d := range crashes {
		all.add(&d)
	}
	add := b.adder("recipes", fmt.Sprintf("%s: %s", c.name, r.name))
	add("messages of a member", load.packets, "/s")
	add("bytes of a member", load.bytes, "B/s")
	all.print(add)
	add("a change reaches all, mean", report.Mean(told.took)/1e9, "s")
	add("a change reaches all, 99 %", seconds(told.took, 0.99), "s")
	add("false verdicts", float64(wrong.all), "")
	add("members that they are about", float64(len(wrong.members)), "")
}
