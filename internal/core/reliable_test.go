package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// letter is a payload of a member's to us, that wants a receipt.
func letter(seq uint32) wire.Message {
	return wire.Message{Kind: wire.User, Seq: seq, Target: "self", Digest: 1, Payload: []byte("hello")}
}

func (b *bench) count(kind core.EventKind) (n int) {
	for _, e := range b.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func (b *bench) sendReliable(name string) uint32 {
	b.t.Helper()
	seq, known, queued := b.m.SendReliable(b.now, name, []byte("hello"))
	if !known || !queued {
		b.t.Fatalf("to %s: known %v, queued %v", name, known, queued)
	}
	b.collect()
	return seq
}

func TestLettersAreAcknowledgedAndDeliveredOnce(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	for i, from := range []core.Path{{Addr: addr("b")}, {Addr: addr("b")}, {Addr: "a stream", Stream: true}} {
		b.receiveFrom(from, "b", letter(7))
		want := 0
		if i == 0 {
			want = 1
		}
		got := b.only(wire.Receipt)
		if b.count(core.Delivered) != want || got.Msg.Seq != 7 || got.To != from.Addr || got.Stream != from.Stream || !got.Reply {
			t.Errorf("time %d: %+v and %+v", i, b.events, got)
		}
	}
	b.receive("c", letter(7)) // another's
	b.receive("b", letter(8))
	if b.count(core.Delivered) != 1 {
		t.Error("another letter is taken for the same")
	}
	b.receive("stranger", letter(9))
	b.receive("b", wire.Message{Kind: wire.User, Seq: 9, Target: "self", Digest: 2}) // for an earlier life
	if len(of(wire.Receipt, b.packets)) != 0 {
		t.Error("what is not for us is acknowledged")
	}
	b.receive("b", wire.Message{Kind: wire.User, Target: "self", Digest: 1})
	if b.count(core.Delivered) != 1 || len(of(wire.Receipt, b.packets)) != 0 {
		t.Error("what asks for no receipt gets one")
	}
}

// Who has no room takes nothing, and says nothing.
func TestLettersToABusyOwner(t *testing.T) {
	busy := true
	b := newBench(t, func(c *core.Config) { c.Busy = func() bool { return busy } })
	b.meet("b")
	b.receive("b", letter(7))
	if b.count(core.Delivered) != 0 || len(of(wire.Receipt, b.packets)) != 0 {
		t.Errorf("%+v", b.events)
	}
	busy = false
	b.receive("b", letter(7))
	if b.count(core.Delivered) != 1 || len(of(wire.Receipt, b.packets)) != 1 {
		t.Errorf("%+v", b.events)
	}
}

func TestLettersAreSentUntilAcknowledged(t *testing.T) {
	b := newBench(t, func(c *core.Config) { c.Streams = false })
	b.meet("b", "c")
	seq := b.sendReliable("b")
	first := b.only(wire.User)
	if first.Stream || first.Msg.Seq != seq || first.Msg.Digest != 1 || string(first.Msg.Payload) != "hello" {
		t.Fatalf("%+v", first)
	}
	if again := b.next(wire.User); again.Msg.Seq != seq || again.at != 500*time.Millisecond {
		t.Errorf("again %+v at %v", again.Msg, again.at)
	}
	b.receive("c", wire.Message{Kind: wire.Receipt, Seq: seq, Target: "self"})
	b.receive("b", wire.Message{Kind: wire.Receipt, Seq: seq + 1, Target: "self"})
	b.receive("b", wire.Message{Kind: wire.Receipt, Seq: seq, Target: "self", Sender: wire.Sender{Name: "b", Epoch: 2}})
	if b.count(core.Acknowledged) != 0 || b.m.Stats().MessagesLate != 3 {
		t.Errorf("another's receipt ends it: %+v", b.events)
	}
	b.receive("b", wire.Message{Kind: wire.Receipt, Seq: seq, Target: "self"})
	if b.count(core.Acknowledged) != 1 {
		t.Errorf("%+v", b.events)
	}
	b.receive("b", wire.Message{Kind: wire.Receipt, Seq: seq, Target: "self"})
	if b.count(core.Acknowledged) != 0 {
		t.Error("acknowledged twice")
	}
	recalled := b.sendReliable("c")
	b.m.Recall(b.now, recalled)
	for _, p := range b.until(b.now + 5*time.Second) {
		if p.Msg.Kind == wire.User {
			t.Errorf("sent again: %+v", p.Msg)
		}
	}
}

// One that cannot arrive is given up: early where the member is gone.
func TestLettersAreGivenUp(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	seq := b.sendReliable("b")
	if !b.only(wire.User).Stream {
		t.Error("not over a stream")
	}
	b.gossip("c", claim("b", 1, wire.Left, ""))
	b.until(b.m.Deadline())
	undelivered := func(limit time.Duration) (at time.Duration) {
		for start := b.now; b.now < start+limit && at == 0; b.gossip("c") {
			b.tickByTick(b.now+100*time.Millisecond, func() {
				if b.count(core.Undelivered) == 1 {
					at = b.now - start
				}
				for _, p := range of(wire.Ping, b.packets) {
					if p.Msg.Target == "c" {
						b.ack(p)
					}
				}
			})
		}
		if at == 0 {
			t.Fatal("not given up")
		}
		return at
	}
	if at := undelivered(2 * time.Second); at > 1500*time.Millisecond || b.m.Stats().MessagesLate != 0 {
		t.Errorf("number %d given up after %v", seq, at)
	}
	if _, known, _ := b.m.SendReliable(b.now, "b", nil); known {
		t.Error("one who left is sent to")
	}
	seq = b.sendReliable("c")
	b.m.Unsent(b.now, seq)
	if again := b.next(wire.User); again.at > b.now+time.Second {
		t.Errorf("a stream that failed is opened again at %v", again.at)
	}
	if at := undelivered(time.Minute); at < 25*time.Second || at > 31*time.Second {
		t.Errorf("given up after %v", at)
	}
}

func TestLettersAreBounded(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	queued := true
	n := 0
	for ; queued && n < 5000; n++ {
		_, _, queued = b.m.SendReliable(b.now, "b", nil)
	}
	if n != 1025 {
		t.Errorf("%d wait", n)
	}
	// So is the memory of those that came: the oldest would be taken again.
	for i := range uint32(1<<16 + 1) {
		b.receive("b", letter(i+1))
	}
	for seq, want := range map[uint32]int{1: 1, 60000: 0} {
		if b.receive("b", letter(seq)); b.count(core.Delivered) != want {
			t.Errorf("number %d is delivered %d times more, want %d", seq, b.count(core.Delivered), want)
		}
	}
}
