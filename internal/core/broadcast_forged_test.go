package core_test

import (
	"testing"

	"github.com/swim-go/swim/wire"
)

// Who hears of a broadcast of its own that it never sent begins another life, in which
// it is heard.
func TestForgedBroadcastIsDisowned(t *testing.T) {
	for _, kind := range []wire.Kind{wire.Gossip, wire.Fetch} {
		b := newBench(t)
		b.meet("x")
		b.m.Broadcast(b.now, "c", "", []byte("p"))
		epoch := b.m.Local().Epoch
		say := func(seq uint64) {
			cast := wire.Broadcast{Origin: "self", Epoch: epoch, Seq: seq, Channel: "c", Payload: []byte("p")}
			if kind == wire.Fetch {
				cast = wire.Broadcast{Origin: "self", Epoch: epoch, Seq: seq + 1}
			}
			b.receive("x", wire.Message{Kind: kind, Broadcasts: []wire.Broadcast{cast}})
		}
		say(1)
		if b.m.Local().Epoch != epoch {
			t.Errorf("%v: its own was taken for forged", kind)
		}
		say(2)
		if got := b.m.Local().Epoch; got != epoch+1 {
			t.Errorf("%v: epoch %d, want %d", kind, got, epoch+1)
		}
	}
}
