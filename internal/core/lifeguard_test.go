package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// Lifeguard is Dadgar, Phillips and Currey, arXiv 1707.00788v2.

// Lifeguard IV-A: a relay that has no ack at 80 % of the timeout says so with a
// nack, once. An ack that comes later is handed on all the same.
func TestLifeguardNackAt80Percent(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.until(time.Second)
	b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 9, Target: "b"})
	ping, asked := b.only(wire.Ping), b.now
	nack := b.next(wire.Nack)
	if nack.at != asked+400*time.Millisecond || nack.To != addr("c") || nack.Msg.Seq != 9 || nack.Msg.Target != "b" {
		t.Errorf("after %v: %+v", nack.at-asked, nack.Msg)
	}
	if more := of(wire.Nack, plain(b.until(asked+800*time.Millisecond))); len(more) > 0 {
		t.Errorf("%d more", len(more))
	}
	b.ack(ping)
	if ack := b.only(wire.Ack); ack.To != addr("c") || ack.Msg.Seq != 9 {
		t.Errorf("%+v", ack.Msg)
	}
}

// And with an ack in time there is no nack.
func TestLifeguardNoNackAfterTheAck(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 9, Target: "b"})
	b.ack(b.only(wire.Ping))
	if nacks := of(wire.Nack, plain(b.until(time.Minute))); len(nacks) > 0 {
		t.Errorf("%d nacks", len(nacks))
	}
}

// A nack is worth something only if it is there before the verdict. Where the
// timeout is most of the period, as in WAN, 80 % of it would be too late.
func TestLifeguardNackComesBeforeTheVerdict(t *testing.T) {
	for name, params := range map[string]core.Params{"LAN": core.LAN(), "WAN": core.WAN(), "Local": core.Local()} {
		b := newBench(t, func(c *core.Config) { c.Params = params; c.SyncInterval = 0 })
		b.meet("b", "c")
		b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 9, Target: "b"})
		if at := b.next(wire.Nack).at; params.ProbeTimeout+at >= params.ProbeInterval {
			t.Errorf("%s: asked at %v, the nack is sent at %v, and the verdict falls at %v",
				name, params.ProbeTimeout, params.ProbeTimeout+at, params.ProbeInterval)
		}
	}
}

// Lifeguard IV-A: what raises and lowers the local health multiplier.
func TestLifeguardHealthEvents(t *testing.T) {
	failing := func(nacks ...string) func(b *bench) {
		return func(b *bench) {
			ping := b.next(wire.Ping)
			b.next(wire.PingReq)
			for _, name := range nacks {
				b.receive(name, wire.Message{Kind: wire.Nack, Seq: ping.Msg.Seq, Target: "b"})
			}
			for b.m.Stats().ProbesFailed == 0 {
				b.until(b.m.Deadline())
			}
		}
	}
	for _, test := range []struct {
		what  string
		start int
		do    func(b *bench)
		want  int
	}{
		{"an ack", 3, func(b *bench) { b.ack(b.next(wire.Ping).Packet) }, 2},
		{"a relay's ack", 3, func(b *bench) {
			ping := b.next(wire.Ping)
			b.next(wire.PingReq)
			b.receive("d", wire.Message{Kind: wire.Ack, Seq: ping.Msg.Seq, Target: "b"})
		}, 2},
		{"an ack after a nack", 3, func(b *bench) {
			ping := b.next(wire.Ping)
			b.next(wire.PingReq)
			b.receive("c", wire.Message{Kind: wire.Nack, Seq: ping.Msg.Seq, Target: "b"})
			b.receive("c", wire.Message{Kind: wire.Ack, Seq: ping.Msg.Seq, Target: "b"})
		}, 2},
		{"a failed probe, all relays have answered", 0, failing("c", "d"), 1},
		{"a failed probe, one relay is silent", 0, failing("c"), 2},
		{"a failed probe, both are silent", 0, failing(), 2},
		{"a nack of who was not asked", 0, failing("c", "x"), 2},
		{"the same nack twice", 0, failing("c", "c"), 2},
		{"a refutation", 0, func(b *bench) { b.gossip("c", claim("self", 50, wire.Suspect, "c")) }, 1},
		{"a suspicion of another", 0, func(b *bench) { b.gossip("c", claim("d", 0, wire.Suspect, "c")) }, 0},
	} {
		b := newBench(t, paper)
		b.meet("b", "c", "d")
		for i := range test.start {
			b.gossip("c", claim("self", uint32(i), wire.Suspect, "c"))
		}
		if b.m.Health() != test.start {
			t.Fatalf("%s: starts at %d", test.what, b.m.Health())
		}
		test.do(b)
		if got := b.m.Health(); got != test.want {
			t.Errorf("%s: health %d, want %d", test.what, got, test.want)
		}
	}
}

// Lifeguard IV-A: the multiplier stays within 0 and S.
func TestLifeguardHealthSaturates(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	for i := range 20 {
		b.gossip("b", claim("self", uint32(i), wire.Suspect, "b"))
	}
	if got := b.m.Health(); got != 8 {
		t.Errorf("health %d after 20 refutations, want S = 8", got)
	}
	for range 20 {
		b.ack(b.next(wire.Ping).Packet)
	}
	if got := b.m.Health(); got != 0 {
		t.Errorf("health %d after 20 acks", got)
	}
}

// Lifeguard IV-A: both the probe interval and the probe timeout are stretched by
// LHM + 1, from 1 s and 500 ms up to 9 s and 4.5 s.
func TestLifeguardHealthStretchesProbes(t *testing.T) {
	for lhm := range time.Duration(9) {
		b := newBench(t, paper)
		b.meet("b", "c", "d")
		for i := range lhm {
			b.gossip("b", claim("self", uint32(i), wire.Suspect, "b"))
		}
		ping := b.next(wire.Ping)
		if asked := b.next(wire.PingReq); asked.at-ping.at != (lhm+1)*500*time.Millisecond {
			t.Errorf("LHM %d: relays are asked after %v", lhm, asked.at-ping.at)
		}
		for b.state("b") == wire.Alive {
			b.until(b.m.Deadline())
		}
		if verdict := b.now - ping.at; verdict != (lhm+1)*time.Second {
			t.Errorf("LHM %d: the verdict falls after %v", lhm, verdict)
		}
	}
}

// Lifeguard IV-B: the suspicion lasts max(Min, Max - (Max-Min)·log(C+1)/log(K+1)).
// With K = 3, Min 4 s and Max 24 s that is 24, 14, 8.15 and 4 s.
func TestLifeguardConfirmationsShorten(t *testing.T) {
	for c, want := range []time.Duration{24 * time.Second, 14 * time.Second, 8160 * time.Millisecond, 4 * time.Second} {
		b := suspecting(t)
		for _, accuser := range []string{"d", "e", "f"}[:c] {
			b.gossip("g", claim("b", 3, wire.Suspect, accuser))
		}
		if got := b.failedAfter("b"); got < want-20*time.Millisecond || got > want+20*time.Millisecond {
			t.Errorf("with %d confirmations the suspicion lasts %v, want %v", c, got, want)
		}
	}
}

// Lifeguard IV-B: a confirmation that comes when the shorter time is past already
// ends the suspicion at once.
func TestLifeguardLateConfirmationFiresAtOnce(t *testing.T) {
	b := suspecting(t)
	b.calmly(func() bool { return b.now >= 20*time.Second })
	b.want("b", wire.Suspect, 3)
	b.gossip("g", claim("b", 3, wire.Suspect, "d"))
	if at := b.m.Deadline(); at > b.now {
		t.Errorf("the deadline is %v, want at once", at)
	}
	b.until(b.now)
	b.want("b", wire.Failed, 3)
}

// Lifeguard IV-B: what is no independent suspicion changes nothing: the first
// accuser again, one who has confirmed before, a claim without an accuser, one of
// an older incarnation, and a table in a sync, which says what its sender heard and
// not what it saw (H13).
func TestLifeguardIndependent(t *testing.T) {
	sync := func(u wire.Update) func(b *bench) {
		return func(b *bench) {
			b.receiveFrom(core.Path{Addr: addr("g"), Stream: true}, "g", wire.Message{Kind: wire.Sync, Seq: 1, Updates: []wire.Update{u}})
		}
	}
	for what, do := range map[string]func(b *bench){
		"nothing":                  func(*bench) {},
		"the first accuser":        func(b *bench) { b.gossip("c", claim("b", 3, wire.Suspect, "c")) },
		"nobody":                   func(b *bench) { b.gossip("c", claim("b", 3, wire.Suspect, "")) },
		"of an older incarnation":  func(b *bench) { b.gossip("d", claim("b", 2, wire.Suspect, "d")) },
		"failed, in a sync":        sync(claim("b", 3, wire.Failed, "")),
		"failed by d, in a sync":   sync(claim("b", 3, wire.Failed, "d")),
		"suspect by c, in a sync":  sync(claim("b", 3, wire.Suspect, "c")),
		"suspect by g, in another": sync(claim("b", 2, wire.Suspect, "g")),
	} {
		b := suspecting(t)
		do(b)
		do(b)
		if got := b.failedAfter("b"); got != 24*time.Second {
			t.Errorf("%s: the suspicion lasts %v, as if confirmed", what, got)
		}
	}
	b := suspecting(t)
	for range 5 {
		b.gossip("d", claim("b", 3, wire.Suspect, "d"))
	}
	if got := b.failedAfter("b"); got != 14*time.Second {
		t.Errorf("d, five times: %v, want the 14 s of one confirmation", got)
	}
}

// Lifeguard IV-B: the first K independent suspicions are passed on, under their
// accusers' names, and no others.
func TestLifeguardRegossip(t *testing.T) {
	b := suspecting(t)
	b.news.Forget("b")
	for _, accuser := range []string{"d", "e", "f", "g", "h"} {
		b.gossip("i", claim("b", 3, wire.Suspect, accuser))
	}
	told := map[string]bool{}
	for _, u := range about("b", plain(b.until(3*time.Second))) {
		told[u.From] = true
	}
	for accuser, want := range map[string]bool{"d": true, "e": true, "f": true, "g": false, "h": false} {
		if told[accuser] != want {
			t.Errorf("the suspicion of %s is passed on: %v", accuser, told[accuser])
		}
	}
}

// Our own failed probe of a suspect confirms, too.
func TestLifeguardOwnProbeConfirms(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d", "e")
	ping := b.next(wire.Ping)
	b.gossip("c", claim("b", 0, wire.Suspect, "c"))
	b.news.Forget("b")
	claims := about("b", plain(b.until(ping.at+time.Second)))
	own := false
	for _, u := range claims {
		own = own || u == claim("b", 0, wire.Suspect, "self")
	}
	if !own {
		t.Errorf("after a failed probe of a suspect %+v is claimed", claims)
	}
}

// Lifeguard IV-C: whoever pings a suspect tells it so, whether or not the claim is
// still gossiped: in a ping of its own, in one for another, and over the stream.
func TestLifeguardBuddy(t *testing.T) {
	for _, buddy := range []bool{true, false} {
		b := newBench(t, func(c *core.Config) { c.Buddy, c.GossipInterval = buddy, 0 })
		b.meet("b", "c")
		b.gossip("c", claim("b", 3, wire.Suspect, "c"))
		b.news.Forget("b")
		var pings []core.Packet
		pings = append(pings, b.next(wire.Ping).Packet)
		pings = append(pings, of(wire.Ping, plain(b.until(b.now+500*time.Millisecond)))...)
		b.receive("c", wire.Message{Kind: wire.PingReq, Seq: 1, Target: "b"})
		pings = append(pings, b.only(wire.Ping))
		if len(pings) != 3 || !pings[1].Stream {
			t.Fatalf("%v", describe(pings))
		}
		for i, p := range pings {
			told := len(p.Msg.Updates) == 1 && p.Msg.Updates[0] == claim("b", 3, wire.Suspect, "c")
			if told != buddy {
				t.Errorf("buddy %v: ping %d carries %+v", buddy, i, p.Msg.Updates)
			}
		}
	}
}

// And the suspect answers with its refutation, which rides on that very ack.
func TestLifeguardBuddyIsAnsweredAtOnce(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	for range 2 { // told again, it says it again, for the first answer may be lost (H10)
		b.receive("c", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self", Updates: []wire.Update{claim("self", 0, wire.Suspect, "b")}})
		if u := b.only(wire.Ack).Msg.Updates; len(u) == 0 || u[0] != claim("self", 1, wire.Alive, "") {
			t.Errorf("the ack carries %+v", u)
		}
		b.news.Forget("self")
	}
}

// suspecting is a Machine as in the paper, with α = 4, that holds b for suspect
// since time 0, at incarnation 3, on c's word. There are many others, so K is 3.
func suspecting(t *testing.T) *bench {
	t.Helper()
	return suspectingWith(t, paper, func(c *core.Config) { c.Alpha = 4 })
}

func suspectingWith(t *testing.T, options ...func(*core.Config)) *bench {
	t.Helper()
	b := newBench(t, options...)
	for _, name := range []string{"b", "c", "d", "e", "f", "g", "h", "i"} {
		b.meet(name)
	}
	b.gossip("c", claim("b", 3, wire.Suspect, "c"))
	b.want("b", wire.Suspect, 3)
	return b
}

// failedAfter lets time pass until a member is failed, answering all probes.
func (b *bench) failedAfter(name string) time.Duration {
	b.t.Helper()
	b.calmly(func() bool { return b.state(name) == wire.Failed })
	return b.now
}

// calmly lets time pass until done, at most an hour, answering all probes.
func (b *bench) calmly(done func() bool) {
	b.t.Helper()
	for end := b.now + time.Hour; !done() && b.now < end; {
		for _, s := range b.until(b.m.Deadline()) {
			if s.Msg.Kind != wire.Ping || s.Stream {
				continue
			}
			target, _ := b.m.Member(s.Msg.Target)
			b.receive(target.Name, wire.Message{
				Kind: wire.Ack, Seq: s.Msg.Seq, Target: target.Name,
				Sender: wire.Sender{Name: target.Name, Epoch: target.Epoch, Incarnation: target.Incarnation},
			})
		}
	}
}
