package main

import (
	"math"
	"testing"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s is %v, want %v ± %v", what, got, want, tolerance)
	}
}

// The closed forms, against the figures of the SWIM paper, section 3.2.
func TestClosedForms(t *testing.T) {
	near(t, "per probe, 1 %, k=1", perProbe(0.99, 1), 7.8e-4, 0.1e-4)
	near(t, "per probe, 10 %, k=3", perProbe(0.90, 3), 7.7e-3, 0.1e-3)
	near(t, "PM, 10 %, k=1", printedPM(0.90, 1), 1.582*6.53e-2, 1e-3)
	near(t, "half of 56", logistic(56, 28), 2.0, 0.05)
	near(t, "all but one of 56", logistic(56, 55), 4.0, 0.05)
}

// Figure 3c's steps: 9 to N=19, 12 to 53, then 15.
func TestSwimCopies(t *testing.T) {
	for n, want := range map[int]int{8: 9, 19: 9, 20: 12, 53: 12, 54: 15, 56: 15} {
		if got := swimCopies(n); got != want {
			t.Errorf("N=%d: %d copies, want %d", n, got, want)
		}
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	for q, want := range map[float64]float64{0: 1, 0.2: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := report.Quantile(values, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got := report.Quantile[float64](nil, 0.5); got != 0 {
		t.Errorf("quantile of none is %v", got)
	}
}

// Without loss a member sends two messages a period, and none of its probes fails.
func TestSwimIsQuiet(t *testing.T) {
	s := newCluster(swimParams(13, 1), 13, 1, asPublished(13))
	s.Run(s.Now() + 30*period)
	before := total(s).Packets
	s.Run(s.Now() + 10*period)
	if sent := total(s).Packets - before; sent != 2*13*10 {
		t.Errorf("%d messages in 10 periods of 13 members", sent)
	}
}

// One stalled member of plain SWIM: a verdict falls no earlier than a period and
// the suspicion after the stall began, and the same seed brings it again.
func TestAnomaly(t *testing.T) {
	run := func(params core.Params) outcome {
		a := anomalies{params: params, members: 32, stalled: 1, stall: 32768 * ms, seed: 7}
		return a.run()
	}
	o := run(plainSWIM())
	least := time.Second + 5*time.Duration(1000*math.Log10(32))*ms - 50*ms
	if len(o.first) != 1 || o.first[0] < least || o.first[0] > 2*least {
		t.Errorf("first detections %v, want one after %v", o.first, least)
	}
	if again := run(plainSWIM()); again.packets != o.packets || again.bytes != o.bytes {
		t.Errorf("%d packets of %d bytes, then %d of %d", o.packets, o.bytes, again.packets, again.bytes)
	}
	if ours := run(core.LAN()); len(ours.first) != 1 || ours.first[0] >= o.first[0] {
		t.Errorf("ours %v, SWIM %v", ours.first, o.first)
	}
}
