package core_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// departed returns the Departed events of the last input.
func (b *bench) departed() (events []core.Event) {
	for _, e := range b.events {
		if e.Kind == core.Departed {
			events = append(events, e)
		}
	}
	return events
}

// leave makes the Machine leave and returns whom it told.
func (b *bench) leave() []core.Packet {
	b.t.Helper()
	b.m.Leave(b.now)
	b.collect()
	return of(wire.Ping, b.packets)
}

// A departure is over when enough members have answered that they heard of it: three,
// or the logarithm of the cluster where that is more, or all.
func TestDepartureIsConfirmed(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 3, 4: 3, 8: 4, 100: 7} {
		b := newBench(t)
		for i := range n {
			b.meet(fmt.Sprint("m", i))
		}
		told := b.leave()
		if len(told) != want {
			t.Fatalf("of %d members %d are told, want %d", n, len(told), want)
		}
		for i, p := range told {
			if u := p.Msg.Updates; len(u) == 0 || u[0] != claim("self", 1, wire.Left, "") {
				t.Errorf("told %+v", u)
			}
			b.ack(p)
			if e := b.departed(); len(e) > 0 != (i == want-1) {
				t.Errorf("of %d, after %d answers: %+v", n, i+1, e)
			} else if len(e) > 0 && e[0].Count != want {
				t.Errorf("known to %d", e[0].Count)
			}
			if got := b.m.Confirmed(); got != i+1 {
				t.Errorf("%d have confirmed after %d answers", got, i+1)
			}
		}
	}
}

func TestDepartureOfOneWhoIsAlone(t *testing.T) {
	b := newBench(t)
	b.leave()
	if e := b.departed(); len(e) != 1 || e[0].Count != 0 {
		t.Errorf("%+v", e)
	}
	b.m.Leave(b.now)
	b.collect()
	if len(b.events) > 0 {
		t.Errorf("leaving twice: %+v", b.events)
	}
}

// Who does not answer is asked again, and an answer of another is none.
func TestDepartureIsRepeated(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	told := b.leave()
	b.receive("c", wire.Message{Kind: wire.Ack, Seq: told[0].Msg.Seq, Target: "b"})
	b.ack(told[1])
	again := of(wire.Ping, plain(b.until(500*time.Millisecond)))
	if len(again) != 1 || again[0].To != addr("b") {
		t.Fatalf("asked again: %v", describe(again))
	}
	b.ack(told[0]) // late, and as good
	if e := b.departed(); len(e) != 1 || e[0].Count != 2 {
		t.Errorf("%+v", e)
	}
	if rest := of(wire.Ping, plain(b.until(time.Minute))); len(rest) > 0 {
		t.Errorf("%v after the end", describe(rest))
	}
}

// Who has left probes and accuses nobody, and declares nobody failed, but it answers.
func TestAfterTheDeparture(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.gossip("b", claim("c", 0, wire.Suspect, "b"))
	for _, p := range b.leave() {
		b.ack(p)
	}
	b.gossip("c", claim("b", 0, wire.Suspect, "c")) // a suspicion from after it
	all := plain(b.among("d", 10*time.Minute))      // its input works, so only its having left keeps it back
	if len(of(wire.Ping, all)) > 0 || b.state("b") != wire.Suspect || b.state("c") != wire.Suspect {
		t.Errorf("%v; b is %v and c is %v", describe(of(wire.Ping, all)), b.state("b"), b.state("c"))
	}
	b.receive("b", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self"})
	if len(of(wire.Ack, b.packets)) != 1 {
		t.Error("a ping is not answered")
	}
	b.gossip("b", claim("self", 1, wire.Failed, "b"), claim("self", 9, wire.Alive, ""))
	b.m.SetMeta(b.now, "v2")
	if m := b.m.Local(); m != claim("self", 1, wire.Left, "").Member {
		t.Errorf("it is %+v", m)
	}
}

// A farewell that has no room for the departure proves nothing and is not sent.
func TestFarewellCarriesTheDeparture(t *testing.T) {
	b := newBench(t, func(c *core.Config) { c.Meta = strings.Repeat("m", 1280) })
	long := strings.Repeat("n", 200)
	b.meet("b", long)
	for _, p := range b.leave() {
		if p.Msg.Target == long || len(about("self", []core.Packet{p})) != 1 {
			t.Errorf("to %.9s... with %d claims", p.Msg.Target, len(p.Msg.Updates))
		}
	}
}

// A peer that died unnoticed does not hold up a departure that others have
// confirmed; with nobody to confirm it, it is not over.
func TestDepartureDoesNotWaitForTheDead(t *testing.T) {
	for _, test := range []struct {
		peers, dead int
		over        bool
	}{{3, 0, true}, {3, 1, true}, {3, 2, true}, {3, 3, false}, {1, 1, false}, {40, 30, true}} {
		s := sim.New(uint64(test.peers))
		leaver := s.Start("leaver")
		for i := range test.peers {
			s.Join(s.Start(fmt.Sprint("m", i)), "leaver")
		}
		s.Run(10 * time.Second)
		known := -1
		s.OnEvent = func(n *sim.Node, e *core.Event) {
			if n == leaver && e.Kind == core.Departed {
				known = e.Count
			}
		}
		for i := range test.dead {
			s.Crash(s.Node(fmt.Sprint("m", i)))
		}
		s.Leave(leaver)
		s.Run(s.Now() + 10*time.Second)
		if over := known >= 0; over != test.over {
			t.Errorf("%d of %d peers dead: over %v, want %v", test.dead, test.peers, over, test.over)
		}
		if test.over && known < min(3, test.peers-test.dead) {
			t.Errorf("%d of %d peers dead: %d know", test.dead, test.peers, known)
		}
	}
}
