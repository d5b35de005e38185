package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// The tests of this file, and of lifeguard_test.go, are the rules of the papers,
// one each. SWIM is Das, Gupta and Motivala, DSN 2002.

// SWIM 3.1: once each protocol period a member is chosen and pinged, and an ack
// within the timeout is all there is to it.
func TestPaper31EachPeriodOnePing(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	first := b.next(wire.Ping)
	for i, name := range []string{"b", "c", "d", "b"} {
		ping := first
		if i > 0 {
			ping = b.next(wire.Ping)
		}
		if want := first.at + time.Duration(i)*time.Second; ping.at != want {
			t.Errorf("period %d begins at %v, want %v", i, ping.at, want)
		}
		if ping.To != addr(name) || ping.Msg.Target != name || ping.Stream || ping.Reply {
			t.Errorf("period %d: %+v, want a ping to %s", i, ping.Packet, name)
		}
		b.now += time.Millisecond
		b.ack(ping.Packet)
		if all := b.until(ping.at + 999*time.Millisecond); len(all) > 0 {
			t.Errorf("period %d: %v after the ack", i, describe(plain(all)))
		}
	}
	if s := b.m.Stats(); s.Probes != 4 || s.ProbesAcked != 4 || s.IndirectProbes != 0 {
		t.Errorf("%+v", s)
	}
}

// SWIM 3.1: a ping is answered with an ack that bears its sequence number.
func TestPaper31PingIsAcked(t *testing.T) {
	b := newBench(t)
	b.receive("x", wire.Message{Kind: wire.Ping, Seq: 77, Target: "self"})
	ack := b.only(wire.Ack)
	if ack.To != addr("x") || ack.Msg.Seq != 77 || ack.Msg.Target != "self" || ack.Stream {
		t.Errorf("%+v %+v", ack, ack.Msg)
	}
}

// SWIM 3.1: without an ack in time, k random members are asked with a ping-req to
// ping the target. A stream is tried beside them where there are streams.
func TestPaper31IndirectProbe(t *testing.T) {
	for _, k := range []int{1, 3} {
		for _, streams := range []bool{false, true} {
			b := newBench(t, func(c *core.Config) { c.IndirectProbes, c.Streams = k, streams })
			b.meet("b", "c", "d", "e", "f")
			ping := b.next(wire.Ping)
			if all := b.until(ping.at + 499*time.Millisecond); len(all) > 0 {
				t.Errorf("%v before the timeout", describe(plain(all)))
			}
			asked := plain(b.until(ping.at + 500*time.Millisecond))
			relays := map[string]bool{}
			for _, p := range of(wire.PingReq, asked) {
				if p.Msg.Target != "b" || p.Msg.Seq != ping.Msg.Seq || p.Stream {
					t.Errorf("asked %+v", p.Msg)
				}
				relays[p.To] = true
			}
			if len(relays) != k || relays[addr("b")] {
				t.Errorf("%v were asked, want %d others than the target", relays, k)
			}
			fallback := of(wire.Ping, asked)
			if got := len(fallback) == 1 && fallback[0].Stream && fallback[0].To == addr("b"); got != streams {
				t.Errorf("with streams %v, the pings beside: %v", streams, describe(fallback))
			}
		}
	}
}

// SWIM 3.1: the ack of a relay, of the target itself, late, or over the stream, is
// as good as the direct one; and what comes is checked against the sequence number
// of the period.
func TestPaper31WhoseAckCounts(t *testing.T) {
	for what, test := range map[string]struct {
		answer func(b *bench, seq uint32)
		counts bool
	}{
		"a relay's":            {func(b *bench, seq uint32) { b.receive("c", wire.Message{Kind: wire.Ack, Seq: seq, Target: "b"}) }, true},
		"the target's, late":   {func(b *bench, seq uint32) { b.receive("b", wire.Message{Kind: wire.Ack, Seq: seq, Target: "b"}) }, true},
		"the stream's":         {func(b *bench, seq uint32) { ackByStream(b, seq) }, true},
		"of another period":    {func(b *bench, seq uint32) { b.receive("b", wire.Message{Kind: wire.Ack, Seq: seq - 1, Target: "b"}) }, false},
		"of another target":    {func(b *bench, seq uint32) { b.receive("c", wire.Message{Kind: wire.Ack, Seq: seq, Target: "c"}) }, false},
		"of who was not asked": {func(b *bench, seq uint32) { b.receive("f", wire.Message{Kind: wire.Ack, Seq: seq, Target: "b"}) }, false},
		"of a stranger":        {func(b *bench, seq uint32) { b.receive("z", wire.Message{Kind: wire.Ack, Seq: seq, Target: "b"}) }, false},
		"of the process before b": {func(b *bench, seq uint32) {
			b.receive("b", wire.Message{Kind: wire.Ack, Seq: seq, Target: "b", Sender: wire.Sender{Name: "b", Epoch: 0}})
		}, false},
	} {
		b := newBench(t)
		b.meet("b", "c", "d", "e", "f") // c, d and e are asked
		ping := b.next(wire.Ping)
		b.until(ping.at + 700*time.Millisecond)
		test.answer(b, ping.Msg.Seq)
		b.until(ping.at + time.Second)
		if got := b.state("b") == wire.Alive; got != test.counts {
			t.Errorf("the ack %s: counted %v, want %v", what, got, test.counts)
		}
	}
}

func ackByStream(b *bench, seq uint32) {
	b.receiveFrom(core.Path{Addr: addr("b"), Stream: true}, "b", wire.Message{Kind: wire.Ack, Seq: seq, Target: "b"})
}

// SWIM 3.1: the verdict falls at the end of the period, not at the timeout of the
// direct ping, however hopeless it looks by then.
func TestPaper31VerdictAtTheEndOfThePeriod(t *testing.T) {
	b := newBench(t, paper)
	b.meet("b", "c", "d")
	ping := b.next(wire.Ping)
	for _, name := range []string{"c", "d"} { // all relays have said that they hear nothing
		b.until(ping.at + 900*time.Millisecond)
		b.receive(name, wire.Message{Kind: wire.Nack, Seq: ping.Msg.Seq, Target: "b"})
	}
	b.until(ping.at + time.Second - 1)
	b.want("b", wire.Alive, 0)
	b.until(ping.at + time.Second)
	b.want("b", wire.Suspect, 0)
}

// SWIM 3.1: a member that gets a ping-req pings the target and hands its ack on to
// who asked, under the asker's sequence number.
func TestPaper31Relay(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 9, Target: "b"})
	ping := b.only(wire.Ping)
	if ping.To != addr("b") || ping.Msg.Target != "b" || ping.Msg.Sender.Name != "self" {
		t.Fatalf("the relay pings %+v %+v", ping, ping.Msg)
	}
	b.receive("c", wire.Message{Kind: wire.Ack, Seq: ping.Msg.Seq, Target: "b"})
	if len(b.packets) > 0 {
		t.Errorf("another's ack was handed on: %v", describe(b.packets))
	}
	b.ack(ping)
	ack := b.only(wire.Ack)
	if ack.To != addr("c") || ack.Msg.Seq != 9 || ack.Msg.Target != "b" || ack.Msg.Sender.Name != "self" {
		t.Errorf("handed on: %+v %+v", ack, ack.Msg)
	}
	b.ack(ping)
	if len(b.packets) > 0 {
		t.Errorf("handed on twice: %v", describe(b.packets))
	}
}

// SWIM 4.1: claims ride on ping, ping-req, ack and nack.
func TestPaper41PiggybackOnEverything(t *testing.T) {
	b := newBench(t, func(c *core.Config) { c.GossipInterval = 0 })
	b.meet("b", "c", "d")
	carries := func(p core.Packet) {
		t.Helper()
		if len(about("x", []core.Packet{p})) != 1 {
			t.Errorf("%v to %s carries %+v, and not x", p.Msg.Kind, p.To, p.Msg.Updates)
		}
	}
	b.gossip("stranger", claim("x", 1, wire.Left, "")) // news, sent four times
	carries(b.next(wire.Ping).Packet)
	carries(b.next(wire.PingReq).Packet)
	b.news.Add(claim("x", 2, wire.Left, ""))
	b.receive("c", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self"})
	carries(b.only(wire.Ack))
	b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 1, Target: "d"})
	carries(b.only(wire.Ping))
	carries(b.next(wire.Nack).Packet)
}

// SWIM 4.1: each claim is sent λ·log n times, and no more. The logarithm is to the
// base of 10, rounded up, of n+1, and λ is RetransmitMult. Ours is one more below a
// hundred members.
func TestPaper41TransmitLimit(t *testing.T) {
	for _, test := range []struct {
		n, lambda, want int
		paper           bool
	}{
		{2, 4, 4, true},
		{9, 4, 4, true},
		{10, 4, 8, true},
		{128, 4, 12, true},
		{2, 4, 8, false},
		{9, 4, 8, false},
		{10, 4, 12, false},
		{50, 4, 12, false},
		{99, 4, 12, false},
		{100, 4, 12, false},
		{128, 4, 12, false},
		{1000, 1, 4, false},
		{128, 1, 3, false},
		{128, 2, 6, false},
	} {
		b := newBench(t, func(c *core.Config) {
			if test.paper {
				paper(c)
			}
			c.RetransmitMult, c.ProbeInterval = test.lambda, time.Hour
		})
		for i := 1; i < test.n; i++ {
			b.meet(fmt.Sprint("m", i))
		}
		b.gossip("stranger", claim("m1", 7, wire.Alive, ""))
		if got := len(about("m1", plain(b.until(time.Minute)))); got != test.want {
			t.Errorf("n %d, λ %d: sent %d times, want %d", test.n, test.lambda, got, test.want)
		}
	}
}

// SWIM 4.1: where not all fit, those that were sent fewer times go first.
func TestPaper41FewestSentFirst(t *testing.T) {
	b := newBench(t, func(c *core.Config) {
		c.PacketBytes, c.GossipInterval, c.ProbeInterval, c.RetransmitMult = 120, 0, time.Hour, 4
	})
	b.meet("b", "c", "d", "e", "f", "g", "h", "i", "j")
	names := []string{"c", "d", "e", "f", "g", "h", "i", "j"}
	for _, name := range names {
		b.gossip("stranger", claim(name, 1, wire.Alive, ""))
	}
	times := map[string]int{}
	for range 20 {
		b.receive("b", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self"})
		least, most := 99, 0
		for _, u := range b.only(wire.Ack).Msg.Updates {
			times[u.Name]++
		}
		for _, name := range names {
			least, most = min(least, times[name]), max(most, times[name])
		}
		if most > least+1 {
			t.Fatalf("some were sent %d times and others %d times: %v", most, least, times)
		}
	}
	if times["c"] != 12 { // λ·(⌈log(n+1)⌉+1) = 4·3
		t.Errorf("sent %v, want each 12 times", times)
	}
}

// SWIM 4.3, and what 4.2 means by suspicion: suspects take part. They are probed
// and gossiped to until they are failed, and relays are asked to ping them.
func TestPaper42SuspectsTakePart(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.gossip("c", claim("b", 0, wire.Suspect, "c"))
	b.want("b", wire.Suspect, 0)
	if ping := b.next(wire.Ping); ping.To != addr("b") {
		t.Errorf("the suspect is not probed, but %s", ping.To)
	}
	if got := describe(plain(b.until(b.now + time.Second))); len(got) == 0 {
		t.Error("no gossip")
	}
	b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 1, Target: "b"})
	if ping := b.only(wire.Ping); ping.To != addr("b") {
		t.Errorf("the relay pings %s", ping.To)
	}
	b.gossip("c", claim("b", 0, wire.Failed, "c"))
	b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 2, Target: "b"})
	if nack := b.only(wire.Nack); nack.To != addr("c") || nack.Msg.Target != "b" {
		t.Errorf("asked to ping the failed: %+v", nack.Msg)
	}
}
