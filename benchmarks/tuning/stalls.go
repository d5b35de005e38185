package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

// stallMembers is the size of Lifeguard's cluster.
const stallMembers = 128

// points are those of Lifeguard's Interval grid (section V): so many members stand
// still for so long, again and again, with so much time between.
type points struct {
	stalled         []int
	stalls, normals []time.Duration
}

func (p points) String() string {
	return fmt.Sprintf("%v of %d members for %v, with %v between", p.stalled, stallMembers, p.stalls, p.normals)
}

func fullStalls() points {
	return points{
		stalled: []int{1, 4, 8, 12, 16, 20, 24, 28, 32},
		stalls:  []time.Duration{128 * ms, 512 * ms, 2048 * ms, 8192 * ms, 16384 * ms, 32768 * ms},
		normals: []time.Duration{1 * ms, 4 * ms, 16 * ms, 64 * ms, 256 * ms, 1024 * ms, 4096 * ms, 16384 * ms},
	}
}

func quickStalls(b *bench) points {
	return pick(b, points{[]int{4}, []time.Duration{8192 * ms}, []time.Duration{4 * ms}},
		points{[]int{4, 32}, []time.Duration{2048 * ms, 32768 * ms}, []time.Duration{4 * ms}})
}

func everyFourth(list []time.Duration) (some []time.Duration) {
	for i := 0; i < len(list); i += 4 {
		some = append(some, list[i])
	}
	return some
}

// stallRun is one point.
type stallRun struct {
	*setting
	stalled       int
	stall, normal time.Duration
	seed          uint64
}

func (p points) runs(b *bench, c *setting) (runs []*stallRun) {
	for _, count := range p.stalled {
		for _, stall := range p.stalls {
			for _, normal := range p.normals {
				runs = append(runs, &stallRun{c, count, stall, normal, b.seed(7, count, int(stall), int(normal))})
			}
		}
	}
	return runs
}

// grid is what such runs add up to.
type grid struct {
	wrong  int           // verdicts about members that never stalled
	proper time.Duration // the time of all members
	load   traffic       // of a member, a second
}

func measureStalls(runs []*stallRun) (g grid) {
	var all traffic
	for _, o := range each(runs, (*stallRun).run) {
		g.wrong += o.wrong
		g.proper += o.proper
		all.packets += o.load.packets
		all.bytes += o.load.bytes
	}
	g.load = all.per(g.proper.Seconds())
	return g
}

// stallTime is for how long a run goes on at least.
const stallTime = 2 * time.Minute

// run does one point; its load is that of all members together.
func (r *stallRun) run() (g grid) {
	s := r.start(r.seed)
	victims := make(map[string]bool)
	order := s.Rand().Perm(r.n)[:min(r.stalled, r.n-1)]
	for _, at := range order {
		victims[s.Nodes()[at].Name] = true
	}
	s.OnEvent = func(_ *sim.Node, e *core.Event) {
		if failed(e) && !victims[e.After.Name] {
			g.wrong++
		}
	}
	begin, before := s.Now(), sent(s)
	for {
		for _, at := range order {
			s.Block(s.Nodes()[at])
		}
		s.Run(s.Now() + r.stall)
		for _, at := range order {
			s.Release(s.Nodes()[at])
		}
		if s.Now()-begin >= stallTime {
			break
		}
		s.Run(s.Now() + r.normal)
	}
	g.proper, g.load = (s.Now()-begin)*time.Duration(r.n), sent(s).minus(before)
	return g
}

// lifeguardGrid is the grid, with every fourth interval of it, by RetransmitMult, whose price shows when much is
// told of many.
func lifeguardGrid(b *bench) {
	p := pick(b, quickStalls(b), fullStalls())
	p.normals = everyFourth(p.normals)
	b.Title("RetransmitMult on Lifeguard's Interval grid")
	b.Note("%v.", p)
	b.Note("That is a quarter of the grid of results/lifeguard.txt, E9, where the papers' own parameters send 7.76 messages and 1792 bytes.")
	for _, mult := range pick(b, []int{3}, []int{3, 4, 5, 6}) {
		c := setting{params: core.LAN(), n: stallMembers}
		c.params.RetransmitMult = mult
		g := measureStalls(p.runs(b, &c))
		add := b.adder("grid", fmt.Sprintf("RetransmitMult=%d, n=%d", mult, c.n))
		add("messages of a member, stalls", g.load.packets, "/s")
		add("bytes of a member, stalls", g.load.bytes, "B/s")
		add("false verdicts, stalls", float64(g.wrong), "")
		b.Flush()
	}
}
