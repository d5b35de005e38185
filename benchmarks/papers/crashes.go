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
	b.Title("E13: 1 %% of the members crash at once (Rapid, Figure 8 and Table 2)")
	b.Note("%d of %d members crash; no loss, 50-100 µs one way. Times are from the crash. View sizes are those of the survivors, sampled each second.", crashed, n)
	b.Note("Loads are those of each surviving member in each second, from %v before the crash to %v after it, which is a whole number of sync", beforeCrash, afterCrash)
	b.Note("intervals, without the headers of UDP, TCP and IP; 1 KB is 1000 bytes. A sync over a stream takes the whole table, 35 KB of 1000 members,")
	b.Note("within one second. memberlist's published maxima are below what a table of 1000 takes, so they seem to leave its own syncs out: packets")
	b.Note("alone are set beside them. Rapid's are of 1000 processes on 100 virtual machines, and of memberlist's and Rapid's encodings.")
	b.Note("Rapid does not tell when the crash was, so its 2 s for memberlist are from the first change of a view to the last.")
	list := []configuration{{name: "Lifeguard", params: core.Lifeguard()}, {name: "ours", params: core.LAN()}}
	for i, r := range each(list, func(c configuration) removal { return removeCrashed(c.params, n, crashed, b.seed(13)) }) {
		add := func(metric string, value float64, unit, reference, source string) {
			b.Add(row("E13", fmt.Sprintf("%s, N=%d", list[i].name, n), metric, value, unit, reference, source))
		}
		add("observers that removed all", percent(len(r.done), n-crashed), "%", "100", "aim")
		add("all removed at the first observer after", report.Quantile(r.done, 0).Seconds(), "s", "", "")
		add("all removed at the last observer after", report.Quantile(r.done, 1).Seconds(), "s", "", "")
		add("from the first change of a view to the last", (report.Quantile(r.done, 1) - r.first).Seconds(), "s", "memberlist 2", "Figure 8")
		add("distinct view sizes", float64(r.sizes), "", "memberlist 11, Rapid 2", "Figure 8")
		for _, l := range []struct {
			name      string
			loads     []float64
			published []string
		}{
			{"received in packets", r.packets.received, []string{"memberlist 0.54, Rapid 0.71", "memberlist 5.61, Rapid 3.66", "memberlist 7.36, Rapid 9.56"}},
			{"sent in packets", r.packets.sent, []string{"memberlist 0.64, Rapid 0.71", "memberlist 6.40, Rapid 3.72", "memberlist 8.04, Rapid 11.37"}},
			{"received, with streams", r.all.received, nil},
			{"sent, with streams", r.all.sent, nil},
		} {
			add(l.name+", mean", report.Mean(l.loads), "KB/s", at(l.published, 0), "Table 2")
			add(l.name+", 99 %", report.Quantile(l.loads, 0.99), "KB/s", at(l.published, 1), "Table 2")
			add(l.name+", max", report.Quantile(l.loads, 1), "KB/s", at(l.published, 2), "Table 2")
		}
	}
}

// A cluster of 1000 syncs every 180 s, one of 128 every 90 s: each member as
// often as any other, whenever the window begins.
const (
	beforeCrash = 60 * time.Second
	afterCrash  = 120 * time.Second
)

// removal is how the survivors got rid of the crashed.
type removal struct {
	first        time.Duration   // change of a view
	done         []time.Duration // when each had removed all
	sizes        int
	packets, all meter
}

// meter takes what members receive and send, second by second.
type meter struct {
	in, out        map[string]int // bytes by address, in this second
	received, sent []float64      // KB/s of each member and second
}

func (m *meter) add(from, to string, bytes int) {
	if m.in == nil {
		m.in, m.out = make(map[string]int), make(map[string]int)
	}
	m.in[to] += bytes
	m.out[from] += bytes
}

// second ends a second.
func (m *meter) second(members []*sim.Node) {
	for _, node := range members {
		m.received = append(m.received, float64(m.in[node.Addr])/1000)
		m.sent = append(m.sent, float64(m.out[node.Addr])/1000)
	}
	clear(m.in)
	clear(m.out)
}

func removeCrashed(params core.Params, n, crashed int, seed uint64) (r removal) {
	s := newCluster(params, n, seed)
	s.Run(s.Now() + settleTime)
	dead := make(map[string]bool)
	var survivors []*sim.Node
	for i, victim := range s.Rand().Perm(n) {
		if node := s.Nodes()[victim]; i < crashed {
			dead[node.Name] = true
		} else {
			survivors = append(survivors, node)
		}
	}
	var encoding codec.Msgpack
	s.OnPacket = func(from *sim.Node, p *core.Packet) {
		bytes := encoding.Size(p.Msg)
		r.all.add(from.Addr, p.To, bytes)
		if !p.Stream {
			r.packets.add(from.Addr, p.To, bytes)
		}
	}
	seen := make(map[int]bool)
	watch := func(length time.Duration) {
		for range length / time.Second {
			s.Run(s.Now() + time.Second)
			for _, node := range survivors {
				seen[node.M.Len()] = true
			}
			r.all.second(survivors)
			r.packets.second(survivors)
		}
	}
	watch(beforeCrash)
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
	watch(afterCrash)
	r.sizes = len(seen)
	return r
}
