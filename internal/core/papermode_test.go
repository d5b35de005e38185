package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/wire"
)

// What of ours stays out in Paper mode, beside what the papers' own tests show.

// Gossip leaves at ticks alone, a gossip interval apart.
func TestPaperModeGossipsAtTicks(t *testing.T) {
	b := newBench(t, paper, noProbes)
	b.meet("b", "c")
	var ticks []time.Duration
	for i := range 5 {
		b.until(b.now + 777*time.Millisecond)
		b.gossip("b", claim("x", uint32(i), wire.Left, ""))
		b.until(b.now)
		if got := of(wire.Gossip, b.packets); len(got) > 0 && i > 0 {
			t.Errorf("news goes out at once, at %v", b.now)
		}
		ticks = append(ticks, b.next(wire.Gossip).at)
	}
	for _, at := range ticks {
		if (at-ticks[0])%(200*time.Millisecond) != 0 {
			t.Errorf("gossip at %v, and first at %v", at, ticks[0])
		}
	}
}

// Nobody is answered beyond an ack: not the accuser, not who is held for gone.
func TestPaperModeAnswersNoAccuser(t *testing.T) {
	b := newBench(t, paper, noProbes)
	b.meet("b", "c")
	b.gossip("c", claim("b", 0, wire.Failed, "c"), claim("self", 0, wire.Suspect, "c"))
	if got := describe(b.packets); len(got) > 0 {
		t.Errorf("an accusation is answered with %v", got)
	}
	b.gossip("b")
	if got := describe(b.packets); len(got) > 0 {
		t.Errorf("the dead are answered with %v", got)
	}
}

// Digests are not compared: tables are exchanged when their time comes.
func TestPaperModeComparesNoDigests(t *testing.T) {
	b := newBench(t, paper)
	b.m.SyncInterval = time.Hour
	b.meet("b")
	for range 10 {
		ping := b.next(wire.Ping)
		b.receive("b", wire.Message{Kind: wire.Ack, Seq: ping.Msg.Seq, Target: "b", Digest: 12345})
	}
	if s := b.m.Stats(); s.Differences != 0 || s.ProbesAcked != 10 {
		t.Errorf("%+v", s)
	}
}
