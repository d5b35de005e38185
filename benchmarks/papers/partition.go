package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

const (
	// healAim is how soon after its end a cut should be forgotten.
	healAim = time.Minute
	// joinPatience is how long agreement is waited for after a Join.
	joinPatience = 10 * time.Minute
	// aDay is longer than failed members are remembered.
	aDay = 24 * time.Hour
	// seedsOfAll is how many members all others have for seeds.
	seedsOfAll = 3
)

// partition cuts a cluster into halves for a time, and asks what becomes of it.
func partition(b *bench) {
	n := pick(b, 32, 128)
	b.Title("E17: the network is cut into halves, and heals")
	b.Note("%d members, 50-100 µs one way, no loss. Halves that hold each other for failed find each other again by asking after one who failed, now and", n)
	b.Note("then, for as long as they remember: %v. A day is longer. Then they meet at their seeds, which are %d members drawn for each run, by the", core.LAN().ForgetAfter, seedsOfAll)
	b.Note("Driver's rule for Config.Seeds; (ours, no seeds) has none. Wherever not all agree within a minute, one member of one half joins through one")
	b.Note("of the other. Views are the pairs of members of different halves, by whether one holds the other for alive or suspect. All agree when all")
	b.Note("tables are equal and as the members are, looked at every 100 ms. A verdict is wrong where it is about a member that its holder can reach: one")
	b.Note("of its own half, or any once the network is whole. Bytes are all that is sent, packets and streams, from then on until all agree.")
	for _, length := range []time.Duration{time.Minute, 10 * time.Minute, aDay} {
		trials := 10
		if length == aDay { // which takes as long as 144 of ten minutes
			trials = pick(b, 1, 4)
		}
		for _, c := range []halving{
			{name: "Lifeguard", params: core.Lifeguard()},
			{name: "ours, no seeds", params: core.LAN()},
			{name: "ours", params: core.LAN(), seeds: seedsOfAll},
		} {
			c.members, c.length = n, length
			mergers := make([]merger, trials)
			parallel(trials, func(i int) { mergers[i] = cutAndHeal(&c, b.seed(17, i)) })
			printMergers(b, &c, mergers)
			b.Flush()
		}
	}
}

func printMergers(b *bench, c *halving, mergers []merger) {
	var healed, alone, bytes []float64
	var unaided, aided []time.Duration
	agreed, wrong := 0, 0
	for _, m := range mergers {
		healed, alone, bytes = append(healed, m.healed), append(alone, m.alone), append(bytes, m.bytes/float64(c.members))
		wrong += m.wrong
		if m.agreed {
			agreed++
		}
		if m.joined {
			aided = append(aided, m.took)
		} else {
			unaided = append(unaided, m.took)
		}
	}
	setting := fmt.Sprintf("%s, %v, %d runs", c.name, c.length, len(mergers))
	add := func(metric string, value float64, unit, reference, source string) {
		b.Add(row("E17", setting, metric, value, unit, reference, source))
	}
	limit := fmt.Sprintf("<= %.0f", healAim.Seconds())
	add("views across, when the network heals", report.Mean(healed), "%", "", "")
	add("views across, a minute later", report.Mean(alone), "%", "memberlist 0", "hazard H6")
	add("runs in which all agree by themselves within a minute", percent(len(unaided), len(mergers)), "%", "100", "aim")
	if len(unaided) > 0 {
		add("until all agree, by themselves, mean", report.Mean(unaided)/1e9, "s", "", "")
		add("until all agree, by themselves, max", report.Quantile(unaided, 1).Seconds(), "s", limit, "aim")
	}
	if len(aided) > 0 {
		add("until all agree, from that Join, mean", report.Mean(aided)/1e9, "s", "", "")
		add("until all agree, from that Join, max", report.Quantile(aided, 1).Seconds(), "s", limit, "aim")
	}
	add("runs in which all agree in the end", percent(agreed, len(mergers)), "%", "100", "aim")
	add("wrong verdicts about reachable members, all runs", float64(wrong), "", "0", "aim")
	add("bytes per member until all agree, mean", report.Mean(bytes), "B", "", "")
}

// halving is one way to part a cluster.
type halving struct {
	name    string
	params  core.Params
	members int
	seeds   int // how many members all have for seeds
	length  time.Duration
	setup   func(*sim.Sim) // nil for none
}

// merger is what became of two halves.
type merger struct {
	healed, alone float64       // views across, in percent
	joined        bool          // they did not agree by themselves in time
	agreed        bool          // in the end
	took          time.Duration // from the network's healing or, if joined, from that
	wrong         int           // verdicts about members that could be reached
	asked         int           // seeds
	bytes         float64
}

func cutAndHeal(c *halving, seed uint64) (m merger) {
	s := newNetwork(c.params, seed)
	if c.setup != nil {
		c.setup(s)
	}
	for i := range c.members {
		s.Start(memberName(i))
	}
	s.Introduce(s.Nodes())
	half := make(map[string]bool)
	var names []string
	for _, node := range s.Nodes()[:c.members/2] {
		half[node.Name] = true
		names = append(names, node.Name)
	}
	whole := true
	s.OnEvent = func(at *sim.Node, e *core.Event) {
		if e.Kind == core.Changed && e.After.State == wire.Failed && e.Before.State.Live() && (whole || half[at.Name] == half[e.After.Name]) {
			m.wrong++
		}
	}
	seekers := seek(s, c.seeds)
	s.Run(s.Now() + settleTime)
	whole = false
	s.Net.Partition(names)
	s.Run(s.Now() + c.length)
	s.Net.Heal()
	whole = true
	m.healed = across(s, half)
	healed, before := s.Now(), sent(s)
	m.agreed = agree(s, healAim)
	m.took, m.bytes = s.Now()-healed, sent(s)-before
	s.Run(healed + healAim)
	m.alone = across(s, half)
	if !m.agreed {
		m.joined = true
		joined := s.Now()
		s.Join(s.Nodes()[0], s.Nodes()[c.members-1].Name)
		m.agreed = agree(s, joinPatience)
		m.took, m.bytes = s.Now()-joined, sent(s)-before
	}
	m.asked = seekers.Asked
	return m
}

// seek gives all nodes the same seeds, which are drawn among them.
func seek(s *sim.Sim, seeds int) *sim.Seekers {
	if seeds == 0 {
		return sim.Seek(s)
	}
	var names []string
	for _, i := range s.Rand().Perm(len(s.Nodes()))[:seeds] {
		names = append(names, s.Nodes()[i].Name)
	}
	seekers := sim.Seek(s, names...)
	for _, n := range s.Nodes() {
		seekers.Start(n)
	}
	return seekers
}

// agree lets time pass until all agree, and reports whether they did in time.
func agree(s *sim.Sim, patience time.Duration) bool {
	for begin := s.Now(); s.Now()-begin < patience; {
		s.Run(s.Now() + 100*ms)
		if complete(s, len(s.Nodes())) && sim.Disagreement(s) == "" {
			return true
		}
	}
	return false
}

// sent is how many bytes all have sent.
func sent(s *sim.Sim) float64 {
	t := total(s)
	return float64(t.PacketBytes + t.StreamBytes)
}

// across is how many percent of the members of the other half a member holds for
// live, on average.
func across(s *sim.Sim, half map[string]bool) float64 {
	live := 0
	for _, node := range s.Nodes() {
		for member := range node.M.Members() {
			if member.State.Live() && half[member.Name] != half[node.Name] {
				live++
			}
		}
	}
	return percent(live, 2*len(half)*(len(s.Nodes())-len(half)))
}
