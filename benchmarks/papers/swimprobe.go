package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// swimLoad is the SWIM paper's Figure 2.
func swimLoad(b *bench) {
	b.Title("E1: messages per member and period (SWIM, Figure 2)")
	swimConditions(b)
	b.Note("40 periods without failures; deviation is that of one member's count in one period. The paper's are read off a figure.")
	type point struct {
		n              int
		sent, received string
	}
	points := []point{
		{5, "2.08", "2.08"},
		{13, "2.11", "2.15"},
		{21, "2.10", "2.12"},
		{28, "2.00", "2.00"},
		{36, "2.02", "2.02"},
		{44, "1.98", "2.00"},
		{51, "2.13", "2.14"},
		{55, "1.98", "1.98"},
		{128, "2 (analysis)", "2 (analysis)"},
		{1000, "2 (analysis)", "2 (analysis)"},
		{10000, "2 (analysis)", "2 (analysis)"},
	}
	points = slices.DeleteFunc(points, func(p point) bool { return p.n > b.largest || b.Quick && p.n > 128 })
	type counts struct{ sent, received []float64 }
	for i, c := range each(points, func(p point) (c counts) {
		s := newCluster(swimParams(p.n, 1), p.n, b.seed(1, p.n), asPublished(p.n))
		s.Run(s.Now() + 30*period)
		for range 40 {
			before := make([][2]uint64, p.n)
			for i, n := range s.Nodes() {
				before[i] = [2]uint64{n.Sent.Packets, received(n)}
			}
			s.Run(s.Now() + period)
			for i, n := range s.Nodes() {
				c.sent = append(c.sent, float64(n.Sent.Packets-before[i][0]))
				c.received = append(c.received, float64(received(n)-before[i][1]))
			}
		}
		return c
	}) {
		p, setting := points[i], fmt.Sprintf("N=%d", points[i].n)
		mean, deviation := spread(c.sent)
		b.Add(row("E1", setting, "sent", mean, "/period", p.sent, "Figure 2"))
		b.Add(row("E1", setting, "sent, deviation", deviation, "/period", "0.8-1.2", "Figure 2"))
		mean, deviation = spread(c.received)
		b.Add(row("E1", setting, "received", mean, "/period", p.received, "Figure 2"))
		b.Add(row("E1", setting, "received, deviation", deviation, "/period", "0.8-1.2", "Figure 2"))
	}
}

// swimDetection is the SWIM paper's Figure 3a.
func swimDetection(b *bench) {
	b.Title("E2: first detection of a crash, in periods (SWIM, Figure 3a)")
	swimConditions(b)
	b.Note("The paper's model has synchronous periods and counts them: e/(e-1) = 1.582 at most on average; its 29 measured points have a mean of")
	b.Note("1.757. Ours are not synchronous: the first ping comes after 1.02 periods in the mean, and its verdict falls one period later.")
	b.Note("A member that crashes is one that is cut off at a random moment; its first detection is the first suspicion of it. %d trials of each", detectionTrials(b, 128))
	b.Note("size to 128, %d of 1000 and %d of 10000.", detectionTrials(b, 1000), detectionTrials(b, 10000))
	sizes := pick(b, []int{8, 40}, []int{8, 16, 24, 32, 40, 128, 1000, 10000})
	sizes = slices.DeleteFunc(sizes, func(n int) bool { return n > b.largest })
	type batch struct{ n, part int }
	var list []batch
	for _, n := range sizes {
		for part := range batchesOf(n) {
			list = append(list, batch{n, part})
		}
	}
	type times struct{ pinged, suspected []float64 }
	results := each(list, func(x batch) (t times) {
		s := newCluster(patient(swimParams(x.n, 1)), x.n, b.seed(2, x.n, x.part), asPublished(x.n))
		for range detectionTrials(b, x.n) / batchesOf(x.n) {
			s.Run(s.Now() + 15*period + time.Duration(s.Rand().Int64N(int64(period))))
			pinged, suspected := cutOff(s, s.Nodes()[s.Rand().IntN(x.n)])
			t.pinged, t.suspected = append(t.pinged, pinged), append(t.suspected, suspected)
		}
		return t
	})
	for _, n := range sizes {
		var t times
		batches := batchesOf(n)
		for _, part := range results[:batches] {
			t.pinged, t.suspected = append(t.pinged, part.pinged...), append(t.suspected, part.suspected...)
		}
		results = results[batches:]
		setting := fmt.Sprintf("N=%d", n)
		b.Add(row("E2", setting, "first ping, mean", report.Mean(t.pinged), "periods", "1.582", "analysis, synchronous"))
		b.Add(row("E2", setting, "first suspicion, mean", report.Mean(t.suspected), "periods", "1.757", "Figure 3a, all N"))
		b.Add(row("E2", setting, "first suspicion, 99 %", report.Quantile(t.suspected, 0.99), "periods", "4.44", "Figure 3a, largest of 29"))
	}
}

// batchesOf is in how many clusters the trials of E2 are made, and detectionTrials
// how many there are in all: a large cluster takes long, and most of the memory.
func batchesOf(n int) int {
	if n > 1000 {
		return 1
	}
	return 8
}

func detectionTrials(b *bench, n int) int {
	switch {
	case n > 1000:
		return 30
	case n > 128:
		return 200
	}
	return pick(b, 96, 1000)
}

// cutOff isolates a member until the first other one suspects it, and tells when
// it was first pinged and suspected, in periods.
func cutOff(s *sim.Sim, victim *sim.Node) (pinged, suspected float64) {
	begin := s.Now()
	since := func() float64 { return float64(s.Now()-begin) / float64(period) }
	s.OnPacket = func(from *sim.Node, p *core.Packet) {
		if pinged == 0 && p.Msg.Kind == wire.Ping && p.Msg.Target == victim.Name && from != victim {
			pinged = since()
		}
	}
	s.OnEvent = func(n *sim.Node, e *core.Event) {
		if suspected == 0 && n != victim && e.After.Name == victim.Name && e.After.State == wire.Suspect {
			suspected = since()
		}
	}
	s.Net.Partition([]string{victim.Name})
	s.RunUntil(begin+100*period, func() bool { return suspected > 0 })
	s.Net.Heal()
	s.OnPacket, s.OnEvent = nil, nil
	return pinged, suspected
}

// swimMistakes checks the analysis of false detections.
func swimMistakes(b *bench) {
	b.Title("E5: probes of healthy members that fail, under loss (SWIM, section 3.2)")
	swimConditions(b)
	b.Note("N=100, each packet lost alone. The reference is the exact value of one probe, (1-q²)(1-q⁴)^k with q the chance that a packet")
	b.Note("arrives; the paper's PM, as printed, is 1.582 times that.")
	type point struct {
		loss float64
		k    int
	}
	var points []point
	for _, k := range []int{1, 3} {
		for _, loss := range []float64{0.01, 0.05, 0.10, 0.15} {
			points = append(points, point{loss, k})
		}
	}
	periods := pick(b, 100, 1000)
	type result struct{ failed, probes uint64 }
	for i, r := range each(points, func(p point) (r result) {
		s := newCluster(patient(swimParams(100, p.k)), 100, b.seed(5, p.k, int(100*p.loss)), asPublished(100))
		s.Net.Loss = p.loss
		s.Run(s.Now() + time.Duration(periods)*period)
		for _, n := range s.Nodes() {
			stats := n.M.Stats()
			r.failed += stats.ProbesFailed
			r.probes += stats.Probes
		}
		return r
	}) {
		p := points[i]
		setting := fmt.Sprintf("loss %.0f %%, k=%d", 100*p.loss, p.k)
		q := 1 - p.loss
		b.Add(row("E5", setting, "failed", float64(r.failed)/float64(r.probes), "/probe", report.Figure(perProbe(q, p.k)), "exact"))
		b.Add(row("E5", setting, "PM as printed", printedPM(q, p.k), "", "", ""))
		b.Add(row("E5", setting, "probes", float64(r.probes), "", "", ""))
	}
}

// swimRoundRobin checks the bound that round robin gives.
func swimRoundRobin(b *bench) {
	b.Title("E6: the longest wait between two pings of one member by another, under churn (SWIM, section 4.3)")
	swimConditions(b)
	b.Note("A member joins every fifth period until the cluster has doubled. The bound is 2n-1 periods, with n the others in the end.")
	sizes := pick(b, []int{8, 16}, []int{8, 16, 32, 64})
	for i, longest := range each(sizes, func(n int) (longest time.Duration) {
		s := newCluster(swimParams(2*n, 1), n, b.seed(6, n), asPublished(2*n))
		type pair struct{ from, to string }
		last := make(map[pair]time.Duration)
		s.OnPacket = func(from *sim.Node, p *core.Packet) {
			if p.Msg.Kind != wire.Ping {
				return
			}
			key := pair{from.Name, p.Msg.Target}
			if at, before := last[key]; before {
				longest = max(longest, s.Now()-at)
			}
			last[key] = s.Now()
		}
		for joiner := range n {
			s.Join(s.Start(fmt.Sprintf("j%03d", joiner)), "m000")
			s.Run(s.Now() + 5*period)
		}
		s.Run(s.Now() + time.Duration(8*n)*period)
		return longest
	}) {
		n := 2*sizes[i] - 1 // whom each probes in the end
		setting := fmt.Sprintf("N=%d to %d", sizes[i], 2*sizes[i])
		b.Add(row("E6", setting, "longest wait", float64(longest)/float64(period), "periods", fmt.Sprintf("<= %d", 2*n-1), "2n-1"))
	}
}
