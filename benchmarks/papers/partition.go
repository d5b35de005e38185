package main

import (
	"fmt"
	"time"

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
	b.Note("member, and healing is a later issue. So after a minute one member of one half joins through one of the other. Views are the pairs of")
	b.Note("members of different halves, by whether one holds the other for alive or suspect. All agree when all tables are equal and as the members")
	b.Note("are, looked at every 100 ms for at most ten minutes; bytes are all that is sent in that time, packets and streams.")
	type run struct {
		configuration
		length time.Duration
	}
	var runs []run
	for _, length := range lengths {
		for _, c := range []configuration{{name: "Lifeguard", params: core.Lifeguard()}, {name: "ours", params: core.LAN()}} {
			runs = append(runs, run{c, length})
		}
	}
	for i, m := range each(runs, func(r run) merger { return cutAndHeal(r.params, n, r.length, b.seed(17)) }) {
		add := func(metric string, value float64, unit, reference, source string) {
			b.Add(row("E17", fmt.Sprintf("%s, %v", runs[i].name, runs[i].length), metric, value, unit, reference, source))
		}
		add("views across, when the network heals", m.healed, "%", "", "")
		add("views across, a minute later", m.alone, "%", "memberlist 0 after 30 s", "hazard H6")
		add("members that see all by themselves, a minute later", float64(m.recovered), "", "", "")
		add("runs in which all agree after one Join", float64(m.agreed), "", "1", "aim")
		add("until all agree, from that Join", m.took.Seconds(), "s", "", "")
		add("bytes per member in that time", m.bytes/float64(n), "B", "", "")
	}
}

// merger is what became of two halves.
type merger struct {
	healed, alone float64 // views across, in percent
	recovered     int     // members that see all
	agreed        int     // 1 if all agreed in time
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
	for m.agreed == 0 && s.Now()-begin < 10*time.Minute {
		s.Run(s.Now() + 100*time.Millisecond)
		if complete(s, n) && sim.Disagreement(s) == "" {
			m.agreed = 1
		}
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
