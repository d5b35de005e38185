package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// A node that asks its seeds of its own accord asks as Join does, but pardons itself
// for nothing.
func TestRejoinDoesNotEndProbation(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	b.judged("c")
	b.judged("c")
	id := b.m.Rejoin(b.now, addr("d"))
	b.collect()
	asked := of(wire.Sync, b.packets)
	if len(asked) != 1 || asked[0].To != addr("d") || !asked[0].Stream || asked[0].Msg.Seq != id {
		t.Fatalf("%v", describe(b.packets))
	}
	if !b.m.OnProbation() || b.m.Local().Incarnation != 1 {
		t.Error("it ends probation")
	}
	b.receive("d", wire.Message{Kind: wire.SyncReply, Seq: id})
	if len(b.events) != 1 || b.events[0].Kind != core.Synced || b.events[0].Seq != id || b.events[0].By != "d" {
		t.Errorf("%+v", b.events)
	}
	if !b.m.OnProbation() {
		t.Error("the answer ends probation")
	}
	b.keepWell(16 * time.Second)
	if b.m.OnProbation() {
		t.Error("probation does not end when it should")
	}
}

// What nobody answers comes to an end, and more than there is room for is refused.
func TestRejoinIsBounded(t *testing.T) {
	b := newBench(t)
	unanswered := 0
	for range 100 {
		b.m.Rejoin(b.now, addr("silent"))
		b.collect()
		for _, e := range b.events {
			if e.Kind == core.Unanswered {
				unanswered++
			}
		}
	}
	if got := b.m.Stats().JoinsShed; unanswered != 36 || got != 36 {
		t.Errorf("%d were unanswered at once, %d shed; want all but 64", unanswered, got)
	}
}
