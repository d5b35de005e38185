package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

// partition cuts a cluster into halves for a time, and asks what becomes of it.
func partition(b *bench) {
	n := pick(b, 64, 128)
	lengths := []time.Duration{time.Minute, 10 * time.Minute}
	if !b.Quick {
		lengths = append(lengths, 24*time.Hour)
	}
	b.Title("E17: the network is cut into halves, and heals")
	b.Note("%d members, 50-100 µs one way, no loss. In this version nothing merges halves that hold each other for failed: a node looks for no failed", n)
	b.Note("member, and healing is not there yet. So after a minute one member of one half joins through one of the other. Views are the pairs of")
	b.Note("members of different halves, by whether one holds the other for alive or suspect. All agree when all tables are equal and as the members")
	b.Note("are, looked at every 100 ms for at most ten minutes; bytes are all that is sent in that time, packets and streams.")
	for _, length := range lengths {
		trials := 10
		if length > time.Hour {
			trials = 2 // a day takes as long as a hundred of the others
		}
		for _, c := range []configuration{{name: "Lifeguard", params: core.Lifeguard()}, {name: "ours", params: core.LAN()}} {
			mergers := make([]merger, trials)
			parallel(trials, func(i int) { mergers[i] = cutAndHeal(c.params, n, length, b.seed(17, i)) })
			setting := fmt.Sprintf("%s, %v, %d runs", c.name, length, trials)
			printMergers(b, setting, n, mergers)
		}
	}
}

func printMergers(b *bench, setting string, n int, mergers []merger) {
	var healed, alone, bytes []float64
	var took []time.Duration
	recovered, agreed := 0, 0
	for _, m := range mergers {
		healed, alone, bytes = append(healed, m.healed), append(alone, m.alone), append(bytes, m.bytes/float64(n))
		took = append(took, m.took)
		recovered += m.recovered
		if m.agreed {
			agreed++
		}
	}
	add := func(metric string, value float64, unit, reference, source string) {
		b.Add(row("E17", setting, metric, value, unit, reference, source))
	}
	add("views across, when the network heals", report.Mean(healed), "%", "", "")
	add("views across, a minute later", report.Mean(alone), "%", "memberlist 0", "hazard H6")
	add("members that see all by themselves, a minute later", percent(recovered, n*len(mergers)), "%", "", "")
	add("runs in which all agree after one Join", percent(agreed, len(mergers)), "%", "100", "aim")
	add("until all agree, from that Join, mean", report.Mean(took)/1e9, "s", "", "")
	add("until all agree, from that Join, max", report.Quantile(took, 1).Seconds(), "s", "", "")
	add("bytes per member in that time, mean", report.Mean(bytes), "B", "", "")
}

// merger is what became of two halves.
type merger struct {
	healed, alone float64 // views across, in percent
	recovered     int     // members that see all
	agreed        bool    // in time
	took          time.Duration
	bytes         float64
}

func cutAndHeal(params core.Params, n int, length time.Duration, seed uint64) (m merger) {
	s := newCluster(params, n, seed)
	s.Run(s.Now() + settleTime)
	half := make(map[string]bool)
	var names []string
	for _, node := range s.Nodes()[:n/2] {
		half[node.Name] = true
		names = append(names, node.Name)
	}
	s.Net.Partition(names)
	s.Run(s.Now() + length)
	s.Net.Heal()
	m.healed = across(s, half)
	s.Run(s.Now() + time.Minute)
	m.alone = across(s, half)
	for _, node := range s.Nodes() {
		if node.M.Len() == n {
			m.recovered++
		}
	}
	begin, before := s.Now(), total(s)
	s.Join(s.Nodes()[0], s.Nodes()[n-1].Name)
	for !m.agreed && s.Now()-begin < 10*time.Minute {
		s.Run(s.Now() + 100*time.Millisecond)
		m.agreed = complete(s, n) && sim.Disagreement(s) == ""
	}
	after := total(s)
	m.took = s.Now() - begin
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
