package core_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// cast is a broadcast of a member's, that says its number.
func cast(origin string, seq uint64) wire.Broadcast {
	return wire.Broadcast{Origin: origin, Epoch: 1, Seq: seq, Channel: "chat", Payload: fmt.Appendf(nil, "%s %d", origin, seq)}
}

// cast hands over broadcasts in a packet of a member's.
func (b *bench) cast(sender string, bs ...wire.Broadcast) {
	b.t.Helper()
	b.receive(sender, wire.Message{Kind: wire.Gossip, Broadcasts: bs})
}

// delivered is what the last input handed to the owner.
func (b *bench) delivered() (texts []string) {
	for _, e := range b.events {
		if e.Kind == core.BroadcastDelivered {
			texts = append(texts, string(e.Payload))
			if e.After.Name != e.By || e.Text == "" {
				b.t.Errorf("told of %+v", e)
			}
		}
	}
	return texts
}

func (b *bench) wantDelivered(texts ...string) {
	b.t.Helper()
	if got := b.delivered(); !slices.Equal(got, texts) {
		b.t.Errorf("at %v %q was delivered, want %q", b.now, got, texts)
	}
}

// passed are the broadcasts in packets of gossip, by member.
func passed(all []sent) map[string][]wire.Broadcast {
	to := map[string][]wire.Broadcast{}
	for _, p := range all {
		if p.Msg.Kind == wire.Gossip {
			to[p.To] = append(to[p.To], p.Msg.Broadcasts...)
		}
	}
	return to
}

// tickByTick lets time pass, and calls f after each input, while the events of that one
// can be seen.
func (b *bench) tickByTick(end time.Duration, f func()) {
	b.t.Helper()
	for b.m.Deadline() <= end {
		b.until(max(b.m.Deadline(), b.now))
		f()
	}
	b.until(end)
}

func (b *bench) broadcast(channel, key string, payload []byte) {
	b.t.Helper()
	if became := b.m.Broadcast(b.now, channel, key, payload); became != core.BroadcastQueued {
		b.t.Fatalf("at %v a broadcast became %d", b.now, became)
	}
	b.collect()
}

func TestBroadcastsAreDeliveredOnceAndInOrder(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.cast("b", cast("b", 1))
	b.wantDelivered("b 1")
	b.cast("c", cast("b", 1), cast("b", 3), cast("c", 1))
	b.wantDelivered("c 1")
	b.cast("c", cast("b", 3), cast("b", 5))
	b.wantDelivered()
	b.cast("c", cast("b", 2))
	b.wantDelivered("b 2", "b 3")
	b.cast("c", cast("b", 4), cast("b", 2), cast("b", 5))
	b.wantDelivered("b 4", "b 5")
	if s := b.m.BroadcastStats(); s.Received != 6 || s.Delivered != 6 || s.Duplicates != 4 || s.Held != 0 || s.Missed != 0 {
		t.Errorf("%+v", s)
	}
}

// What is missing holds up the others for a while, and is then left out for good.
func TestMissingBroadcastsAreGivenUp(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	b.until(time.Minute) // so that we are no joiner
	b.gossip("b")
	b.cast("b", cast("b", 1), cast("b", 3))
	b.wantDelivered("b 1")
	start, at := b.now, time.Duration(0)
	b.tickByTick(start+10*time.Second, func() {
		if len(b.delivered()) > 0 {
			at = b.now - start
			b.wantDelivered("b 3")
		}
	})
	if at < 5*time.Second || at > 5500*time.Millisecond {
		t.Errorf("given up after %v", at)
	}
	b.cast("b", cast("b", 2))
	b.wantDelivered()
	if s := b.m.BroadcastStats(); s.Missed != 1 || s.Delivered != 2 || s.Duplicates != 1 {
		t.Errorf("%+v", s)
	}
}

// Numbers far ahead end the wait, or the memory would have no end.
func TestBroadcastsFarAhead(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	b.cast("b", cast("b", 1), cast("b", 3))
	b.cast("b", cast("b", 1<<40))
	b.wantDelivered("b 3")
	b.cast("b", cast("b", 1<<61))
	b.cast("b", cast("b", wire.MaxBroadcastSeq), cast("b", 1<<64-1))
	if s := b.m.BroadcastStats(); s.Held != 1 || s.Kept > 5 || s.Delivered != 4 {
		t.Errorf("%+v", s)
	}
	b.until(b.now + time.Minute)
	if s := b.m.BroadcastStats(); s.Held != 0 || s.Kept != 0 || s.KeptBytes != 0 || s.Delivered != 5 {
		t.Errorf("afterwards %+v", s)
	}
}

// Broadcasts come from members, of members: anything else is counted and changes
// nothing.
func TestBroadcastsOfStrangersAreRefused(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.cast("stranger", cast("b", 1))
	b.cast("b", cast("stranger", 1))
	old, later := cast("c", 1), cast("c", 1)
	old.Epoch, later.Epoch = 0, 2
	b.cast("b", old, later)
	b.receive("b", wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "b", Epoch: 7}, Broadcasts: []wire.Broadcast{cast("b", 1)}})
	b.wantDelivered()
	if s := b.m.BroadcastStats(); s.Refused != 5 || s.Received != 0 || s.Kept != 0 {
		t.Errorf("%+v", s)
	}
	b.cast("b",
		wire.Broadcast{Origin: "b", Epoch: 1, Channel: "chat"},                                               // number 0
		wire.Broadcast{Origin: "b", Epoch: 1, Seq: 1, Channel: strings.Repeat("x", 65)},                      //
		wire.Broadcast{Origin: "b", Epoch: 1, Seq: 1, Channel: "x", Size: 1 << 31},                           //
		wire.Broadcast{Origin: "b", Epoch: 1, Seq: 1, Channel: "x", Size: 3, Payload: []byte("and payload")}, //
	)
	if s := b.m.BroadcastStats(); s.Invalid != 4 || s.Received != 0 {
		t.Errorf("%+v", s)
	}
	// The last words of one who is gone are heard, those of one long gone are not.
	b.gossip("c", claim("c", 1, wire.Left, ""))
	b.cast("b", cast("c", 1))
	b.wantDelivered("c 1")
	b.among("b", b.now+15*time.Second)
	b.cast("b", cast("c", 2))
	b.wantDelivered()
}

// Each is sent λ·log n times, not to whom it is from, and less often where it comes
// back from others.
func TestBroadcastsArePassedOn(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d", "e", "f")
	b.until(b.now + time.Minute)
	b.gossip("b")
	b.broadcast("chat", "", []byte("hello"))
	first := b.now
	times := 0
	for _, p := range b.until(b.now + time.Second) {
		for range p.Msg.Broadcasts {
			if p.Msg.Kind == wire.Gossip {
				times++
				if times <= 3 && p.at != first {
					t.Errorf("the first are sent at %v, want at once (%v)", p.at, first)
				}
			}
		}
	}
	if times != 6 {
		t.Errorf("sent %d times, want 2λ", times)
	}
	b.cast("c", cast("b", 1))
	to := passed(b.until(b.now + time.Second))
	if len(to[addr("b")])+len(to[addr("c")]) != 0 || len(to[addr("d")]) == 0 {
		t.Errorf("passed on to %v", to)
	}
	b.broadcast("chat", "", []byte("again"))
	b.until(b.now) // three are sent
	for range 3 {
		b.cast("d", wire.Broadcast{Origin: "self", Epoch: 1, Seq: 2, Channel: "chat", Payload: []byte("again")})
	}
	if to := passed(b.until(b.now + time.Second)); len(to) != 0 || b.m.BroadcastStats().Waiting != 0 {
		t.Errorf("what all know is sent to %v", to)
	}
}

// Where our own epoch had to grow, others take us for another life, and number 1 is
// what they wait for.
func TestBroadcastsOfANewEpochOfOurs(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.broadcast("chat", "", []byte("one"))
	u := claim("self", 0, wire.Failed, "c")
	u.Epoch = 5
	b.gossip("c", u)
	b.until(b.now + time.Second)
	b.broadcast("chat", "", []byte("two"))
	for _, bs := range passed(b.until(b.now + time.Second)) {
		for _, c := range bs {
			if c.Epoch != b.m.Local().Epoch || c.Epoch < 6 || c.Seq != 1 || string(c.Payload) != "two" {
				t.Errorf("sent %+v", c)
			}
		}
	}
}

// A node that has just begun does not wait long for what was said before.
func TestJoinersWaitLess(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	b.cast("b", cast("b", 50))
	at := time.Duration(0)
	b.tickByTick(3*time.Second, func() {
		if len(b.delivered()) == 1 {
			at = b.now
		}
	})
	if at < 900*time.Millisecond || at > 1500*time.Millisecond {
		t.Errorf("delivered after %v", at)
	}
}

// A node without peers keeps what it says for those who come.
func TestBroadcastAlone(t *testing.T) {
	b := newBench(t)
	b.broadcast("chat", "", []byte("hello"))
	b.until(b.now + 2*time.Second)
	if s := b.m.BroadcastStats(); s.Waiting != 0 || s.QueueBytes != 0 || s.Kept != 1 {
		t.Errorf("%+v", s)
	}
	b.meet("b")
	asked := b.next(wire.Fetch)
	if len(asked.Msg.Broadcasts) != 1 || asked.Msg.Broadcasts[0].Seq != 2 {
		t.Fatalf("it says it has %+v", asked.Msg.Broadcasts)
	}
	b.receive("b", wire.Message{Kind: wire.Fetch, Cursor: 1, Broadcasts: []wire.Broadcast{{Origin: "self", Epoch: 1, Seq: 1}}})
	if got := b.only(wire.Fetched).Msg.Broadcasts; len(got) != 1 || string(got[0].Payload) != "hello" {
		t.Errorf("answered with %+v", got)
	}
}

func TestComparedBroadcastsAreRepaired(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.cast("b", cast("b", 1), cast("b", 2), cast("b", 3), cast("b", 4))
	// What came a moment ago is on its way to others, too.
	b.receive("c", wire.Message{Kind: wire.Fetch, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1, Seq: 1}}})
	if len(of(wire.Fetched, b.packets)) != 0 {
		t.Errorf("sent %+v", b.packets[0].Msg)
	}
	b.until(b.now + time.Second)
	// c has 1 and 3 of b, and something of its own.
	has := wire.Message{Kind: wire.Fetch, Broadcasts: []wire.Broadcast{
		{Origin: "b", Epoch: 1, Seq: 2, Payload: []byte{0b10}}, {Origin: "c", Epoch: 1, Seq: 9},
	}}
	b.receive("c", has)
	if got := b.only(wire.Fetched).Msg.Broadcasts; len(got) != 2 || got[0].Seq != 2 || got[1].Seq != 4 {
		t.Errorf("sent %+v", got)
	}
	if got := b.only(wire.Fetch); got.Msg.Cursor != 1 || len(got.Msg.Broadcasts) != 1 || got.Msg.Broadcasts[0].Origin != "c" || got.Msg.Broadcasts[0].Seq != 1 {
		t.Errorf("asked back %+v", got.Msg)
	}
	b.receive("c", wire.Message{Kind: wire.Fetched, Broadcasts: []wire.Broadcast{cast("c", 1), cast("c", 2)}})
	b.wantDelivered("c 1", "c 2")
	if s := b.m.BroadcastStats(); s.Waiting != 0 || s.Repaired != 2 {
		t.Errorf("what was missing is passed on: %+v", s)
	}
	// An answer goes to where the member is known to be, and to members alone.
	b.receiveFrom(core.Path{Addr: "elsewhere"}, "c", has)
	b.receive("stranger", has)
	if len(of(wire.Fetched, b.packets)) != 0 || b.m.BroadcastStats().Refused != 2 {
		t.Errorf("%v; %+v", describe(b.packets), b.m.BroadcastStats())
	}
	// And does not come often.
	for range 100 {
		b.receive("c", has)
	}
	if s := b.m.BroadcastStats(); s.Shed < 80 {
		t.Errorf("%+v", s)
	}
	// What says nothing is no answer either.
	b.receive("c", wire.Message{Kind: wire.Fetch, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1}, {}}})
}

// Nor does it get out of the habit while it has nothing itself.
func TestComparisonsAreAnsweredLater(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.cast("b", cast("b", 1))
	b.among("c", b.now+12*time.Second)
	ask := func() {
		b.receive("b", wire.Message{Kind: wire.Fetch, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1, Seq: 9}}})
	}
	for range 50 {
		ask()
	}
	if s := b.m.BroadcastStats(); s.Kept != 0 || s.Shed == 0 {
		t.Fatalf("%+v", s)
	}
	b.among("c", b.now+time.Second)
	if ask(); b.only(wire.Fetch).Msg.Broadcasts[0].Seq != 2 {
		t.Errorf("asked for %+v", b.packets[0].Msg)
	}
}

// A node that heard nothing at all is told that there is something.
func TestWhoMissedAllAsksForIt(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	b.receive("b", wire.Message{Kind: wire.Fetch, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1, Seq: 4}}})
	if got := b.only(wire.Fetch).Msg.Broadcasts; len(got) != 1 || got[0].Origin != "b" || got[0].Seq != 1 {
		t.Errorf("asked for %+v", got)
	}
}

func TestKeysReplace(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.until(b.now + time.Second)
	for i := range 5 {
		b.broadcast("state", "leader", bytes.Repeat([]byte{byte('0' + i)}, 100))
	}
	b.broadcast("state", "other", []byte("x"))
	b.broadcast("chat", "leader", []byte("y"))
	full := map[string]int{}
	for _, bs := range passed(b.until(b.now + time.Second)) {
		for _, c := range bs {
			if !c.Void() {
				full[c.Channel+" "+c.Key+" "+string(c.Payload[:1])]++
			}
		}
	}
	delete(full, "state leader 0") // which went out at once
	if len(full) != 3 || full["state leader 4"] == 0 || full["state other x"] == 0 || full["chat leader y"] == 0 {
		t.Errorf("sent %v", full)
	}
	// Held, too: the later stands for both, and nothing is missing.
	keyed := func(seq uint64) wire.Broadcast {
		c := cast("b", seq)
		c.Key = "k"
		return c
	}
	b.cast("b", keyed(2), keyed(3))
	b.cast("b", keyed(1))
	b.wantDelivered("b 3")
	if s := b.m.BroadcastStats(); s.Replaced != 6 || s.Missed != 0 || s.Held != 0 {
		t.Errorf("%+v", s)
	}
	b.until(b.now + 20*time.Second)
	if s := b.m.BroadcastStats(); s.Kept != 0 || s.KeptBytes != 0 || s.QueueBytes != 0 {
		t.Errorf("afterwards %+v", s)
	}
}
