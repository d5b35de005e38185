package selector

import (
	"math/rand/v2"
	"testing"

	"github.com/swim-go/swim/wire"
)

// wandering is a Zoned whose members are of another zone each time they are
// added. Between two probes it is asked for all else, too.
func wandering(seed uint64) chooser {
	zones := seeded(seed + 100)
	return &distracted{Zoned{Own: "a", Zone: func(wire.Member) string { return zoneName(zones.IntN(4)) }}}
}

type distracted struct{ Zoned }

func (d *distracted) Next(rng *rand.Rand) (wire.Ref, bool) {
	d.Pick(nil, 3, wire.ForGossip, wire.Self, rng)
	d.Pick(nil, 3, wire.ForRelay, 1, rng)
	d.Pick(nil, 1, wire.ForSync, wire.Self, rng)
	return d.Zoned.Next(rng)
}

// homely probes its zone more often than the others, as gossip is sent.
type homely struct{ Zoned }

func (h *homely) Next(rng *rand.Rand) (wire.Ref, bool) {
	if picks := h.Pick(nil, 1, wire.ForGossip, wire.Self, rng); len(picks) == 1 {
		return picks[0], true
	}
	return 0, false
}

// SWIM section 4.3: zones or not, successive selections of the same target are
// at most 2n-1 periods apart.
func TestPaperZonedBound(t *testing.T) {
	worst := 0.0
	for _, c := range churns {
		for seed := range uint64(5) {
			violation, ratio := longestWait(t, wandering(seed), c, seed)
			if violation != nil {
				t.Errorf("seed %d, %+v: a member waited %d probes with at most %d members", seed, c, violation.probes, violation.largest)
			}
			worst = max(worst, ratio)
		}
	}
	if worst < 1 {
		t.Errorf("the longest wait was %.2f of 2n-1, want it reached", worst)
	}
}

func TestBoundCheckerCatchesHomelyProbes(t *testing.T) {
	for _, c := range churns {
		zones := seeded(1)
		h := &homely{Zoned{Own: "a", Zone: func(wire.Member) string { return zoneName(zones.IntN(4)) }}}
		if violation, _ := longestWait(t, h, c, 1); violation != nil {
			return
		}
	}
	t.Error("the checker saw nothing wrong")
}
