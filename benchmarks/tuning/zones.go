package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

const zoneCount = 4

// zoneOf is the zone of the member or node of a name. Every so many-th is in the same.
func zoneOf(name string) string { return string('a' + name[len(name)-1]%zoneCount) }

// zones compares Config.Selector's that know zones with one that does not.
func zones(b *bench) {
	n := pick(b, 32, 128)
	b.Title("Config.Selector: zones")
	b.Note("%d members in %d equal zones, 1-10 ms one way between any two, no loss, swim.LAN else. A member changes its metadata every second, one after", n, zoneCount)
	b.Note("another. How much crosses zones: of gossip, and of all bytes, probes and comparisons included. Crashes as for the fields.")
	for _, thinning := range []uint8{0, 1, 4, 16} {
		name := fmt.Sprintf("selector.Zoned, Thinning=%d", thinning)
		if thinning == 0 {
			name = "selector.RoundRobin"
		}
		c := zonedSetting(n, thinning)
		var crossing zoned
		var crashes detection
		var told news
		each([]func(){
			func() { crossing = c.measureZones(b.seed(21), pick(b, 20*time.Second, 2*time.Minute)) },
			func() { crashes = c.measureCrashes(b.seed(22), 16) },
			func() { told = c.measureNews(b.seed(23), pick(b, 20, 300)) },
		}, func(run func()) struct{} { run(); return struct{}{} })
		add := b.adder("zones", fmt.Sprintf("%s, n=%d", name, n))
		add("gossip that crosses zones", 100*crossing.gossip, "%")
		add("bytes that cross zones", 100*crossing.bytes, "%")
		add("bytes that cross zones, of a member", crossing.perMember, "B/s")
		add("a crash is known to all, median", seconds(crashes.full, 0.5), "s")
		add("a change reaches all, mean", report.Mean(told.took)/1e9, "s")
		add("a change reaches all, 99 %", seconds(told.took, 0.99), "s")
	}
}

func zonedSetting(n int, thinning uint8) setting {
	return setting{params: core.LAN(), n: n, setup: func(s *sim.Sim) {
		s.Net.Delay = between(ms, 10*ms)
		if thinning == 0 {
			return
		}
		s.Configure = func(n *sim.Node, cfg *core.Config) {
			cfg.Selector = &selector.Zoned{
				Own: zoneOf(n.Name), Thinning: thinning,
				Zone: func(m wire.Member) string { return zoneOf(m.Name) },
			}
		}
	}}
}

// zoned is what crosses zones.
type zoned struct{ gossip, bytes, perMember float64 }

func (c *setting) measureZones(seed uint64, length time.Duration) (z zoned) {
	s := c.start(seed)
	byAddr := make(map[string]string)
	for _, n := range s.Nodes() {
		byAddr[n.Addr] = zoneOf(n.Name)
	}
	var all, across, gossip, gossipAcross float64
	s.OnPacket = func(from *sim.Node, p *core.Packet) {
		size, crosses := float64(encoding.Size(p.Msg)), byAddr[p.To] != byAddr[from.Addr]
		all += size
		if crosses {
			across += size
		}
		if p.Msg.Kind == wire.Gossip {
			gossip++
			if crosses {
				gossipAcross++
			}
		}
	}
	for i := range int(length / time.Second) {
		s.SetMeta(s.Nodes()[i%c.n], fmt.Sprint(i))
		s.Run(s.Now() + time.Second)
	}
	return zoned{gossipAcross / max(gossip, 1), across / max(all, 1), across / length.Seconds() / float64(c.n)}
}
