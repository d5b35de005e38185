package main

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

// A short cut leaves no trace; after a minute the halves hold each other for failed,
// and merge by themselves, or else by one Join.
func TestCutAndHeal(t *testing.T) {
	c := halving{params: core.LAN(), members: 16, length: 500 * ms}
	if m := cutAndHeal(&c, 1); m.healed != 100 || m.alone != 100 || m.joined || !m.agreed || m.wrong != 0 || m.asked != 0 {
		t.Errorf("half a second: %+v", m)
	}
	c.length = time.Minute
	if m := cutAndHeal(&c, 1); m.healed != 0 || m.alone != 100 || m.joined || !m.agreed || m.took > healAim || m.wrong != 0 || m.bytes <= 0 {
		t.Errorf("a minute: %+v", m)
	}
	c.params.HealInterval = 0
	if m := cutAndHeal(&c, 1); m.alone != 0 || !m.joined || !m.agreed || m.took > time.Minute {
		t.Errorf("a minute, and nobody asks after who failed: %+v", m)
	}
}

// Halves that have forgotten each other merge by their seeds, and by nothing else.
func TestCutAndHealForgotten(t *testing.T) {
	c := halving{params: core.LAN(), members: 8, length: 3 * time.Minute}
	c.params.ForgetAfter = time.Minute
	if m := cutAndHeal(&c, 1); m.alone != 0 || !m.joined || !m.agreed {
		t.Errorf("without seeds: %+v", m)
	}
	c.seeds = seedsOfAll
	if m := cutAndHeal(&c, 1); m.alone != 100 || m.joined || !m.agreed || m.asked == 0 || m.wrong != 0 {
		t.Errorf("with seeds: %+v", m)
	}
}

// What the count is for: one that hears nobody is declared failed by its own half.
func TestWrongVerdictsAreCounted(t *testing.T) {
	c := halving{params: core.Lifeguard(), members: 8, length: time.Minute}
	c.setup = func(s *sim.Sim) { s.Net.LossIn = map[string]float64{memberName(1): 1} }
	if m := cutAndHeal(&c, 1); m.wrong == 0 || m.agreed {
		t.Errorf("%+v", m)
	}
}
