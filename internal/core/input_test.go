package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// No verdict without proof that this node's own input works.

// A node that hears nothing since the last call declares nobody failed, and calls
// again, ever and anon. Once it hears anybody it calls once more, for the suspect may
// have been out of reach as well, and then the verdict falls.
func TestVerdictNeedsInput(t *testing.T) {
	b := newBench(t, noProbes)
	b.meet("b", "c", "d", "e")
	b.gossip("c", claim("b", 3, wire.Suspect, "c"), claim("b", 3, wire.Suspect, "d"))
	calls := of(wire.PingReq, plain(b.until(10*time.Minute)))
	b.want("b", wire.Suspect, 3)
	postponed := b.m.Stats().VerdictsPostponed
	if postponed < 100 || uint64(len(calls)) != postponed {
		t.Errorf("%d verdicts postponed, %d relays asked", postponed, len(calls))
	}
	b.gossip("d")
	again := b.next(wire.PingReq)
	b.gossip("d")
	b.until(again.at + 499*time.Millisecond)
	b.want("b", wire.Suspect, 3)
	b.gossip("d")
	b.until(again.at + 500*time.Millisecond)
	b.want("b", wire.Failed, 3)
}

// A node cut off from all suspects one after the other and buries none, however
// long, and says so. When it hears the others again it believes their answers.
func TestCutOffNodeBuriesNobody(t *testing.T) {
	s := sim.New(4)
	buried := 0
	s.OnEvent = func(n *sim.Node, e *core.Event) {
		if n.Name == "n3" && e.After.State == wire.Failed {
			buried++
		}
	}
	clusterOf(t, s, 12)
	s.Net.Partition([]string{"n3"})
	n := s.Node("n3")
	s.Run(s.Now() + time.Hour)
	suspects := 0
	for m := range n.M.Members() {
		if m.State == wire.Suspect {
			suspects++
		}
	}
	if buried > 0 || suspects != 11 || n.M.Stats().VerdictsPostponed < 500 {
		t.Errorf("after an hour %d are buried and %d suspect, want 0 and 11; %d verdicts postponed",
			buried, suspects, n.M.Stats().VerdictsPostponed)
	}
	if m, _ := s.Node("n0").M.Member("n3"); m.State != wire.Failed {
		t.Errorf("the others hold it for %v", m.State)
	}
	s.Net.Heal()
	if !s.RunUntil(s.Now()+2*time.Minute, func() bool { return sim.Disagreement(s) == "" }) || buried > 0 {
		t.Errorf("back again: %s; %d are buried", sim.Disagreement(s), buried)
	}
}

// The second of two members has nobody else to hear. A ping to itself that comes back
// shows that its input works, and nothing else does.
func TestEchoProvesInput(t *testing.T) {
	for what, test := range map[string]struct {
		echo func(b *bench, p core.Packet)
		want wire.State
	}{
		"comes back": {func(b *bench, p core.Packet) { b.echo(p.Msg.Seq) }, wire.Failed},
		"comes back late": {func(b *bench, p core.Packet) {
			b.until(b.now + 400*time.Millisecond)
			b.echo(p.Msg.Seq)
		}, wire.Failed},
		"is lost":               {func(*bench, core.Packet) {}, wire.Suspect},
		"is of an earlier call": {func(b *bench, p core.Packet) { b.echo(p.Msg.Seq - 1) }, wire.Suspect},
		"has no number":         {func(b *bench, _ core.Packet) { b.echo(0) }, wire.Suspect},
	} {
		b := newBench(t, noProbes)
		b.meet("b")
		b.gossip("b", claim("b", 0, wire.Suspect, "b"))
		for end := b.now + 10*time.Minute; b.now < end && b.state("b") == wire.Suspect; {
			for _, p := range b.until(b.m.Deadline()) {
				if p.To == addr("self") {
					test.echo(b, p.Packet)
				}
			}
		}
		if got := b.state("b"); got != test.want {
			t.Errorf("the echo %s: b is %v at %v, want %v", what, got, b.now, test.want)
		}
	}
}

// echo lets a ping of our own come in.
func (b *bench) echo(seq uint32) {
	b.t.Helper()
	if seq == 0 {
		b.gossip("self")
		return
	}
	b.receive("self", wire.Message{Kind: wire.Ping, Seq: seq, Target: "self"})
}

// In a cluster of two a death is noticed, unless the survivor's own input is dead.
func TestTwoMembers(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		s := sim.New(7)
		clusterOf(t, s, 2)
		s.Crash(s.Node("n1"))
		if deaf {
			s.Net.LossIn = map[string]float64{"n0": 1}
		}
		failed := s.RunUntil(s.Now()+10*time.Second, func() bool {
			m, _ := s.Node("n0").M.Member("n1")
			return m.State == wire.Failed
		})
		if deaf {
			s.Run(s.Now() + time.Hour)
			m, _ := s.Node("n0").M.Member("n1")
			failed = m.State == wire.Failed
		}
		if postponed := s.Node("n0").M.Stats().VerdictsPostponed; failed == deaf || (postponed > 0) != deaf {
			t.Errorf("deaf %v: n1 failed %v, %d verdicts postponed", deaf, failed, postponed)
		}
	}
}

// A node that stood still since its last call calls again first: the answer may have
// been lost meanwhile, even though something is heard now. It is told so, or finds
// out by its own timers' being late.
func TestVerdictOfWhoStoodStillWaits(t *testing.T) {
	for what, test := range map[string]struct {
		late  time.Duration
		told  bool
		waits bool
	}{
		"in time":   {0, false, false},
		"hardly so": {100 * time.Millisecond, false, false},
		"late":      {125 * time.Millisecond, false, true},
		"very late": {time.Minute, false, true},
		"told":      {0, true, true},
	} {
		b := newBench(t, noProbes)
		b.meet("b", "c", "d", "e")
		b.gossip("c", claim("b", 3, wire.Suspect, "c"), claim("b", 3, wire.Suspect, "d"))
		call := b.lastCall("b")
		b.until(call.at + 300*time.Millisecond)
		if test.told {
			b.m.Resumed(b.now)
		}
		b.gossip("d")
		b.now = call.at + 500*time.Millisecond + test.late
		b.m.Tick(b.now)
		b.collect()
		if waits := b.state("b") == wire.Suspect; waits != test.waits || b.m.Stats().VerdictsPostponed > 0 != test.waits {
			t.Errorf("%s: waits %v, want %v; %d postponed", what, waits, test.waits, b.m.Stats().VerdictsPostponed)
		}
		if test.waits {
			b.gossip("d")
			b.among("d", b.now+500*time.Millisecond)
			b.want("b", wire.Failed, 3)
		}
	}
}
