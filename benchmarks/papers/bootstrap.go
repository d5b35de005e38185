package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// bootstrap is Rapid's Figure 5 and Table 1.
func bootstrap(b *bench) {
	b.Title("E12: many join one seed at once (Rapid, Figure 5 and Table 1)")
	b.Note("N-1 members join at the same moment. Rapid's figures are of 100 virtual machines with 10 to 20 processes each, from the seed's start at")
	b.Note("10 s before; the simulator has no cost of CPU and no limit of streams, so they are context: what compares is Lifeguard's parameters, as")
	b.Note("memberlist has them, against ours. View sizes are sampled once a second. With Lifeguard's parameters what gossip missed waits for the")
	b.Note("periodic sync, which is minutes apart at these sizes; memberlist itself passes on what a join's exchange brings, as the Machine does not.")
	type point struct {
		n                int
		times, memberset string
	}
	points := []point{
		{1000, "memberlist 45.7, Rapid 29.6, ZooKeeper 33.3", "memberlist 901, Rapid 4, ZooKeeper 1000"},
		{1500, "memberlist 68.6, Rapid 40.0, ZooKeeper 81.0", "memberlist 1383, Rapid 8, ZooKeeper 1500"},
		{2000, "memberlist 97.6, Rapid 53.5, ZooKeeper 165.3", "memberlist 1858, Rapid 4, ZooKeeper 2000"},
	}
	if b.Quick {
		points = []point{{200, "", ""}}
	}
	for _, c := range []configuration{{name: "Lifeguard", params: core.Lifeguard()}, {name: "ours", params: core.LAN()}} {
		type result struct {
			all   time.Duration
			sizes int
		}
		for i, r := range each(points, func(p point) result {
			all, sizes := joinAtOnce(c.params, p.n, b.seed(12, p.n))
			return result{all, sizes}
		}) {
			setting := fmt.Sprintf("%s, N=%d", c.name, points[i].n)
			b.Add(row("E12", setting, "all see all", r.all.Seconds(), "s", points[i].times, "Figure 5"))
			b.Add(row("E12", setting, "distinct view sizes", float64(r.sizes), "", points[i].memberset, "Table 1"))
		}
	}
}

// joinAtOnce tells how long after the joins all see all, and how many sizes of
// the group were seen until then.
func joinAtOnce(params core.Params, n int, seed uint64) (all time.Duration, sizes int) {
	s := newNetwork(params, seed)
	first := s.Start(memberName(0))
	s.Run(10 * time.Second)
	for i := 1; i < n; i++ {
		s.Join(s.Start(memberName(i)), first.Name)
	}
	begin := s.Now()
	seen := make(map[int]bool)
	for s.Now()-begin < 10*time.Minute {
		s.Run(s.Now() + time.Second)
		for _, node := range s.Nodes() {
			seen[node.M.Len()] = true
		}
		if complete(s, n) {
			break
		}
	}
	return s.Now() - begin, len(seen)
}
