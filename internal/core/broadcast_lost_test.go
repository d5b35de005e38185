package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// Who fails to fetch a broadcast must not tell others that there is nothing to fetch.
func TestGivenUpIsNotToldAsVoid(t *testing.T) {
	b := newBench(t, small)
	b.meet("b", "c", "d")
	b.until(b.now + time.Second)
	b.gossip("c")
	b.cast("b", wire.Broadcast{Origin: "b", Epoch: 1, Seq: 1, Channel: "files", Size: 5000})
	// No stream to b can be opened.
	end := b.now + 3*time.Second
	for b.now < end {
		for _, p := range of(wire.Fetch, b.packets) {
			if p.Stream {
				b.m.Unsent(b.now, p.Msg.Seq)
			}
		}
		b.until(min(b.m.Deadline(), end))
	}
	if s := b.m.BroadcastStats(); s.FetchesFailed != 1 {
		t.Fatalf("%+v", s)
	}
	b.receive("c", wire.Message{Kind: wire.Fetch, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1, Seq: 1}}})
	for _, p := range of(wire.Fetched, b.packets) {
		t.Errorf("c, who lacks it, is told %+v", p.Msg.Broadcasts)
	}
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "d", wire.Message{Kind: wire.Fetch, Seq: 9, Broadcasts: []wire.Broadcast{{Origin: "b", Epoch: 1, Seq: 1}}})
	if got := b.only(wire.Fetched); len(got.Msg.Broadcasts) != 0 {
		t.Errorf("d, who fetches it, is answered %+v", got.Msg.Broadcasts)
	}
}

// One that is being fetched is not given up since another before it is.
func TestFetchOutlivesAHoleBeforeIt(t *testing.T) {
	for _, hole := range []bool{false, true} {
		b := newBench(t, small)
		b.meet("b", "c")
		b.until(time.Minute)
		b.gossip("b")
		b.cast("b", cast("b", 1))
		if !hole {
			b.cast("b", cast("b", 2))
		}
		b.cast("b", cast("b", 3), wire.Broadcast{Origin: "b", Epoch: 1, Seq: 4, Channel: "files", Size: 5000}, cast("b", 5))
		asked := b.only(wire.Fetch)
		b.tickByTick(b.now+6*time.Second, func() {})
		whole := wire.Broadcast{Origin: "b", Epoch: 1, Seq: 4, Channel: "files", Payload: make([]byte, 5000)}
		b.receiveFrom(core.Path{Addr: asked.To, Stream: true}, "b", wire.Message{Kind: wire.Fetched, Seq: asked.Msg.Seq, Broadcasts: []wire.Broadcast{whole}})
		if n := len(b.delivered()); n != 2 {
			t.Errorf("hole %v: %d delivered after 6 s, want 4 and 5; %+v", hole, n, b.m.BroadcastStats())
		}
	}
}
