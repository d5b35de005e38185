package main

import (
	"fmt"

	"github.com/swim-go/swim/internal/core"
)

// gossipAlone measures RetransmitMult at more sizes, since the times that a claim is
// sent go up by steps, of which the last members before the next have the least.
func gossipAlone(b *bench) {
	b.Title("RetransmitMult by size: what reaches all, and how soon")
	b.Note("As for the fields. Changes of metadata one at a time, no loss.")
	for _, n := range pick(b, []int{9, 64}, []int{9, 32, 64, 99, 128, 256, 512}) {
		for _, mult := range pick(b, []int{3, 4}, []int{3, 4, 5, 6}) {
			c := setting{params: core.LAN(), n: n}
			c.params.RetransmitMult = mult
			f := &figures{changes: pick(b, 40, max(min(100_000/n, 1000), 300))}
			each([]share{
				func(f *figures) { f.news = c.measureNews(b.seed(n, 2), f.changes) },
				func(f *figures) { f.gossip = c.measureGossip(b.seed(n, 3), f.changes) },
			}, func(run share) struct{} { run(f); return struct{}{} })
			f.printNews(b.adder("gossip", fmt.Sprintf("RetransmitMult=%d, n=%d", mult, n)))
		}
		b.Flush()
	}
}
