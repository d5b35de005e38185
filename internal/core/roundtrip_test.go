package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// practise answers probes of b, the only member, after a delay each.
func (b *bench) practise(delays ...time.Duration) {
	b.t.Helper()
	for _, d := range delays {
		ping := b.next(wire.Ping)
		b.until(ping.at + d)
		b.ack(ping.Packet)
	}
}

func repeat(d time.Duration, n int) (all []time.Duration) {
	for range n {
		all = append(all, d)
	}
	return all
}

// A member that answers quickly is waited for twice as long as it usually takes at
// most, within a fifth of ProbeTimeout and all of it; one that never answered yet, for
// all of it. The verdict falls ProbeTimeout after the relays were asked. In the papers
// both are fixed.
func TestRoundTripSetsTheTimeout(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		what     string
		delays   []time.Duration
		from, to time.Duration
		paper    bool
	}{
		{"no answer yet", nil, 500 * ms, 500 * ms, false},
		{"a millisecond: the floor", repeat(ms, 20), 100 * ms, 100 * ms, false},
		{"80 ms, steady: 2·(80 + 4·0)", repeat(80*ms, 60), 160 * ms, 165 * ms, false},
		{"80 ms, once: 2·(80 + 4·40)", repeat(80*ms, 1), 480 * ms, 480 * ms, false},
		{"400 ms: the ceiling", repeat(400*ms, 20), 500 * ms, 500 * ms, false},
		{"now 10 ms, now 110 ms", repeatPair(10*ms, 110*ms, 20), 500 * ms, 500 * ms, false},
		{"in the papers", repeat(ms, 20), 500 * ms, 500 * ms, true},
	} {
		b := newBench(t, func(c *core.Config) {
			if test.paper {
				paper(c)
			}
		})
		b.meet("b")
		b.practise(test.delays...)
		b.meet("c", "d")
		ping := b.next(wire.Ping)
		for ping.Msg.Target != "b" {
			b.ack(ping.Packet)
			ping = b.next(wire.Ping)
		}
		relays := b.next(wire.PingReq)
		if waited := relays.at - ping.at; waited < test.from || waited > test.to {
			t.Errorf("%s: relays are asked after %v, want %v to %v", test.what, waited, test.from, test.to)
		}
		for b.state("b") == wire.Alive {
			b.until(b.m.Deadline())
		}
		want := relays.at + 500*ms
		if test.paper {
			want = ping.at + time.Second
		}
		if b.now != want {
			t.Errorf("%s: the verdict falls %v after the relays were asked, want %v", test.what, b.now-relays.at, want-relays.at)
		}
	}
}

func repeatPair(a, b time.Duration, n int) (all []time.Duration) {
	for range n {
		all = append(all, a, b)
	}
	return all
}

// What a relay or a stream answers says nothing about the time that a packet takes.
func TestRoundTripIsTheMembersOwn(t *testing.T) {
	for what, answer := range map[string]func(b *bench, seq uint32){
		"a relay":  func(b *bench, seq uint32) { b.receive("c", wire.Message{Kind: wire.Ack, Seq: seq, Target: "b"}) },
		"a stream": ackByStream,
	} {
		b := newBench(t)
		b.meet("b")
		b.practise(repeat(time.Millisecond, 20)...)
		b.meet("c")
		ping := b.next(wire.Ping)
		for ping.Msg.Target != "b" {
			b.ack(ping.Packet)
			ping = b.next(wire.Ping)
		}
		b.until(ping.at + 400*time.Millisecond)
		answer(b, ping.Msg.Seq)
		b.ack(b.next(wire.Ping).Packet) // of c
		ping = b.next(wire.Ping)
		if waited := b.next(wire.PingReq).at - ping.at; ping.Msg.Target != "b" || waited != 100*time.Millisecond {
			t.Errorf("after an answer by %s %s is waited for %v", what, ping.Msg.Target, waited)
		}
	}
}

// A member that has moved is waited for as one that never answered.
func TestRoundTripEndsWithTheAddress(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	b.practise(repeat(time.Millisecond, 5)...)
	meta := claim("b", 1, wire.Alive, "")
	meta.Meta = "other"
	b.gossip("b", meta)
	if _, _, known := b.m.RoundTrip("b"); !known {
		t.Error("a change of metadata ends it")
	}
	moved := claim("b", 2, wire.Alive, "")
	moved.Addr = "elsewhere"
	b.gossip("b", moved)
	if d, _, known := b.m.RoundTrip("b"); known {
		t.Errorf("at its new address it is taken to answer within %v", d)
	}
}
