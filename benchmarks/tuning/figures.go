package main

import (
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// figures are everything that is measured of a setting.
type figures struct {
	load          traffic
	crashes       detection
	news, gossip  news
	changes       int // of each of the two
	loss5, loss20 verdicts
	stalls        grid
	stalled       bool // whether stalls were measured
}

// lossTime is for how long packets are lost: as much time of members at all sizes.
func lossTime(b *bench, n int) time.Duration {
	return pick(b, 30*time.Second, 2*time.Minute) * 128 / time.Duration(n)
}

// share is one piece of a setting's measurement: they are run at the same time.
type share func(f *figures)

func measure(b *bench, c *setting) *figures {
	// Fewer crashes and changes in large clusters, which take the longest.
	clusters, last := pick(b, 4, max(1024/c.n, 1)), pick(b, 4, 16)
	f := &figures{changes: pick(b, 40, max(min(32_000/c.n, 500), 60))}
	seed := func(part int) uint64 { return b.seed(c.n, part) }
	crashes := make([]detection, clusters)
	shares := []share{
		func(f *figures) { f.load = c.measureLoad(seed(1)) },
		func(f *figures) { f.news = c.measureNews(seed(2), f.changes) },
		func(f *figures) { f.gossip = c.measureGossip(seed(3), f.changes) },
		func(f *figures) { f.loss5 = c.measureLoss(seed(4), 0.05, lossTime(b, c.n)) },
		func(f *figures) { f.loss20 = c.measureLoss(seed(5), 0.20, lossTime(b, c.n)) },
	}
	for i := range clusters {
		shares = append(shares, func(*figures) { crashes[i] = c.measureCrashes(seed(6+i), last) })
	}
	each(shares, func(run share) struct{} { run(f); return struct{}{} })
	for _, d := range crashes {
		f.crashes.add(&d)
	}
	if f.stalled = c.n == stallMembers || b.Quick; f.stalled {
		f.stalls = measureStalls(quickStalls(b).runs(b, c))
	}
	return f
}

// print adds a row for each figure, in the order in which a user asks.
func (f *figures) print(add func(metric string, value float64, unit string)) {
	add("messages of a member", f.load.packets, "/s")
	add("bytes of a member", f.load.bytes, "B/s")
	f.crashes.print(add)
	f.printNews(add)
	add("false verdicts, 5 % loss", float64(f.loss5.all), "")
	add("false verdicts, 20 % loss", float64(f.loss20.all), "")
	if f.stalled {
		add("false verdicts, stalls", float64(f.stalls.wrong), "")
		add("messages of a member, stalls", f.stalls.load.packets, "/s")
		add("bytes of a member, stalls", f.stalls.load.bytes, "B/s")
	}
}

// print leaves out the times of what never happened.
func (d *detection) print(add func(metric string, value float64, unit string)) {
	if len(d.first) > 0 {
		add("a crash is declared by the first, median", seconds(d.first, 0.5), "s")
		add("a crash is declared by the first, 99 %", seconds(d.first, 0.99), "s")
	}
	if len(d.full) > 0 {
		add("a crash is known to all, median", seconds(d.full, 0.5), "s")
		add("a crash is known to all, 99 %", seconds(d.full, 0.99), "s")
	}
	add("crashes not known to all in time", float64(d.unknown), "")
}

func (f *figures) printNews(add func(metric string, value float64, unit string)) {
	add("a change reaches all, mean", report.Mean(f.news.took)/1e9, "s")
	add("a change reaches all, median", seconds(f.news.took, 0.5), "s")
	add("a change reaches all, 99 %", seconds(f.news.took, 0.99), "s")
	add("a change reaches all, worst", seconds(f.news.took, 1), "s")
	add("messages of a member for each change", f.news.sent.packets, "")
	add("bytes of a member for each change", f.news.sent.bytes, "B")
	add("changes that gossip alone does not bring to all", 100*float64(f.gossip.missed)/float64(f.changes), "%")
}

func (d *detection) add(o *detection) {
	d.first, d.full = append(d.first, o.first...), append(d.full, o.full...)
	d.unknown += o.unknown
	d.wrong += o.wrong
}

// seed makes one out of the command's and of what tells one run from others.
func (b *bench) seed(parts ...int) uint64 {
	h := b.Seed
	for _, p := range parts {
		h = (h ^ uint64(p)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}
