package main

import (
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// scaling measures what does and what does not grow with the cluster.
func scaling(b *bench) {
	b.Title("E20: load, detection and dissemination by size")
	b.Note("Ours, 50-100 µs one way, no loss; members know each other when they start. Loads are of a whole sync interval, in which each member")
	b.Note("compares tables once. Times are means over %d changes and crashes, one at a time. The reference of dissemination is 1.5·(log2 n + ln n)", scalingTrials)
	b.Note("rounds of gossip; that of detection, Lifeguard's least timeout α·log10(n)·1 s + 1 s + the mean wait of 1.02 s.")
	b.Note("Speeds are virtual time by that of the processors, the collector's included. They and the memory are this machine's and not determined")
	b.Note("by the seed; all sizes are run one after another, so the peak is that of the largest so far.")
	for _, n := range pick(b, []int{128, 512}, []int{128, 512, 1000, 2000, 5000, 10000}) {
		if n > b.largest {
			break
		}
		runtime.GC()
		scale(b, n)
		b.Flush()
	}
}

const scalingTrials = 5

func scale(b *bench, n int) {
	setting := fmt.Sprintf("n=%d", n)
	add := func(metric string, value float64, unit, reference, source string) {
		b.Add(row("E20", setting, metric, value, unit, reference, source))
	}
	began := cpuTime()
	s := newCluster(core.LAN(), n, b.seed(20, n))
	formed := cpuTime()
	s.Run(firstSyncs)
	before, settled := total(s), cpuTime()
	window := syncInterval(n)
	s.Run(s.Now() + window)
	speed := float64(window) / float64(cpuTime()-settled)
	after := total(s)
	perMember := window.Seconds() * float64(n)
	add("packets per member", float64(after.Packets+after.Streams-before.Packets-before.Streams)/perMember, "/s", "", "")
	add("bytes per member in packets", float64(after.PacketBytes-before.PacketBytes)/perMember, "B/s", "", "")
	add("bytes per member in streams", float64(after.StreamBytes-before.StreamBytes)/perMember, "B/s", "", "")
	add("of these bytes, to compare tables", float64(comparing(&after)-comparing(&before))/perMember, "B/s", "", "")

	var spreads, firsts, lasts []time.Duration
	for trial := range scalingTrials {
		meta := fmt.Sprint(trial)
		_, last := await(s, n-1-trial, func() { s.SetMeta(s.Nodes()[trial], meta) }, func(e *core.Event) bool {
			return e.After.Meta == meta && e.Before.Meta != meta
		})
		spreads = append(spreads, last)
		s.Run(s.Now() + 10*time.Second)
		victim := s.Nodes()[n-1-trial]
		first, last := await(s, n-1-trial, func() { s.Crash(victim) }, func(e *core.Event) bool {
			return e.After.Name == victim.Name && e.After.State == wire.Failed
		})
		firsts, lasts = append(firsts, first), append(lasts, last)
		s.Run(s.Now() + 10*time.Second)
	}
	x := float64(n)
	bound := 1.5 * (math.Log2(x) + math.Log(x)) * core.LAN().GossipInterval.Seconds()
	add("an update reaches all", report.Mean(spreads)/1e9, "s", fmt.Sprintf("<= %.2f", bound), "bound")
	add("a crash is declared by the first", report.Mean(firsts)/1e9, "s", fmt.Sprintf("%.1f", 5*math.Log10(x)+2.02), "Lifeguard, model")
	add("a crash is known to all", report.Mean(lasts)/1e9, "s", "", "")
	add("simulated, times real time, nothing changes", speed, "", "> 1", "aim")
	add("simulated, times real time, all of it", float64(s.Now())/float64(cpuTime()-formed), "", "> 1", "aim")
	add("to start all and let them know each other", (formed - began).Seconds(), "s", "", "")
	add("memory, peak", peakMemory()/(1<<30), "GiB", "<= 8", "aim")
}

// comparing is what the messages took that compare tables or bring what differs. The
// digest that says whether there is cause rides in pings and acks, and is not in it.
func comparing(t *sim.Traffic) (bytes uint64) {
	for _, k := range []wire.Kind{wire.Sync, wire.SyncReply, wire.Compare, wire.Comparison, wire.Visit} {
		bytes += t.BytesByKind[k]
	}
	return bytes
}

// firstSyncs is when all that started together have compared tables once.
const firstSyncs = 50 * time.Second

// syncInterval is how often each member of a large cluster compares tables.
func syncInterval(n int) time.Duration {
	return core.LAN().SyncInterval * time.Duration(max(bits.Len(uint(n-1))-4, 1))
}

// await makes a change and tells when the first and when the last of so many
// members saw it, or 0 where that took over a minute.
func await(s *sim.Sim, count int, change func(), saw func(*core.Event) bool) (first, last time.Duration) {
	begin, seen := s.Now(), 0
	s.OnEvent = func(_ *sim.Node, e *core.Event) {
		if e.Kind != core.Changed || !saw(e) {
			return
		}
		if seen++; seen == 1 {
			first = s.Now() - begin
		}
		if seen == count {
			last = s.Now() - begin
		}
	}
	change()
	s.RunUntil(begin+time.Minute, func() bool { return seen >= count })
	s.OnEvent = nil
	return first, last
}
