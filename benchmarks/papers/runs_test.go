package main

import (
	"errors"
	"math/bits"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

func TestEachKeepsOrder(t *testing.T) {
	var list, want []int
	for i := range 100 {
		list, want = append(list, i), append(want, i*i)
	}
	if got := each(list, func(i int) int { return i * i }); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// Runs that fail are counted, and none is left out or run twice.
func TestJudge(t *testing.T) {
	seen := make([]bool, 20)
	transitions, violations := judge(5, 10, func(seed uint64) (int, error) {
		if seen[seed] {
			t.Errorf("seed %d is run twice", seed)
		}
		seen[seed] = true
		if seed == 7 || seed == 14 {
			return 1, errors.New("a failure made by the test")
		}
		return 2, nil
	})
	if transitions != 18 || violations != 2 || !seen[5] || !seen[14] || seen[4] || seen[15] {
		t.Errorf("%d transitions, %d violations, of seeds %v", transitions, violations, seen)
	}
	if transitions, violations := judge(1, 2, sim.Chaos); violations > 0 || transitions < 100 {
		t.Errorf("in two real ones %d transitions, %d violations", transitions, violations)
	}
}

// A member that is released for too short a time for its inbox does not see the
// refutations in it: that makes false positives where else there are none.
func TestReceiveCostMakesFalsePositives(t *testing.T) {
	p := plainSWIM()
	p.SuspicionMaxMult, p.Confirmations = core.Lifeguard().SuspicionMaxMult, core.Lifeguard().Confirmations
	run := func(v variant) outcome {
		a := anomalies{params: p, members: 64, stalled: 8, stall: 16384 * ms, normal: 4 * ms, variant: v, seed: 7}
		return a.run()
	}
	free, costly := run(variant{}), run(variant{receive: 200 * time.Microsecond})
	if free.falsePositives > 5 || costly.falsePositives < 20 {
		t.Errorf("%d false positives, and %d where a message costs 200 µs", free.falsePositives, costly.falsePositives)
	}
}

// In rotation more members stall than at a time, and their failures are no false ones.
func TestRotation(t *testing.T) {
	run := func(v variant) outcome {
		a := anomalies{params: core.LAN(), members: 32, stalled: 4, stall: 16384 * ms, normal: 1024 * ms, variant: v, seed: 7}
		return a.run()
	}
	fixed, rotating := run(variant{}), run(variant{rotate: true})
	if len(fixed.first) != 4 || len(rotating.first) < 20 || rotating.falsePositives > 0 {
		t.Errorf("%d stalled members detected, %d in rotation with %d false positives",
			len(fixed.first), len(rotating.first), rotating.falsePositives)
	}
	if got := (&variant{receive: 200 * time.Microsecond, rotate: true}).suffix(); got != ", recv=200µs, rotating" {
		t.Errorf("the suffix is %q", got)
	}
}

// In one sync interval each member asks for one sync.
func TestSyncInterval(t *testing.T) {
	for n, want := range map[int]time.Duration{20: 30 * time.Second, 128: 90 * time.Second, 1000: 180 * time.Second, 10000: 300 * time.Second} {
		if got := syncInterval(n); got != want {
			t.Errorf("%d members sync every %v, want %v", n, got, want)
		}
	}
	const n = 100
	s := newCluster(core.LAN(), n, 1)
	s.Run(firstSyncs)
	before := total(s).ByKind[wire.Compare]
	s.Run(s.Now() + syncInterval(n))
	if got := total(s).ByKind[wire.Compare] - before; got != n {
		t.Errorf("%d syncs of %d members (of 2^%d) in %v", got, n, bits.Len(n-1), syncInterval(n))
	}
}

func TestMachineFigures(t *testing.T) {
	before := cpuTime()
	sum := 0
	for i := range 100_000_000 {
		sum += i
	}
	if used := cpuTime() - before; used <= 0 || used > time.Minute || sum == 0 {
		t.Errorf("a hundred million additions take %v", used)
	}
	if peak := peakMemory(); peak < 1<<20 || peak > 1<<40 {
		t.Errorf("the peak is %v bytes", peak)
	}
}
