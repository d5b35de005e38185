package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

// crashes are Rapid's Figure 8 and Table 2.
func crashes(b *bench) {
	n, crashed := pick(b, 128, 1000), pick(b, 2, 10)
	const before, after = 30 * time.Second, 90 * time.Second
	b.Title("E13: 1 %% of the members crash at once (Rapid, Figure 8 and Table 2)")
	b.Note("%d of %d members crash; no loss, 50-100 µs one way. Times are from the crash. View sizes are those of the survivors, sampled each second.", crashed, n)
	b.Note("Loads are those of each surviving member in each second, from %v before the crash to %v after it, with the syncs over streams and", before, after)
	b.Note("without the headers of UDP, TCP and IP; 1 KB is 1000 bytes. Rapid's are of 1000 processes on 100 virtual machines, and of memberlist's and")
	b.Note("Rapid's encodings. Rapid gives no time of the crash, so its 2 s for memberlist are from the first change of a view to the last.")
	list := []configuration{{name: "Lifeguard", params: core.Lifeguard()}, {name: "ours", params: core.LAN()}}
	for i, r := range each(list, func(c configuration) removal {
		return removeCrashed(c.params, n, crashed, before, after, b.seed(13))
	}) {
		add := func(metric string, value float64, unit, reference, source string) {
			b.Add(row("E13", fmt.Sprintf("%s, N=%d", list[i].name, n), metric, value, unit, reference, source))
		}
		add("observers that removed all", percent(len(r.done), n-crashed), "%", "100", "aim")
		add("all removed at the first observer after", report.Quantile(r.done, 0).Seconds(), "s", "", "")
		add("all removed at the last observer after", report.Quantile(r.done, 1).Seconds(), "s", "", "")
		add("from the first change of a view to the last", (report.Quantile(r.done, 1) - r.first).Seconds(), "s", "memberlist 2", "Figure 8")
		add("distinct view sizes", float64(r.sizes), "", "memberlist 11, Rapid 2", "Figure 8")
		add("received, mean", report.Mean(r.received), "KB/s", "memberlist 0.54, Rapid 0.71", "Table 2")
		add("received, 99 %", report.Quantile(r.received, 0.99), "KB/s", "memberlist 5.61, Rapid 3.66", "Table 2")
		add("received, max", report.Quantile(r.received, 1), "KB/s", "memberlist 7.36, Rapid 9.56", "Table 2")
		add("sent, mean", report.Mean(r.sent), "KB/s", "memberlist 0.64, Rapid 0.71", "Table 2")
		add("sent, 99 %", report.Quantile(r.sent, 0.99), "KB/s", "memberlist 6.40, Rapid 3.72", "Table 2")
		add("sent, max", report.Quantile(r.sent, 1), "KB/s", "memberlist 8.04, Rapid 11.37", "Table 2")
	}
}

// removal is how the survivors got rid of the crashed.
type removal struct {
	first          time.Duration   // change of a view
	done           []time.Duration // when each had removed all
	sizes          int
	received, sent []float64 // KB/s of each member and second
}

func removeCrashed(params core.Params, n, crashed int, before, after time.Duration, seed uint64) (r removal) {
	s := newCluster(params, n, seed)
	s.Run(s.Now() + settleTime)
	order := s.Rand().Perm(n)
	dead := make(map[string]bool)
	var survivors []*sim.Node
	for _, i := range order[crashed:] {
		survivors = append(survivors, s.Nodes()[i])
	}
	for _, i := range order[:crashed] {
		dead[s.Nodes()[i].Name] = true
	}
	in, out := make(map[string]int), make(map[string]int) // bytes by address, in this second
	var sizes codec.Msgpack
	s.OnPacket = func(from *sim.Node, p *core.Packet) {
		bytes := sizes.Size(p.Msg)
		out[from.Addr] += bytes
		in[p.To] += bytes
	}
	seen := make(map[int]bool)
	second := func() {
		s.Run(s.Now() + time.Second)
		for _, node := range survivors {
			seen[node.M.Len()] = true
			r.received = append(r.received, float64(in[node.Addr])/1000)
			r.sent = append(r.sent, float64(out[node.Addr])/1000)
		}
		clear(in)
		clear(out)
	}
	for range before / time.Second {
		second()
	}
	begin, left := s.Now(), make(map[string]int)
	s.OnEvent = func(at *sim.Node, e *core.Event) {
		if e.Kind != core.Changed || !dead[e.After.Name] || !e.Before.State.Live() || e.After.State.Live() || dead[at.Name] {
			return
		}
		since := s.Now() - begin
		if r.first == 0 {
			r.first = since
		}
		if left[at.Name]++; left[at.Name] == crashed {
			r.done = append(r.done, since)
		}
	}
	for name := range dead {
		s.Crash(s.Node(name))
	}
	for range after / time.Second {
		second()
	}
	r.sizes = len(seen)
	return r
}
