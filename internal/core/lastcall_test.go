package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// What comes between a suspicion and a verdict, beyond the papers.

// lastCall lets time pass until a suspect is told for the last time.
func (b *bench) lastCall(name string) sent {
	b.t.Helper()
	b.news.Forget(name)
	s := b.next(wire.Gossip)
	if s.To != addr(name) {
		b.t.Fatalf("at %v %s gets %v", s.at, s.To, s.Msg)
	}
	return s
}

// noProbes keeps a Machine's own probes out of a test.
func noProbes(c *core.Config) { c.ProbeInterval = time.Hour }

// fails lets time pass, in which another is heard ten times a second, until a member
// is failed, and returns when, and what was sent.
func (b *bench) fails(name, other string) (time.Duration, []sent) {
	b.t.Helper()
	var all []sent
	for end := b.now + time.Hour; b.state(name) != wire.Failed; {
		if b.now > end {
			b.t.Fatalf("%s is held for %v after an hour", name, b.state(name))
		}
		all = append(all, b.until(max(b.now, min(b.m.Deadline(), b.now+100*time.Millisecond)))...)
		b.gossip(other)
	}
	return b.now, all
}

// Before each verdict the suspect is told once more, and one relay is asked after
// it by whoever accuses it. Both leave ProbeTimeout before the verdict, and once.
func TestLastCallComesBeforeTheVerdict(t *testing.T) {
	t.Run("accuser", func(t *testing.T) { lastCall(t, "self", 1) })
	t.Run("hearsay", func(t *testing.T) { lastCall(t, "d", 0) })
}

func lastCall(t *testing.T, second string, relays int) {
	b := newBench(t)
	b.meet("b", "c", "d", "e")
	if second == "self" {
		b.suspectByProbe()
	}
	b.gossip("c", claim("b", 0, wire.Suspect, "c"), claim("b", 0, wire.Suspect, "d"))
	b.news.Forget("b")
	at, all := b.fails("b", "d")
	probes := map[uint32]bool{0: false}
	for _, s := range all {
		probes[s.Msg.Seq] = probes[s.Msg.Seq] || s.Msg.Kind == wire.Ping
	}
	all = slices.DeleteFunc(all, func(s sent) bool {
		return probes[s.Msg.Seq] || s.Msg.Kind == wire.Gossip && s.To != addr("b")
	})
	told, asked := 0, 0
	for _, s := range all {
		switch {
		case s.at == at: // news of the failure
			continue
		case s.at != at-500*time.Millisecond:
			t.Errorf("%v before the verdict: %+v", at-s.at, s.Msg)
		case s.Msg.Kind == wire.Gossip && s.To == addr("b"):
			if told++; len(s.Msg.Updates) != 1 || s.Msg.Updates[0].State != wire.Suspect {
				t.Errorf("the suspect is told %+v", s.Msg.Updates)
			}
		case s.Msg.Kind == wire.PingReq && s.Msg.Target == "b" && s.To != addr("b"):
			asked++
		}
	}
	if told != 1 || asked != relays {
		t.Errorf("the suspect is told %d times, %d relays are asked, want 1 and %d, in %v", told, asked, relays, describe(plain(all)))
	}
}

// The answer to it saves the suspect.
func TestLastCallIsAnswered(t *testing.T) {
	b := newBench(t, noProbes)
	b.meet("b", "c", "d", "e")
	b.gossip("c", claim("b", 3, wire.Suspect, "c"), claim("b", 3, wire.Suspect, "d"))
	call := b.lastCall("b")
	b.until(call.at + 499*time.Millisecond)
	b.gossip("b", claim("b", 4, wire.Alive, ""))
	b.among("d", b.now+time.Hour/4)
	b.want("b", wire.Alive, 4)
}

// What does not fit a packet is not sent as an empty one.
func TestConfrontIsNeverEmpty(t *testing.T) {
	b := newBench(t, noProbes, func(c *core.Config) { c.PacketBytes = 200 })
	b.meet("c", "d", "e")
	for _, accuser := range []string{"c", "d"} {
		large := claim("b", 3, wire.Suspect, accuser)
		large.Meta = strings.Repeat("v", 1000)
		b.gossip("c", large)
	}
	_, all := b.fails("b", "d")
	for _, p := range of(wire.Gossip, plain(all)) {
		if len(p.Msg.Updates) == 0 {
			t.Fatalf("empty gossip to %s", p.To)
		}
	}
}

// A confirmation that comes late leads to the last call at once, and the answer to
// that has its time, whenever the next confirmation comes.
func TestLateConfirmationLeavesTheLastCall(t *testing.T) {
	b := suspectingWith(t, noProbes, func(c *core.Config) { c.SuspicionMult, c.SuspicionMaxMult, c.Confirmations = 4, 6, 2 })
	b.among("d", 20*time.Second)
	b.gossip("g", claim("b", 3, wire.Suspect, "e"))
	call := b.now
	b.news.Forget("b")
	b.until(call)
	if told := about("b", of(wire.Gossip, b.packets)); len(told) != 1 {
		t.Errorf("no last call, but %v", describe(b.packets))
	}
	b.until(call + 200*time.Millisecond)
	b.gossip("g", claim("b", 3, wire.Suspect, "f"))
	if at, _ := b.fails("b", "d"); at != call+500*time.Millisecond {
		t.Errorf("the verdict falls %v after the last call", at-call)
	}
}

// Who probed in vain itself does not wait any longer than it must, nor does who heard
// of the suspicion and then probes in vain. Who only heard of it does, each for another
// time.
func TestHearsayWaitsLonger(t *testing.T) {
	const least = 1464 * time.Millisecond // 200 ms·(log2 5 + 5)
	single := func(c *core.Config) { c.Confirmations = 0 }
	b := newBench(t, single)
	b.meet("b", "c", "d", "e")
	name := b.suspectByProbe()
	began := b.now
	if at, _ := b.fails(name, "c"); (at - began).Truncate(time.Millisecond) != least {
		t.Errorf("after a probe of our own %v, want %v", at-began, least)
	}
	b = newBench(t, func(c *core.Config) { c.SuspicionMult = 2 })
	b.meet("b", "c", "d", "e")
	began = b.next(wire.Ping).at
	b.gossip("c", claim("b", 0, wire.Suspect, "c"))
	if at, _ := b.fails("b", "d"); (at - began).Truncate(time.Millisecond) != 2*least {
		t.Errorf("after hearsay and a probe of our own %v, want %v", at-began, 2*least)
	}
	waits := map[time.Duration]bool{}
	for seed := range uint64(20) {
		b := newBench(t, single, noProbes, func(c *core.Config) { c.Seed = seed })
		b.meet("b", "c", "d", "e")
		b.gossip("c", claim("b", 0, wire.Suspect, "c"))
		at, _ := b.fails("b", "d")
		waits[at] = true
		// a gossip interval, and up to a quarter of the time
		if at < least+200*time.Millisecond || at > least+200*time.Millisecond+(least+time.Millisecond)/4 {
			t.Errorf("seed %d: after hearsay %v", seed, at)
		}
	}
	if len(waits) < 15 {
		t.Errorf("20 nodes wait for %d different times", len(waits))
	}
}

// One independent accuser more is enough (K = 1); what a sync says is none, and the
// second is not passed on.
func TestOneConfirmationIsEnough(t *testing.T) {
	const least = 4 * 1634 * time.Millisecond // 4·200 ms·(log2 9 + 5)
	const patience = 200*time.Millisecond + 1634*time.Millisecond/4
	for accusers, want := range map[string]time.Duration{"": 0, "c": 0, "d": least, "de": least} {
		b := suspectingWith(t, noProbes, func(c *core.Config) { c.SuspicionMult = 4 })
		b.news.Forget("b")
		for _, a := range accusers {
			b.gossip("g", claim("b", 3, wire.Suspect, string(a)))
		}
		b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "h", wire.Message{
			Kind: wire.Sync, Seq: 1, Updates: []wire.Update{claim("b", 3, wire.Failed, "h")},
		})
		told := map[string]bool{}
		for _, u := range about("b", plain(b.until(time.Second))) {
			told[u.From] = true
		}
		if told["d"] != (want == least) || told["e"] {
			t.Errorf("accused by %q, told of %v", accusers, told)
		}
		if want == 0 {
			b.among("g", 10*time.Minute)
			b.want("b", wire.Suspect, 3)
			continue
		}
		if at, _ := b.fails("b", "g"); at < want+200*time.Millisecond || at > want+patience+20*time.Millisecond {
			t.Errorf("accused by %q: failed after %v, want %v", accusers, at, want)
		}
	}
}

// A failed probe is a reason to doubt ourselves only if no relay's nack came in.
func TestANackClearsUs(t *testing.T) {
	for _, test := range []struct {
		what  string
		peers []string
		nacks []string
		want  int
	}{
		{"both nacks", []string{"b", "c", "d"}, []string{"c", "d"}, 0},
		{"one nack", []string{"b", "c", "d"}, []string{"d"}, 0},
		{"no nack", []string{"b", "c", "d"}, nil, 1},
		{"the nack of who was not asked", []string{"b", "c", "d"}, []string{"x"}, 1},
		{"nobody to ask", []string{"b"}, nil, 1},
	} {
		b := newBench(t)
		b.meet(test.peers...)
		ping := b.next(wire.Ping)
		b.until(ping.at + 900*time.Millisecond)
		for _, name := range test.nacks {
			b.receive(name, wire.Message{Kind: wire.Nack, Seq: ping.Msg.Seq, Target: "b"})
		}
		b.until(ping.at + time.Second)
		if got := b.m.Health(); got != test.want || b.m.Stats().ProbesFailed != 1 {
			t.Errorf("%s: health %d, want %d, after %d failed probes", test.what, got, test.want, b.m.Stats().ProbesFailed)
		}
	}
}

// Whoever is accused is told so by the accuser there and then, and its answer is back
// within a round trip. By gossip, as in the papers, it takes rounds.
func TestRefutationWithinARoundTrip(t *testing.T) {
	refuted := func(params core.Params) (after time.Duration) {
		s := sim.New(1)
		s.Params = params
		var at time.Duration
		var accuser string
		s.OnEvent = func(n *sim.Node, e *core.Event) {
			switch {
			case e.Reason == wire.ProbeFailed && e.After.Name == "n5" && at == 0:
				at, accuser = s.Now(), n.Name
				s.Net.Heal() // before the outputs are used
			case e.Reason == wire.Refuted && e.After.Name == "n5" && n.Name == accuser && after == 0:
				after = s.Now() - at
			}
		}
		clusterOf(t, s, 64)
		s.Run(s.Now() + 10*time.Second)
		s.Net.Partition([]string{"n5"})
		s.Run(s.Now() + 30*time.Second)
		return after
	}
	if got := refuted(core.LAN()); got != time.Millisecond {
		t.Errorf("refuted after %v, want the millisecond that packets take to and fro", got)
	}
	if got := refuted(core.Lifeguard()); got < 100*time.Millisecond {
		t.Errorf("refuted after %v by gossip alone, so this shows nothing", got)
	}
}
