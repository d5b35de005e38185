package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// Who leaves itself confirms nobody's departure, and says so.
func TestLeaversDoNotConfirmEachOther(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	told := b.leave()
	b.receive("b", wire.Message{Kind: wire.Ack, Seq: told[0].Msg.Seq, Target: "b", Updates: []wire.Update{claim("b", 1, wire.Left, "")}})
	if b.m.Confirmed() != 0 {
		t.Error("one that leaves is taken for one that passes it on")
	}
	b.receive("c", wire.Message{Kind: wire.Ping, Seq: 7, Target: "self"})
	if u := about("self", []core.Packet{b.only(wire.Ack)}); len(u) == 0 || u[0].State != wire.Left {
		t.Errorf("an ack of one that left says %+v", u)
	}
	b.ack(told[1])
	if e := b.departed(); len(e) != 1 || e[0].Count != 1 {
		t.Errorf("%+v", e)
	}
	b.until(b.now + time.Minute) // by now it is no news any more
	b.receive("c", wire.Message{Kind: wire.Ping, Seq: 8, Target: "self"})
	if u := about("self", []core.Packet{b.only(wire.Ack)}); len(u) == 0 || u[0].State != wire.Left {
		t.Errorf("a minute later an ack says %+v", u)
	}
}

// All leave at once: nobody waits for the others.
func TestAllLeave(t *testing.T) {
	s := sim.New(1)
	clusterOf(t, s, 12)
	over := 0
	s.OnEvent = func(n *sim.Node, e *core.Event) {
		if e.Kind == core.Departed {
			over++
			s.At(s.Now()+time.Millisecond, func() { s.Crash(n) })
		}
	}
	for _, n := range s.Nodes() {
		s.Leave(n)
	}
	s.Run(s.Now() + 3*time.Second)
	if over != 12 {
		t.Errorf("%d of 12 departures are over", over)
	}
}

// Many leave at once, each ending when its departure is confirmed, as where a deployment
// is scaled down. Nobody who stays takes one for failed.
func TestScaleDown(t *testing.T) {
	for _, size := range []int{8, 16} {
		for _, stay := range []int{2, size / 2} {
			for seed := range uint64(20) {
				s := sim.New(seed + 1)
				clusterOf(t, s, size)
				s.OnEvent = func(n *sim.Node, e *core.Event) {
					if e.Kind == core.Departed {
						s.At(s.Now()+time.Millisecond, func() { s.Crash(n) })
					}
				}
				for i := stay; i < size; i++ {
					n := s.Node(fmt.Sprint("n", i))
					s.At(s.Now()+time.Duration(i)*200*time.Microsecond, func() { s.Leave(n) })
				}
				s.Run(s.Now() + time.Minute)
				for i := range size * stay {
					by, of := s.Node(fmt.Sprint("n", i%stay)), fmt.Sprint("n", i/stay)
					if m, _ := by.M.Member(of); m.State != wire.Left && i/stay >= stay {
						t.Errorf("%d of %d stay, seed %d: %s holds %s for %v", stay, size, seed+1, by.Name, of, m.State)
					}
				}
			}
		}
	}
}
