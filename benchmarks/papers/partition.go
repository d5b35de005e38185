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
	// aDay is longer than failed members are remembered.
	aDay = 24 * time.Hour
)

// partition cuts a cluster into halves for a time, and asks what becomes of it.
func partition(b *bench) {
	b.Title("E17: the network is cut into halves, and heals")
	b.Note("50-100 µs one way, no loss. Halves that hold each other for failed find each other again by asking after one who failed, now and then, for as")
	b.Note("long as they remember: %v. A day is longer, so then it takes the Driver's Seeds, which the simulator has not; in their place one", core.LAN().ForgetAfter)
	b.Note("member of one half joins through one of the other, a minute after the network heals, wherever the halves have not merged by then. (ours,")
	b.Note("remembering) shows the day with ForgetAfter beyond it. Views are the pairs of members of different halves, by whether one holds the other")
	b.Note("for alive or suspect. All agree when all tables are equal and as the members are, looked at every 100 ms. A verdict is wrong where it is")
	b.Note("about a member that its holder can reach: one of its own half, or any member once the network is whole. Bytes are all that is sent, packets")
	b.Note("and streams, from when the network is whole until all agree.")
	for _, length := range []time.Duration{time.Minute, 10 * time.Minute, aDay} {
		list := []configuration{{name: "Lifeguard", params: core.Lifeguard()}, {name: "ours", params: core.LAN()}}
		n, trials := pick(b, 64, 128), 10
		if length == aDay { // which takes as long as a hundred of the others
			n, trials = pick(b, 8, 32), pick(b, 1, 2)
			remembering := core.LAN()
			remembering.ForgetAfter = 2 * aDay
			list = append(list, configuration{name: "ours, remembering", params: remembering})
		}
		for _, c := range list {
			mergers := make([]merger, trials)
			parallel(trials, func(i int) { mergers[i] = cutAndHeal(c.params, n, length, b.seed(17, i)) })
			setting := fmt.Sprintf("%s, %v, N=%d, %d runs", c.name, length, n, trials)
			printMergers(b, setting, n, mergers)
			b.Flush()
		}
	}
}

func printMergers(b *bench, setting string, n int, mergers []merger) {
	var healed, alone, bytes []float64
	var unaided, aided []time.Duration
	agreed, wrong := 0, 0
	for _, m := range mergers {
		healed, alone, bytes = append(healed, m.healed), append(alone, m.alone), append(bytes, m.bytes/float64(n))
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
	add := func(metric string, value float64, unit, reference, source string) {
		b.Add(row("E17", setting, metric, value, unit, reference, source))
	}
	add("views across, when the network heals", report.Mean(healed), "%", "", "")
	add("views across, when all agree or a minute later", report.Mean(alone), "%", "memberlist 0", "hazard H6")
	add("runs that merge by themselves within a minute", percent(len(unaided), len(mergers)), "%", "", "")
	if len(unaided) > 0 {
		add("until all agree, by themselves, mean", report.Mean(unaided)/1e9, "s", "", "")
		add("until all agree, by themselves, max", report.Quantile(unaided, 1).Seconds(), "s", fmt.Sprintf("<= %.0f", healAim.Seconds()), "aim")
	}
	if len(aided) > 0 {
		add("until all agree, from one Join, mean", report.Mean(aided)/1e9, "s", "", "")
		add("until all agree, from one Join, max", report.Quantile(aided, 1).Seconds(), "s", fmt.Sprintf("<= %.0f", healAim.Seconds()), "aim")
	}
	add("runs in which all agree in the end", percent(agreed, len(mergers)), "%", "100", "aim")
	add("wrong verdicts about reachable members, all runs", float64(wrong), "", "0", "aim")
	add("bytes per member until all agree, mean", report.Mean(bytes), "B", "", "")
}

// merger is what became of two halves.
type merger struct {
	healed, alone float64       // views across, in percent
	joined        bool          // they did not agree by themselves in time
	agreed        bool          // in the end
	took          time.Duration // from the network's healing or, if joined, from that
	wrong         int           // verdicts about members that could be reached
	bytes         float64
}

func cutAndHeal(params core.Params, n int, length time.Duration, seed uint64, setups ...func(*sim.Sim)) (m merger) {
	s := newCluster(params, n, seed, setups...)
	s.Run(s.Now() + settleTime)
	half := make(map[string]bool)
	var names []string
	for _, node := range s.Nodes()[:n/2] {
		half[node.Name] = true
		names = append(names, node.Name)
	}
	whole := false
	s.OnEvent = func(at *sim.Node, e *core.Event) {
		if e.Kind == core.Changed && e.After.State == wire.Failed && e.Before.State.Live() && (whole || half[at.Name] == half[e.After.Name]) {
			m.wrong++
		}
	}
	s.Net.Partition(names)
	s.Run(s.Now() + length)
	s.Net.Heal()
	whole = true
	m.healed = across(s, half)
	before := total(s)
	agree := func(patience time.Duration) {
		begin := s.Now()
		for !m.agreed && s.Now()-begin < patience {
			s.Run(s.Now() + 100*ms)
			m.agreed = complete(s, n) && sim.Disagreement(s) == ""
		}
		m.took = s.Now() - begin
	}
	agree(healAim)
	m.alone = across(s, half)
	if !m.agreed {
		m.joined = true
		s.Join(s.Nodes()[0], s.Nodes()[n-1].Name)
		agree(10 * time.Minute)
	}
	after := total(s)
	m.bytes = float64(after.PacketBytes + after.StreamBytes - before.PacketBytes - before.StreamBytes)
	return m
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
