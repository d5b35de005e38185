package core_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// small makes queues and memory that are soon full.
func small(c *core.Config) {
	c.Broadcasts = core.Broadcasting{
		Channels: []core.Channel{
			{Name: "high", Priority: 2, QueueBytes: 1 << 20},
			{Name: "low", Priority: 0, QueueBytes: 1 << 20},
			{Name: "narrow", Priority: 1, QueueBytes: 4 << 10},
		},
		Others:    core.Channel{Priority: 1, QueueBytes: 64 << 10},
		KeepBytes: 256 << 10, MaxBytes: 100_000,
	}
}

func TestBroadcastQueueIsBounded(t *testing.T) {
	b := newBench(t, small)
	b.meet("b", "c")
	accepted := 0
	for b.m.Broadcast(b.now, "narrow", "", make([]byte, 500)) == core.BroadcastQueued {
		accepted++
	}
	if accepted < 4 || accepted > 8 {
		t.Errorf("%d accepted", accepted)
	}
	if b.m.Broadcast(b.now, "another", "", nil) != core.BroadcastQueued {
		t.Error("another channel is full as well")
	}
	// Those of others are not refused, but passed on less.
	for i := range uint64(100) {
		c := cast("b", i+1)
		c.Channel, c.Payload = "narrow", append(c.Payload, make([]byte, 500)...)
		b.cast("b", c)
		if len(b.delivered()) != 1 {
			t.Fatalf("number %d was not delivered", i+1)
		}
	}
	s := b.m.BroadcastStats()
	if s.QueueBytes > 5<<10 || s.Shed == 0 || s.Delivered != 100 {
		t.Errorf("%+v", s)
	}
	b.until(b.now + time.Second)
	if b.m.Broadcast(b.now, "narrow", "", make([]byte, 500)) != core.BroadcastQueued {
		t.Error("no room after a second")
	}
	if b.m.Broadcast(b.now, "x", "", make([]byte, 100_001)) != core.BroadcastTooLarge || b.m.BroadcastLimit("x", "", nil) != 100_000 {
		t.Error("a payload over the limit is queued")
	}
}

func TestMemoryOfBroadcastsIsBounded(t *testing.T) {
	b := newBench(t, small)
	b.meet("b", "c")
	missing := 0
	for i := range uint64(3000) {
		c := cast("b", i+1)
		c.Payload = append(c.Payload, make([]byte, 800)...)
		if i%7 == 0 {
			missing++
			continue
		}
		b.cast("c", c)
		if s := b.m.BroadcastStats(); s.KeptBytes > 256<<10 || s.Held > 4096 {
			t.Fatalf("%+v", s)
		}
	}
	b.until(b.now + time.Minute)
	s := b.m.BroadcastStats()
	if s.Delivered != 3000-uint64(missing) || s.Missed != uint64(missing) || s.Kept != 0 || s.KeptBytes != 0 || s.QueueBytes != 0 {
		t.Errorf("%+v, of which %d were never sent", s, missing)
	}
}

// What is of higher priority goes first, and what is of the lowest goes, too.
func TestPriorityOfBroadcasts(t *testing.T) {
	b := newBench(t, small)
	b.meet("b", "c", "d", "e")
	b.until(b.now + time.Second)
	for i := range 300 {
		b.broadcast([]string{"low", "narrow ", "high"}[i%3], "", make([]byte, 300))
	}
	count := map[string]int{}
	for _, p := range b.until(b.now + 20*time.Millisecond) {
		for _, c := range p.Msg.Broadcasts {
			count[c.Channel]++
		}
	}
	if count["high"] < 4*count["low"] || count["low"] == 0 {
		t.Errorf("sent %v", count)
	}
}

// The rate at which broadcasts leave has a bound.
func TestPushesAreBounded(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d", "e")
	b.until(b.now + time.Second)
	for range 2000 {
		b.broadcast("chat", "", make([]byte, 600))
	}
	at := map[time.Duration]int{}
	for _, p := range b.until(b.now + 100*time.Millisecond) {
		if p.Msg.Kind == wire.Gossip {
			at[p.at]++
		}
	}
	for when, n := range at {
		if n > 3*16 {
			t.Errorf("%d packets at %v", n, when)
		}
	}
	if len(at) > 7 {
		t.Errorf("%d rounds in 100 ms", len(at))
	}
}

// A packet of gossip has room for both, whichever there is more of.
func TestClaimsAndBroadcastsShareAPacket(t *testing.T) {
	b := newBench(t)
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprint("member-with-a-long-name-", i))
	}
	b.meet(names...)
	b.among(names[0], b.now+time.Second)
	storm := func() {
		for i, name := range names {
			b.gossip(names[0], claim(name, uint32(b.now/time.Millisecond)+uint32(i), wire.Alive, ""))
		}
		for range 200 {
			b.broadcast("chat", "", make([]byte, 100))
		}
	}
	storm()
	var mixed, whole int
	for _, p := range b.until(b.now + 400*time.Millisecond) {
		if p.Msg.Kind != wire.Gossip || len(p.Msg.Updates) == 0 {
			continue
		}
		claims, size := 0, b.codec.Size(p.Msg)
		for i := range p.Msg.Updates {
			claims += b.codec.UpdateSize(&p.Msg.Updates[i])
		}
		switch {
		case len(p.Msg.Broadcasts) > 0 && claims > budget/2:
			mixed++
		case claims > budget*8/10:
			whole++
		}
		if size < budget*8/10 {
			t.Errorf("a packet of %d bytes while both wait", size)
		}
	}
	if mixed == 0 || whole == 0 {
		t.Errorf("%d packets with both, %d full of claims", mixed, whole)
	}
}

func TestAnnouncementsAreFetched(t *testing.T) {
	b := newBench(t, small)
	b.meet("b", "c")
	b.until(b.now + time.Second)
	large := bytes.Repeat([]byte("x"), 5000)
	told := wire.Broadcast{Origin: "b", Epoch: 1, Seq: 1, Channel: "files", Size: 5000}
	b.cast("b", told, cast("b", 2))
	b.wantDelivered()
	asked := b.only(wire.Fetch)
	if !asked.Stream || asked.To != addr("b") || asked.Msg.Broadcasts[0].Seq != 1 {
		t.Fatalf("asked %+v", asked)
	}
	for _, c := range passed(b.until(b.now + 100*time.Millisecond))[addr("c")] {
		if c.Seq != 2 {
			t.Errorf("what is not here yet is passed on: %+v", c)
		}
	}
	answer := func(bs ...wire.Broadcast) {
		b.receiveFrom(core.Path{Addr: asked.To, Stream: true}, "b", wire.Message{Kind: wire.Fetched, Seq: asked.Msg.Seq, Broadcasts: bs})
	}
	// c announces it, too, and the stream to b fails.
	b.cast("c", told)
	b.m.Unsent(b.now, asked.Msg.Seq)
	b.collect()
	again := b.next(wire.Fetch)
	for !again.Stream {
		again = b.next(wire.Fetch)
	}
	if again.To != addr("c") {
		t.Errorf("asked %s, want c", again.To)
	}
	// The first answer comes after all.
	whole := told
	whole.Size, whole.Payload = 0, large
	answer(whole)
	b.wantDelivered(string(large), "b 2")
	if to := passed(b.until(b.now + time.Second)); len(to[addr("c")]) != 0 && !to[addr("c")][0].Announced() {
		t.Errorf("passed on as %+v", to)
	}
	answer(whole)
	b.wantDelivered()
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "c", wire.Message{Kind: wire.Fetch, Seq: 9, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1, Seq: 1}}})
	if got := b.only(wire.Fetched); !got.Stream || !got.Reply || got.Msg.Seq != 9 || len(got.Msg.Broadcasts) != 1 || len(got.Msg.Broadcasts[0].Payload) != 5000 {
		t.Errorf("answered with %+v", got)
	}
	if s := b.m.BroadcastStats(); s.Fetched != 1 || s.Delivered != 2 {
		t.Errorf("%+v", s)
	}
	b.until(b.now + 20*time.Second)
	if s := b.m.BroadcastStats(); s.Kept != 0 || s.KeptBytes != 0 {
		t.Errorf("afterwards %+v", s)
	}
}

// An answer that is not what was announced is none.
func TestWrongAnswersAreNotTaken(t *testing.T) {
	b := newBench(t, small)
	b.meet("b")
	told := wire.Broadcast{Origin: "b", Epoch: 1, Seq: 1, Channel: "files", Size: 5000}
	for name, spoil := range map[string]func(*wire.Broadcast){
		"short":   func(c *wire.Broadcast) { c.Payload = c.Payload[1:] },
		"channel": func(c *wire.Broadcast) { c.Channel = "other" },
		"key":     func(c *wire.Broadcast) { c.Key = "k" },
		"epoch":   func(c *wire.Broadcast) { c.Epoch = 2 },
		"told":    func(c *wire.Broadcast) { c.Payload, c.Size = nil, 5000 },
	} {
		told.Seq++
		b.cast("b", told)
		asked := b.only(wire.Fetch)
		whole := told
		whole.Size, whole.Payload = 0, make([]byte, 5000)
		spoil(&whole)
		b.receiveFrom(core.Path{Addr: asked.To, Stream: true}, "b", wire.Message{Kind: wire.Fetched, Seq: asked.Msg.Seq, Broadcasts: []wire.Broadcast{whole}})
		if s := b.m.BroadcastStats(); s.Fetched != 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	// What was replaced meanwhile comes as void.
	told.Seq = 1
	b.cast("b", told)
	asked := b.only(wire.Fetch)
	b.receiveFrom(core.Path{Addr: asked.To, Stream: true}, "b", wire.Message{
		Kind: wire.Fetched, Seq: asked.Msg.Seq, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1, Seq: 1}},
	})
	b.wantDelivered()
	if s := b.m.BroadcastStats(); s.Fetched != 1 || s.Missed != 0 {
		t.Errorf("%+v", s)
	}
}

// What nobody gives, what is too large and what nobody asked for holds nothing up for
// ever and fills no memory.
func TestFetchesEnd(t *testing.T) {
	b := newBench(t, small)
	b.meet("b", "c")
	announce := func(seq uint64, size uint32) {
		b.cast("b", wire.Broadcast{Origin: "b", Epoch: 1, Seq: seq, Channel: "files", Size: size})
	}
	announce(1, 100_001)
	announce(2, 50_000)
	b.cast("b", cast("b", 3))
	b.wantDelivered()
	streams := 0
	var got []string
	b.tickByTick(b.now+12*time.Second, func() {
		for _, p := range b.packets {
			if p.Stream && p.Msg.Kind == wire.Fetch {
				streams++
			}
		}
		got = append(got, b.delivered()...)
	})
	if len(got) != 1 || got[0] != "b 3" {
		t.Errorf("delivered %q", got)
	}
	if s := b.m.BroadcastStats(); s.Missed != 2 || s.Delivered != 1 || s.Kept != 0 || streams < 2 || streams > 5 {
		t.Errorf("%d questions; %+v", streams, s)
	}
	for i := range uint64(500) {
		announce(10+i, 60_000)
		if n := len(of(wire.Fetch, b.packets)); n > 4 {
			t.Fatalf("%d questions at a time", n)
		}
	}
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "b", wire.Message{
		Kind: wire.Fetched, Seq: 77, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1, Seq: 900, Channel: "c", Payload: make([]byte, 90_000)}},
	})
	if s := b.m.BroadcastStats(); s.KeptBytes > 256<<10 || s.Refused < 200 {
		t.Errorf("%+v", s)
	}
}

// A Machine that has no broadcasts has nothing for them, and no time of its own.
func TestBroadcastsCostNothingWhereThereAreNone(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	b.receive("b", wire.Message{Kind: wire.Fetch})
	b.receive("b", wire.Message{Kind: wire.Fetched, Broadcasts: []wire.Broadcast{cast("b", 1)}})
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "b", wire.Message{Kind: wire.Fetched, Seq: 1})
	if s := b.m.BroadcastStats(); s != (core.BroadcastStats{}) {
		t.Errorf("%+v", s)
	}
	b.broadcast("chat", "", []byte("hello"))
	b.until(b.now + 11*time.Second)
	before := b.m.BroadcastStats().Compared
	b.until(b.now + time.Minute)
	if after := b.m.BroadcastStats().Compared; after != before {
		t.Errorf("%d comparisons when all is over", after-before)
	}
}
