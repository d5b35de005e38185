package core_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// judged tells a Machine that it was declared failed at its present incarnation.
func (b *bench) judged(by string) {
	b.t.Helper()
	b.gossip(by, claim("self", b.m.Local().Incarnation, wire.Failed, by))
}

// keepWell lets time pass in which every ping is acked.
func (b *bench) keepWell(d time.Duration) {
	b.t.Helper()
	for end := b.now + d; b.now < end; {
		for _, s := range b.until(min(b.now+50*time.Millisecond, end)) {
			if s.Msg.Kind == wire.Ping {
				b.ack(s.Packet)
			}
		}
	}
}

// The first verdict is refuted at once. Each that follows soon has to wait for twice as
// long as the one before, up to 16 times ReturnDelay.
func TestReturnsTakeLongerEachTime(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.judged("c")
	if got := b.m.Local().Incarnation; got != 1 {
		t.Fatalf("after the first verdict we are at incarnation %d, want 1 at once", got)
	}
	for i, want := range []time.Duration{15, 30, 60, 120, 240, 240} {
		want *= time.Second
		before := b.m.Local().Incarnation
		b.judged("c")
		barred := 0
		for _, e := range b.events {
			if e.Kind == core.Barred && e.Count == int(want/time.Second) {
				barred++
			}
		}
		b.keepWell(want - time.Second)
		if b.m.Local().Incarnation != before || !b.m.OnProbation() || barred != 1 {
			t.Fatalf("verdict %d is refuted within %v; told %d times", i+2, want-time.Second, barred)
		}
		b.keepWell(2 * time.Second)
		if b.m.Local().Incarnation != before+1 || b.m.OnProbation() {
			t.Fatalf("verdict %d is not refuted after %v", i+2, want+time.Second)
		}
	}
}

// A verdict is forgotten every five minutes, so one now and then is refuted at once.
func TestVerdictsAreForgiven(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	for i := range uint32(10) {
		b.judged("c")
		if b.m.OnProbation() || b.m.Local().Incarnation != i+1 {
			t.Fatalf("verdict %d, five minutes after the one before, is not refuted", i+1)
		}
		b.keepWell(5 * time.Minute)
	}
	b.judged("c")
	b.keepWell(4 * time.Minute)
	b.judged("c")
	if !b.m.OnProbation() {
		t.Error("one after four minutes is refuted at once")
	}
}

// What goes wrong meanwhile lets the wait begin again: a probe that nothing answers,
// or that nothing is heard when it would be over.
func TestProbationBeginsAgain(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.judged("c")
	b.judged("c")
	b.keepWell(10 * time.Second)
	b.until(b.now + 3*time.Second) // deaf
	b.keepWell(10 * time.Second)
	if !b.m.OnProbation() {
		t.Error("a failed probe is passed over")
	}
	b.keepWell(10 * time.Second)
	if b.m.OnProbation() {
		t.Error("15 s without another are not enough")
	}
	b = newBench(t, func(c *core.Config) { c.Selector = new(idle) })
	b.meet("b", "c", "d")
	b.judged("c")
	b.judged("c")
	b.until(time.Minute)
	if !b.m.OnProbation() {
		t.Error("it ends though nothing is heard")
	}
	b.among("c", b.now+31*time.Second)
	if b.m.OnProbation() {
		t.Error("it does not end, though all is well")
	}
}

// idle is a MemberSelector that lets a node probe nobody.
type idle struct{ inOrder }

func (*idle) Next(*rand.Rand) (wire.Ref, bool) { return 0, false }

// Neither a suspicion of the life that was judged nor a change of metadata ends it
// early. The change is announced with the refutation.
func TestNothingElseEndsProbation(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.judged("c")
	b.judged("c")
	b.gossip("d", claim("self", 1, wire.Suspect, "d"))
	b.gossip("d", claim("self", 0, wire.Suspect, "d"))
	b.m.SetMeta(b.now, "new")
	b.m.SetMeta(b.now, "newer")
	if m := b.m.Local(); m.Incarnation != 1 || m.Meta != "" || !b.m.OnProbation() {
		t.Fatalf("%+v, on probation %v", m, b.m.OnProbation())
	}
	b.keepWell(16 * time.Second)
	if m := b.m.Local(); m.Incarnation != 2 || m.Meta != "newer" {
		t.Errorf("after it: %+v", m)
	}
}

// Join says that somebody wants the node back now.
func TestJoinEndsProbation(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.judged("c")
	b.judged("c")
	b.m.Join(b.now, addr("d"))
	b.collect()
	if b.m.OnProbation() || b.m.Local().Incarnation != 2 {
		t.Errorf("on probation %v, at %d", b.m.OnProbation(), b.m.Local().Incarnation)
	}
	if told := about("self", of(wire.Gossip, b.packets)); len(told) == 0 || b.packets[0].To != addr("c") {
		t.Errorf("who told us is not told: %v", describe(b.packets))
	}
	b.judged("c")
	if b.m.OnProbation() {
		t.Error("the verdicts from before are not forgotten")
	}
}

// A member whose input fails for 20 s in every 40 s settles: it is out, and stays out,
// rather than come and go for ever (Rapid's flip-flop). When its input works again, it returns.
func TestFlippingMemberSettles(t *testing.T) {
	s := sim.New(7)
	s.Net.Streams = false
	s.Net.LossIn = map[string]float64{}
	verdicts := 0
	s.OnEvent = func(n *sim.Node, e *core.Event) {
		if e.After.State == wire.Failed && n.Name == "n0" {
			if verdicts++; e.After.Name != "n5" {
				t.Errorf("%s is declared failed", e.After.Name)
			}
		}
	}
	clusterOf(t, s, 16)
	for range 15 {
		s.Net.LossIn["n5"] = 1
		s.Run(s.Now() + 20*time.Second)
		s.Net.LossIn["n5"] = 0
		s.Run(s.Now() + 20*time.Second)
	}
	if m, _ := s.Node("n0").M.Member("n5"); verdicts > 4 || m.State != wire.Failed {
		t.Errorf("declared failed %d times in ten minutes, and is held for %v", verdicts, m.State)
	}
	if !s.RunUntil(s.Now()+5*time.Minute, func() bool { return sim.Disagreement(s) == "" }) {
		t.Errorf("five minutes later: %s", sim.Disagreement(s))
	}
}
