package core_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// The hazards H1 to H16 are what is known to have gone wrong in implementations of
// SWIM. Each has a test here that fails without the rule that prevents it; those
// from H11 on are in hazards_cluster_test.go.

// H1: evidence of a higher incarnation against a dead member is dropped, since it
// is dead anyway; then an older sign of life, but newer than the first evidence,
// resurrects it.
func TestH1EvidenceAgainstTheDeadIsKept(t *testing.T) {
	for _, gone := range []wire.State{wire.Failed, wire.Left} {
		b := newBench(t)
		b.meet("c")
		b.gossip("c", claim("b", 1, wire.Alive, ""), claim("b", 1, gone, "c"), claim("b", 10, gone, "c"))
		b.want("b", gone, 10)
		b.gossip("c", claim("b", 2, wire.Alive, ""), claim("b", 10, wire.Alive, ""))
		b.want("b", gone, 10)
		b.gossip("c", claim("b", 11, wire.Alive, ""))
		b.want("b", wire.Alive, 11)
	}
}

// H2: a member that all hold for dead, at an incarnation that it never heard of, is
// ignored for ever, and nobody tells it why. Here whatever it sends is answered with
// the accusation, whether its own incarnation is below or above.
func TestH2TheDeadAreToldWhy(t *testing.T) {
	for _, state := range []wire.State{wire.Suspect, wire.Failed, wire.Left} {
		for _, own := range []uint32{0, 100, 101} {
			for kind, send := range map[wire.Kind]wire.Message{
				wire.Ack:       {Kind: wire.Ping, Seq: 1, Target: "self"},
				wire.Gossip:    {Kind: wire.Gossip},
				wire.SyncReply: {Kind: wire.Sync, Seq: 1},
			} {
				b := newBench(t, func(c *core.Config) { c.Streams = false })
				b.meet("b", "c")
				b.gossip("c", claim("b", 100, state, "c"))
				b.news.Forget("b")
				send.Sender = wire.Sender{Name: "b", Epoch: 1, Incarnation: own}
				b.receive("b", send)
				if u := about("b", of(kind, b.packets)); len(u) != 1 || u[0].State != state || u[0].Incarnation != 100 {
					t.Errorf("b, at %d and held for %v at 100, sends a %v and is answered with %+v", own, state, send.Kind, u)
				}
			}
		}
	}
}

// H2, the restart: the process of the next epoch is believed at incarnation 0,
// whatever was said of its predecessor. One whose clock was set back is told of its
// predecessor, and begins an epoch after that.
func TestH2RestartsAreBelieved(t *testing.T) {
	b := newBench(t)
	b.gossip("c", claim("b", 100, wire.Failed, "c"))
	next := claim("b", 0, wire.Alive, "")
	next.Epoch = 2
	b.gossip("b", next)
	b.want("b", wire.Alive, 0)

	b = newBench(t)
	past := claim("self", 100, wire.Failed, "c")
	past.Epoch = 7
	b.gossip("c", past)
	if m := b.m.Local(); m.Epoch != 8 || m.State != wire.Alive {
		t.Errorf("told of a later epoch of its own, it is %+v", m)
	}
}

// H3: a claim that an unknown member is suspect or failed is dropped, so it is not
// passed on either, and the stale Alive that comes later is believed.
func TestH3ClaimsAboutStrangersAreKept(t *testing.T) {
	for _, state := range []wire.State{wire.Suspect, wire.Failed, wire.Left} {
		b := newBench(t)
		b.meet("c", "d")
		b.gossip("c", claim("b", 5, state, "d"))
		if len(about("b", plain(b.until(time.Second)))) == 0 {
			t.Errorf("%v: not passed on", state)
		}
		b.gossip("c", claim("b", 5, wire.Alive, ""))
		b.want("b", state, 5)
	}
}

// H4: an accusation at the largest incarnation cannot be outbid: one more is 0, and
// a cap at the largest only moves the war there. The subject begins a new epoch, in
// which it is at 0; and an epoch that could not be followed by another is refused.
func TestH4NothingIsTooLargeToRefute(t *testing.T) {
	for _, at := range []uint32{1 << 31, math.MaxUint32 - 1, math.MaxUint32} {
		accused, observer := newBench(t), newBench(t, func(c *core.Config) { c.Name = "other" })
		observer.meet("self")
		accusation := claim("self", at, wire.Failed, "c")
		accused.gossip("c", accusation)
		observer.gossip("c", accusation)
		observer.want("self", wire.Failed, at)
		answer := wire.Update{Member: accused.m.Local()}
		observer.gossip("self", answer)
		if m, _ := observer.m.Member("self"); m.State != wire.Alive || m != answer.Member {
			t.Errorf("accused at %d it says %+v, and is believed to be %+v", at, answer.Member, m)
		}
	}
	for _, epoch := range []uint64{math.MaxUint64, math.MaxUint64 - 1, 1 << 62} {
		b := newBench(t)
		b.meet("b")
		for _, name := range []string{"self", "b", "x"} {
			u := claim(name, 0, wire.Failed, "c")
			u.Epoch = epoch
			b.gossip("c", u)
		}
		b.want("self", wire.Alive, 0)
		b.want("b", wire.Alive, 0)
		b.want("x", 0, 0)
		b.receive("b", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self", Sender: wire.Sender{Name: "b", Epoch: epoch}})
		if s := b.m.Stats(); s.ClaimsInvalid != 3 || s.MessagesInvalid != 1 {
			t.Errorf("epoch %d: %+v", epoch, s)
		}
	}
}

// H4, without a forger: a member that has raised its own incarnation that far.
func TestH4OwnIncarnationDoesNotOverflow(t *testing.T) {
	b := newBench(t)
	b.gossip("c", claim("self", 1<<31-2, wire.Suspect, "c"))
	b.want("self", wire.Alive, 1<<31-1)
	b.m.SetMeta(b.now, "v2")
	if m := b.m.Local(); m.Epoch != 2 || m.Incarnation != 0 || m.Meta != "v2" {
		t.Errorf("%+v", m)
	}
	b.gossip("c", wire.Update{Member: wire.Member{Name: "self", Addr: addr("self"), Epoch: 2, Incarnation: 1<<31 - 2, State: wire.Suspect}})
	b.m.Leave(b.now)
	if m := b.m.Local(); m.Epoch != 3 || m.State != wire.Left {
		t.Errorf("%+v", m)
	}
}

// H5: a departure that its subject did not make is believed, as any is, but it does
// not stand: the subject hears of it, from the first it speaks to, and refutes it.
func TestH5ForgedDeparture(t *testing.T) {
	b := newBench(t)
	b.meet("c")
	b.gossip("c", claim("self", 0, wire.Left, "self"))
	b.want("self", wire.Alive, 1)
	if len(about("self", b.packets)) != 1 {
		t.Errorf("answered with %v", describe(b.packets))
	}
	// What the others do for it: at the very incarnation that it has, too.
	for own := range uint32(2) {
		b := newBench(t)
		b.meet("b")
		b.gossip("x", claim("b", 1, wire.Left, "b"))
		b.news.Forget("b")
		b.receive("b", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self", Sender: wire.Sender{Name: "b", Epoch: 1, Incarnation: own}})
		if len(about("b", b.packets)) != 1 {
			t.Errorf("b, at incarnation %d and departed at 1, is not told", own)
		}
	}
}

// H6: when a partition heals, each half holds the other for failed, and the first
// exchange of tables buries all. That a table says so is no verdict: it is a
// suspicion, by nobody, which its subject can refute. That the halves look for each
// other, and merge without a Join, is the issue of anti-entropy and healing.
func TestH6MergingSuspectsFirst(t *testing.T) {
	for _, kind := range []wire.Kind{wire.Sync, wire.SyncReply} {
		b := newBench(t)
		b.meet("b", "c")
		b.receiveFrom(core.Path{Addr: addr("c"), Stream: true}, "c", wire.Message{Kind: kind, Seq: 1, Updates: []wire.Update{
			claim("b", 0, wire.Failed, "c"), claim("d", 0, wire.Failed, "c"),
		}})
		b.want("b", wire.Suspect, 0)
		b.want("d", wire.Failed, 0) // whom we never held for alive
		if e := b.events[0]; e.By != "" {
			t.Errorf("the suspicion of %s is by %q", e.After.Name, e.By)
		}
		b.gossip("b", claim("b", 1, wire.Alive, ""))
		b.want("b", wire.Alive, 1)
		b.gossip("c", claim("b", 1, wire.Failed, "c")) // news is another matter
		b.want("b", wire.Failed, 1)
	}
}

// H7: a suspicion belongs to the member and not to its incarnation, so that its
// timer kills whoever came back since.
func TestH7SuspicionDiesWithItsIncarnation(t *testing.T) {
	// With n = 9 and K = 0 ours lasts 12·200 ms·(log2 9 + 5) = 19.6 s, and, as it
	// was only heard of, one gossip interval and up to 0.4 s more.
	ours := func(c *core.Config) { c.SuspicionMult, c.Confirmations = 12, 0 }
	for mode, m := range map[string]struct {
		options     []func(*core.Config)
		least, most time.Duration
	}{
		"paper": {[]func(*core.Config){paper, func(c *core.Config) { c.Alpha = 4 }}, 24 * time.Second, 24 * time.Second},
		"ours":  {[]func(*core.Config){ours}, 19800 * time.Millisecond, 20300 * time.Millisecond},
	} {
		const later = 15 * time.Second
		for what, test := range map[string]struct {
			claims []wire.Update
			anew   time.Duration // when the suspicion that counts began
			never  bool
		}{
			"nothing":                 {},
			"refuted":                 {claims: []wire.Update{claim("b", 4, wire.Alive, "")}, never: true},
			"restarted":               {claims: []wire.Update{epoch2(claim("b", 0, wire.Alive, ""))}, never: true},
			"refuted, suspected anew": {claims: []wire.Update{claim("b", 4, wire.Alive, ""), claim("b", 4, wire.Suspect, "d")}, anew: later},
			"suspected of a later":    {claims: []wire.Update{claim("b", 9, wire.Suspect, "d")}, anew: later},
			"of a later life":         {claims: []wire.Update{epoch2(claim("b", 0, wire.Suspect, "d"))}, anew: later},
		} {
			b := suspectingWith(t, m.options...)
			b.calmly(func() bool { return b.now >= later })
			began := b.now
			b.gossip("d", test.claims...)
			b.calmly(func() bool { return b.state("b") == wire.Failed })
			if test.never {
				if b.state("b") == wire.Failed {
					t.Errorf("%s, %s: failed at %v", mode, what, b.now)
				}
				continue
			}
			if test.anew == 0 {
				began = 0
			}
			if took := b.now - began; took < m.least || took > m.most {
				t.Errorf("%s, %s: failed after %v, want %v to %v", mode, what, took, m.least, m.most)
			}
		}
	}
}

func epoch2(u wire.Update) wire.Update {
	u.Epoch = 2
	return u
}

// H7, for probes: one that began before its target came back with a higher
// incarnation, restarted or left says nothing of who is there now.
func TestH7ProbesJudgeWhomTheyAskedAfter(t *testing.T) {
	for what, u := range map[string]wire.Update{
		"refuted":   claim("b", 1, wire.Alive, ""),
		"restarted": epoch2(claim("b", 0, wire.Alive, "")),
	} {
		b := newBench(t)
		b.meet("b", "c")
		ping := b.next(wire.Ping)
		b.until(ping.at + 900*time.Millisecond)
		b.gossip("b", u)
		b.until(ping.at + time.Second)
		b.want("b", wire.Alive, u.Incarnation)
		if what == "restarted" && b.m.Health() != 0 {
			t.Errorf("%s: doubts itself", what)
		}
	}
}

// H8: the verdict falls before the relays could answer. Here it waits for them even
// if this process was stopped in between, so that all is due at once.
func TestH8VerdictWaitsForTheRelays(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	ping := b.next(wire.Ping)
	b.now = ping.at + 30*time.Second
	b.m.Tick(b.now)
	b.collect()
	if len(of(wire.PingReq, b.packets)) != 2 || b.state("b") != wire.Alive {
		t.Fatalf("after a stall: %v, and b is %v", describe(b.packets), b.state("b"))
	}
	b.until(b.now + 499*time.Millisecond)
	b.want("b", wire.Alive, 0)
	b.receive("d", wire.Message{Kind: wire.Ack, Seq: ping.Msg.Seq, Target: "b"})
	b.until(b.now + 2*time.Second)
	if b.m.Stats().ProbesAcked != 1 || b.state("b") != wire.Alive {
		t.Errorf("b is %v; %+v", b.state("b"), b.m.Stats())
	}
}

// H9: errors of precedence. Whatever is gossiped about a member, in whatever order
// and however often, all end with the same belief, and it is that of wire.Supersedes.
func TestH9OrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var claims []wire.Update
		for range 12 {
			u := claim(string(rune('b'+rng.IntN(2))), rng.Uint32N(3), wire.Alive+wire.State(rng.IntN(4)), "c")
			u.Epoch = 1 + rng.Uint64N(2)
			claims = append(claims, u)
		}
		one, other := newBench(t), newBench(t)
		one.gossip("x", claims...)
		rng.Shuffle(len(claims), func(i, j int) { claims[i], claims[j] = claims[j], claims[i] })
		for _, u := range claims {
			other.gossip("x", u)
			other.gossip("x", u)
		}
		for _, name := range []string{"b", "c"} {
			best := wire.Member{}
			for _, u := range claims {
				if u.Name == name && (best.Name == "" || wire.Supersedes(&u.Member, &best)) {
					best = u.Member
				}
			}
			m1, _ := one.m.Member(name)
			m2, _ := other.m.Member(name)
			if m1 != best || m2 != best {
				t.Fatalf("seed %d: %+v and %+v, want %+v", seed, m1, m2, best)
			}
		}
	}
}

// H10: the refutation comes too late, since the suspect learns of the suspicion from
// gossip that reaches it late, or answered once, while nobody heard it. Whoever
// accuses it is answered there and then, and as often as it accuses.
func TestH10EveryAccuserIsAnswered(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	for i, test := range []struct {
		kind   wire.Kind
		answer wire.Kind
	}{{wire.Ping, wire.Ack}, {wire.Gossip, wire.Gossip}, {wire.PingReq, wire.Gossip}, {wire.Ack, wire.Gossip}, {wire.Nack, wire.Gossip}} {
		b.receive("c", wire.Message{Kind: test.kind, Seq: 1, Target: "self", Updates: []wire.Update{claim("self", 0, wire.Suspect, "b")}})
		u := about("self", of(test.answer, b.packets))
		if len(u) == 0 || u[0] != claim("self", 1, wire.Alive, "") {
			t.Errorf("%d: an accusation in a %v is answered with %+v", i, test.kind, u)
		}
		b.until(b.now + 30*time.Second) // by then the refutation is not gossiped any more
	}
}
