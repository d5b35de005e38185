package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

const recoverMembers = 64

// healing measures HealInterval.
func healing(b *bench) {
	b.Title("HealInterval after a partition")
	length := pick(b, 30*time.Second, 2*time.Minute)
	b.Note("A network of %d is cut into halves for %v, in which each holds the other for failed, and connected again. How long until all agree that all", recoverMembers, length)
	b.Note("are alive, and what asking after the failed costs each member while the network is cut. All other fields as in swim.LAN.")
	for _, every := range []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute} {
		c := setting{params: core.LAN(), n: recoverMembers}
		c.params.HealInterval = every
		var took []time.Duration
		var retries float64
		var seeds []uint64
		for i := range pick(b, 2, 10) {
			seeds = append(seeds, b.seed(17, i))
		}
		for _, m := range each(seeds, func(seed uint64) merger { return c.measureMerger(seed, length) }) {
			took = append(took, m.took)
			retries += m.retries / float64(len(seeds))
		}
		add := b.adder("heal", fmt.Sprintf("HealInterval=%v, n=%d", every, c.n))
		add("all agree after, mean", report.Mean(took)/1e9, "s")
		add("all agree after, worst", seconds(took, 1), "s")
		add("pings to failed members, of a member", retries, "/s")
	}
}

// merger is how two halves became one again.
type merger struct {
	took    time.Duration // 5 minutes if they did not
	retries float64       // a member's pings to failed ones, a second, while cut off
}

func (c *setting) measureMerger(seed uint64, length time.Duration) (m merger) {
	s := c.start(seed)
	var half []string
	for _, n := range s.Nodes()[:c.n/2] {
		half = append(half, n.Name)
	}
	s.Net.Partition(half)
	s.Run(s.Now() + length)
	for _, n := range s.Nodes() {
		m.retries += float64(n.M.Stats().Retries) / float64(c.n) / length.Seconds()
	}
	s.Net.Heal()
	begin := s.Now()
	for s.Now()-begin < 5*time.Minute && sim.Disagreement(s.Sim) != "" {
		s.Run(s.Now() + 100*ms)
	}
	m.took = s.Now() - begin
	return m
}

// returning measures ReturnDelay.
func returning(b *bench) {
	b.Title("ReturnDelay of a member with a bad link")
	length := pick(b, 5*time.Minute, 30*time.Minute)
	b.Note("One of %d receives nothing for 20 s of every 40 s, for %v; then its link is well. How often a peer sees it fail, for how much of the", recoverMembers, length)
	b.Note("time with the bad link it is out, and for how long after. Without a delay it comes and goes for ever. All other fields as in swim.LAN.")
	for _, delay := range []time.Duration{0, 5 * time.Second, 15 * time.Second, time.Minute} {
		c := setting{params: core.LAN(), n: recoverMembers}
		c.params.ReturnDelay = delay
		name := delay.String()
		if delay == 0 {
			name = "off"
		}
		f := c.measureFlapping(b.seed(18), length)
		add := b.adder("return", fmt.Sprintf("ReturnDelay=%s, n=%d", name, c.n))
		add("seen to fail", float64(f.failures), "")
		add("out while the link is bad", 100*f.out.Seconds()/length.Seconds(), "%")
		add("out after it is well", f.after.Seconds(), "s")
	}
}

// flapping is how a member with a bad link looked to a peer.
type flapping struct {
	failures   int
	out, after time.Duration // while the link was bad, and from then on
}

func (c *setting) measureFlapping(seed uint64, length time.Duration) (f flapping) {
	s := c.start(seed)
	peer, ill := s.Nodes()[0], s.Nodes()[c.n-1]
	s.OnEvent = func(at *sim.Node, e *core.Event) {
		if at == peer && failed(e) && e.After.Name == ill.Name {
			f.failures++
		}
	}
	const step = 100 * ms
	for begin := s.Now(); s.Now()-begin < length; {
		s.Net.LossIn = nil
		if (s.Now()-begin)%(40*time.Second) < 20*time.Second {
			s.Net.LossIn = map[string]float64{ill.Name: 1}
		}
		s.Run(s.Now() + step)
		if m, _ := peer.M.Member(ill.Name); !m.State.Live() {
			f.out += step
		}
	}
	s.Net.LossIn = nil
	for f.after < time.Hour {
		if m, _ := peer.M.Member(ill.Name); m.State.Live() {
			break
		}
		s.Run(s.Now() + step)
		f.after += step
	}
	return f
}
