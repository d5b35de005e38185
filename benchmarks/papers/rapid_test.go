package main

import (
	"math"
	"testing"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

// The rule of Rapid's section 4.1, worked by hand: a proposal comes when somebody has
// H reports and nobody between L and H-1.
func TestProposal(t *testing.T) {
	c := cut{k: 3, high: 2, low: 1, failed: 2}
	for _, test := range []struct {
		reports []int
		want    int
	}{
		{[]int{0, 0, 1, 1, 0, 1}, 1}, // 1 is not heard of yet
		{[]int{0, 1, 0, 1, 0, 1}, 2}, // 1 holds it back
		{[]int{1, 0, 0, 0, 1, 1}, 2},
		{[]int{1, 1, 1, 0, 0, 0}, 1},
	} {
		if got := c.proposal(test.reports); got != test.want {
			t.Errorf("reports about %v: a proposal of %d, want %d", test.reports, got, test.want)
		}
	}
	// With L=2, one report about 1 does not hold a proposal back.
	c.low = 2
	if got := c.proposal([]int{0, 1, 0, 1, 0, 1}); got != 1 {
		t.Errorf("with L=2: a proposal of %d, want 1", got)
	}
}

// Rapid's Figure 11, at its highest bar and at the parameters that Rapid has.
func TestConflictsAsPublished(t *testing.T) {
	const observers = 4000
	share := func(c cut) float64 { return percent(c.conflicts(observers, 1), observers) }
	near(t, "H=6, L=4, F=2", share(cut{10, 6, 4, 2}), 37, 3)
	near(t, "H=9, L=3, F=2", share(cut{10, 9, 3, 2}), 0.5, 0.5)
	near(t, "H=9, L=4, F=16", share(cut{10, 9, 4, 16}), 0, 0.1)
}

func TestMeter(t *testing.T) {
	var m meter
	a, b := &sim.Node{Addr: "a"}, &sim.Node{Addr: "b"}
	m.add("a", "b", 1000)
	m.add("a", "c", 500)
	m.second([]*sim.Node{a, b})
	m.second([]*sim.Node{a, b}) // in which nothing is sent
	m.add("b", "a", 2000)
	m.second([]*sim.Node{a, b})
	near(t, "sent on average", report.Mean(m.sent), 3.5/6, 1e-9)
	near(t, "received on average", report.Mean(m.received), 3.0/6, 1e-9)
	if m.sent[0] != 1.5 || m.received[1] != 1 || m.received[4] != 2 || len(m.sent) != 6 {
		t.Errorf("sent %v, received %v", m.sent, m.received)
	}
}

// All survivors remove all who crash, one or both of them at a time.
func TestRemoveCrashed(t *testing.T) {
	const n = 24
	r := removeCrashed(core.LAN(), n, 2, 1)
	first, last := report.Quantile(r.done, 0), report.Quantile(r.done, 1)
	if len(r.done) != n-2 || r.first < time.Second || first < r.first || last > 30*time.Second {
		t.Errorf("%d survivors removed both, after %v to %v, and one first after %v", len(r.done), first, last, r.first)
	}
	if r.sizes < 2 || r.sizes > 3 {
		t.Errorf("%d distinct view sizes, want 24, 22 and maybe 23", r.sizes)
	}
	seconds := int((beforeCrash + afterCrash) / time.Second)
	if len(r.packets.sent) != seconds*(n-2) || report.Mean(r.all.sent) <= report.Mean(r.packets.sent) || report.Mean(r.packets.sent) <= 0 {
		t.Errorf("%d figures, of %v KB/s in packets and %v in all", len(r.packets.sent), report.Mean(r.packets.sent), report.Mean(r.all.sent))
	}
}

func TestWatchFaulty(t *testing.T) {
	const n = 20
	never := func(time.Duration) float64 { return 0 }
	always := func(time.Duration) float64 { return 1 }
	run := func(in, out func(time.Duration) float64) views {
		return watchFaulty(core.LAN(), &weather{begin: 5 * time.Second, end: 85 * time.Second, in: in, out: out}, n, 1, 1)
	}
	if v := run(never, never); v != (views{sizes: 1, least: n, most: n}) {
		t.Errorf("with no fault: %+v", v)
	}
	// Nobody hears of a mute one any more, so it is removed for good.
	v := run(never, always)
	if v.removed != 100 || v.flaps != 0 || v.healthyRemoved != 0 || v.sizes != 2 || v.least != n-1 || v.most != n-1 {
		t.Errorf("mute: %+v", v)
	}
	if v.first < time.Second || v.last < v.first || v.last > 30*time.Second {
		t.Errorf("mute: views change from %v to %v", v.first, v.last)
	}
	// One that comes back is removed again.
	flipping := func(since time.Duration) float64 { return float64(since / (20 * time.Second) % 2) }
	if v := run(never, flipping); v.removed != 100 || v.flaps < 0.9 || v.most != n {
		t.Errorf("mute now and then: %+v", v)
	}
}

// E14 and E15 are what Rapid's paper says they are, and one that hears and is not heard.
func TestWeathers(t *testing.T) {
	sum := func(w *weather, length time.Duration) (in, out float64) {
		for since := time.Duration(0); since < length; since += time.Second {
			in, out = in+w.in(since), out+w.out(since)
		}
		return in, out
	}
	want := [][2]float64{{40, 0}, {64, 0}, {0, 64}, {0, 80}, {64, 64}} // of 80 s
	for i, w := range weathers() {
		in, out := sum(&w, 80*time.Second)
		if math.Abs(in-want[i][0])+math.Abs(out-want[i][1]) > 1e-9 || w.end-w.begin < 860*time.Second {
			t.Errorf("%s, %s: %v and %v s lost of 80, %v long", w.experiment, w.name, in, out, w.end-w.begin)
		}
	}
}

func TestJoinAtOnce(t *testing.T) {
	all, sizes := joinAtOnce(core.LAN(), 12, 1)
	if all > 10*time.Second || sizes < 1 || sizes > 12 {
		t.Errorf("12 see all after %v, with %d view sizes", all, sizes)
	}
}
