package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// A suspicion out of somebody's table can be confirmed by two.
func TestTwoConfirmASuspicionOutOfATable(t *testing.T) {
	b := newBench(t, noProbes)
	b.meet("b", "c", "d", "e")
	b.receive("c", wire.Message{Kind: wire.SyncReply, Seq: 1, Updates: []wire.Update{claim("b", 0, wire.Failed, "")}})
	b.want("b", wire.Suspect, 0)
	b.gossip("d", claim("b", 0, wire.Suspect, "d"))
	b.gossip("e", claim("b", 0, wire.Suspect, "e"))
	b.among("d", 10*time.Minute)
	b.want("b", wire.Failed, 0)
}

// Who could have been the second accuser left.
func TestSecondAccuserLeaves(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c")
	b.gossip("c")
	name := b.suspectByProbe()
	other := map[string]string{"b": "c", "c": "b"}[name]
	b.gossip(other, claim(other, 1, wire.Left, ""))
	end := b.now + 10*time.Minute
	for b.now < end {
		b.until(min(b.m.Deadline(), end))
		for _, p := range b.packets {
			if p.To == addr("self") { // the network works
				b.m.Receive(b.now, core.Path{Addr: addr("self")}, p.Msg)
				b.collect()
			}
		}
	}
	b.want(name, wire.Failed, 0)
}
