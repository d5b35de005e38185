package main

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

// Half of a small cluster crashes: with new lives and without, all agree in time, and
// nobody is mourned who lives.
func TestCrashHalf(t *testing.T) {
	for _, again := range []bool{true, false} {
		a := crashHalf(core.LAN(), 24, again, 1)
		if !a.agreed || a.took > restartAim || a.zombies+a.ghosts+a.absent > 0 || a.bytes <= 0 {
			t.Errorf("start anew %v: %+v", again, a)
		}
		if again && a.took < 100*ms || !again && a.took < time.Second {
			t.Errorf("start anew %v: all agree %v after the crash, before they can know", again, a.took)
		}
	}
}

// What the counts are for: who is gone, who lives again and who is new are told apart.
func TestUndead(t *testing.T) {
	const n = 6
	s := newCluster(core.LAN(), n, 1)
	s.Run(settleTime)
	if zombies, ghosts, absent := undead(s); zombies+ghosts+absent > 0 {
		t.Fatalf("in a whole cluster %d zombies, %d ghosts, %d absent", zombies, ghosts, absent)
	}
	s.Crash(s.Node("m001"))
	s.Crash(s.Node("m002"))
	s.Start("m002")
	zombies, ghosts, absent := undead(s)
	// Four hold the dead one and the past life for live. The new life knows nobody.
	if zombies != 4 || ghosts != 4 || absent != 4+4 {
		t.Errorf("%d zombies, %d ghosts, %d absent", zombies, ghosts, absent)
	}
	if sim.Disagreement(s) == "" {
		t.Error("they agree on a past life")
	}
}
