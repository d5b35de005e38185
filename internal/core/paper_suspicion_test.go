package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// SWIM 4.2: a failed probe makes a suspect, which is gossiped under the accuser's
// name, and not yet a failure.
func TestPaper42FailedProbeSuspects(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	name := b.suspectByProbe()
	b.want(name, wire.Suspect, 0)
	if len(b.events) != 1 || b.events[0].Kind != core.Changed || b.events[0].Reason != wire.ProbeFailed || b.events[0].By != "self" {
		t.Errorf("events %+v", b.events)
	}
	claims := about(name, b.packets)
	if len(claims) == 0 {
		t.Fatal("nobody is told")
	}
	for _, u := range claims {
		if u != claim(name, 0, wire.Suspect, "self") {
			t.Errorf("claimed %+v", u)
		}
	}
}

// SWIM 4.2: a suspicion that is not refuted in time becomes a failure, which is
// gossiped too; the member is not probed any more.
func TestPaper42SuspicionExpires(t *testing.T) {
	b := newBench(t, paper, func(c *core.Config) { c.SuspicionMaxMult, c.Alpha = 1, 4 })
	b.meet("b", "c", "d")
	b.gossip("c", claim("b", 3, wire.Suspect, "c"))
	b.until(4*time.Second - 1)
	b.want("b", wire.Suspect, 3)
	b.until(4 * time.Second) // α·max(1, log10 n)·ProbeInterval
	b.want("b", wire.Failed, 3)
	if len(b.events) != 1 || b.events[0].Reason != wire.Expired || b.events[0].After.State != wire.Failed {
		t.Errorf("events %+v", b.events)
	}
	all := b.until(20 * time.Second)
	told := false
	for _, u := range about("b", plain(all)) {
		told = told || u.State == wire.Failed && u.Incarnation == 3
	}
	if !told {
		t.Error("nobody is told of the failure")
	}
	for _, p := range of(wire.Ping, plain(all)) {
		if p.To == addr("b") {
			t.Fatal("the failed is pinged")
		}
	}
}

// SWIM 4.2: the suspect refutes with an incarnation of its own above that of the
// suspicion, and nobody else changes it: not the accuser, not a member that has
// just got an ack. (The paper lets the latter gossip an Alive; it would lose
// against the Suspect of the same incarnation, so only the subject can refute.)
func TestPaper42OnlyTheSubjectRefutes(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.gossip("c", claim("b", 3, wire.Suspect, "c"))
	ping := b.next(wire.Ping)
	if ping.To != addr("b") {
		t.Fatalf("probes %s", ping.To)
	}
	b.receive("b", wire.Message{Kind: wire.Ack, Seq: ping.Msg.Seq, Target: "b", Sender: wire.Sender{Name: "b", Epoch: 1, Incarnation: 3}})
	b.want("b", wire.Suspect, 3)
	b.gossip("d", claim("b", 3, wire.Alive, ""))
	b.want("b", wire.Suspect, 3)
	b.gossip("d", claim("b", 4, wire.Alive, ""))
	b.want("b", wire.Alive, 4)
	if e := b.events[0]; e.Reason != wire.Refuted {
		t.Errorf("reason %v", e.Reason)
	}
	b.until(time.Hour / 2) // nothing is left of the suspicion
	for _, e := range b.events {
		t.Logf("%+v", e)
	}
}

// SWIM 4.2: a member that hears that it is suspected raises its incarnation above
// that of the suspicion and gossips that it is alive.
func TestPaper42Refutation(t *testing.T) {
	for _, accused := range []uint32{0, 5, 1 << 20} {
		for _, state := range []wire.State{wire.Suspect, wire.Failed} {
			b := newBench(t)
			b.meet("b", "c", "d")
			b.gossip("c", claim("self", accused, state, "d"))
			b.want("self", wire.Alive, accused+1)
			if len(b.events) != 1 || b.events[0].Kind != core.LocalChanged || b.events[0].Reason != wire.Refuted || b.events[0].After.Incarnation != accused+1 {
				t.Errorf("the accused tells its owner %+v, want its new incarnation", b.events)
			}
			claims := about("self", plain(b.until(time.Second)))
			if len(claims) == 0 || claims[0] != claim("self", accused+1, wire.Alive, "") {
				t.Errorf("%v at %d is answered with %+v", state, accused, claims)
			}
			// Said again, it is refuted already.
			b.gossip("c", claim("self", accused, state, "d"))
			b.want("self", wire.Alive, accused+1)
			if n := b.m.Stats().Refutations; n != 1 {
				t.Errorf("%d refutations", n)
			}
		}
	}
}

// SWIM 4.2: which claim overrides which, by the Machine, for a belief at
// incarnation 5 and claims at 4, 5 and 6.
func TestPaper42Overrides(t *testing.T) {
	const yes, no = true, false
	for _, rule := range []struct {
		claimed, held  wire.State
		at4, at5, at6  bool
		paper, differs string
	}{
		{wire.Alive, wire.Alive, no, no, yes, "iff i > j", ""},
		{wire.Alive, wire.Suspect, no, no, yes, "iff i > j", ""},
		{wire.Suspect, wire.Alive, no, yes, yes, "iff i >= j", ""},
		{wire.Suspect, wire.Suspect, no, no, yes, "iff i > j", ""},
		{wire.Failed, wire.Alive, no, yes, yes, "for any i", "who refuted since is spared"},
		{wire.Failed, wire.Suspect, no, yes, yes, "for any i", "who refuted since is spared"},
		{wire.Alive, wire.Failed, no, no, yes, "never", "a refutation above the evidence brings back"},
		{wire.Suspect, wire.Failed, no, no, yes, "never", "the same"},
		{wire.Failed, wire.Failed, no, no, yes, "never", "the evidence is raised (H1)"},
	} {
		for i, want := range []bool{rule.at4, rule.at5, rule.at6} {
			b := newBench(t)
			b.meet("c")
			b.gossip("c", claim("b", 5, rule.held, "c"))
			b.want("b", rule.held, 5)
			before := b.m.Stats().ClaimsApplied
			incarnation := uint32(4 + i)
			b.gossip("c", claim("b", incarnation, rule.claimed, "c"))
			if want {
				b.want("b", rule.claimed, incarnation)
			} else {
				b.want("b", rule.held, 5)
			}
			if got := b.m.Stats().ClaimsApplied-before == 1; got != want {
				t.Errorf("%v{%d} over %v{5}: %v, want %v (SWIM: %s; %s)", rule.claimed, incarnation, rule.held, got, want, rule.paper, rule.differs)
			}
		}
	}
}

// SWIM 4.3: between two probes of a member by another lie at most 2n-1 periods,
// and its first probe comes as soon after it joined. Here through Machines, while
// members join and leave all the time. The selector that does not go round breaks
// the bound, so the test can tell.
func TestPaper43RoundRobinBound(t *testing.T) {
	for seed := range uint64(4) {
		if gap, probes := longestGap(seed, nil); gap > 0 || probes < 400 {
			t.Errorf("seed %d: after %d probes somebody waits for %d too long", seed, probes, gap)
		}
		if gap, _ := longestGap(seed, func() core.Selector { return new(selector.Random) }); gap <= 0 {
			t.Errorf("seed %d: random probes keep the bound too, so this shows nothing", seed)
		}
	}
}

// longestGap runs a cluster that is never the same and returns by how much the
// longest wait of a member for a probe by n0 was beyond 2n-1, and how many probes
// there were. n is the largest number of n0's peers while it waited.
func longestGap(seed uint64, newSelector func() core.Selector) (excess, probes int) {
	s := sim.New(seed)
	s.NewSelector = newSelector
	type wait struct{ since, peers int }
	waits := map[string]*wait{}
	s.OnEvent = func(n *sim.Node, e *core.Event) {
		if n.Name != "n0" || e.Kind != core.Changed {
			return
		}
		switch {
		case e.After.State.Live() && !e.Before.State.Live():
			waits[e.After.Name] = &wait{since: probes}
		case !e.After.State.Live():
			delete(waits, e.Before.Name)
		}
	}
	var seen uint64
	s.OnInput = func(n *sim.Node, _ bool) {
		if n.Name != "n0" {
			return
		}
		for _, w := range waits {
			w.peers = max(w.peers, n.M.Len()-1)
		}
		if n.M.Stats().Probes == seen {
			return
		}
		seen = n.M.Stats().Probes
		probes++
		target := ""
		for _, p := range n.M.Packets() {
			if p.Msg.Kind == wire.Ping && !p.Stream {
				target = p.Msg.Target
			}
		}
		for name, w := range waits {
			excess = max(excess, probes-w.since-(2*w.peers-1))
			if name == target {
				*w = wait{since: probes}
			}
		}
	}
	s.Start("n0")
	var running []string
	for i := 1; i < 200; i++ {
		name := fmt.Sprint("n", i)
		s.Join(s.Start(name), "n0")
		running = append(running, name)
		if len(running) > 6+s.Rand().IntN(10) {
			k := s.Rand().IntN(len(running))
			gone := s.Node(running[k])
			running[k] = running[len(running)-1]
			running = running[:len(running)-1]
			s.Leave(gone)
			s.At(s.Now()+time.Second, func() { s.Crash(gone) })
		}
		s.Run(s.Now() + time.Duration(s.Rand().Int64N(int64(5*time.Second))))
	}
	return excess, probes
}
