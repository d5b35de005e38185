package core_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// silent is a RoundRobin that lets nobody be probed.
type silent struct{ selector.RoundRobin }

func (*silent) Next(*rand.Rand) (wire.Ref, bool) { return 0, false }

// newComparer is an engine that compares its table of n rows, in which nothing
// changes, every few minutes.
func newComparer(t testing.TB, n int) *engine {
	e := &engine{t: t, out: make([]byte, 0, 1<<20)}
	e.m = core.New(core.Config{
		Params: core.LAN(), Name: "self", Addr: addr("self"), Epoch: 1, Seed: 1,
		Selector: new(silent), Disseminator: new(disseminator.Piggyback),
		MessageSize: e.codec.Size, UpdateSize: e.codec.UpdateSize,
		PacketBytes: budget, Streams: true, MaxMembers: 1 << 17,
	}, 0)
	e.receive(core.Path{Addr: "a stream", Stream: true}, e.encode(&wire.Message{
		Kind: wire.SyncReply, Seq: 1, Sender: wire.Sender{Name: "m0", Epoch: 1}, Updates: tableOf(n),
	}))
	return e
}

// compare lets time pass until it asks, and answers that all is equal.
func (e *engine) compare(bitmap []byte) {
	for before := e.m.Stats().Comparisons; e.m.Stats().Comparisons == before; {
		e.tick()
	}
	p := e.m.Packets()[0]
	e.reply = wire.Message{Kind: wire.Comparison, Seq: p.Msg.Seq, Payload: bitmap[:(len(p.Msg.Payload)/2+7)/8], Sender: wire.Sender{Name: "m0", Epoch: 1}}
	e.data, _ = e.codec.Append(e.data[:0], &e.reply)
	e.receive(core.Path{Addr: p.To}, e.data)
}

func TestComparingEqualTablesAllocatesNothing(t *testing.T) {
	e := newComparer(t, 1000)
	bitmap := make([]byte, 64)
	compare := func() { e.compare(bitmap) }
	for range 20 { // the news of the members runs out
		compare()
	}
	if n := testing.AllocsPerRun(50, compare); n != 0 {
		t.Errorf("%v allocations to ask", n)
	}
	if s := e.m.Stats(); s.Comparisons < 70 || s.MessagesLate+s.MessagesInvalid > 0 || s.Syncs > 0 {
		t.Errorf("%+v", s)
	}
	question := e.encode(&wire.Message{Kind: wire.Compare, Seq: 7, Cursor: 1001, Payload: make([]byte, 256), Sender: wire.Sender{Name: "m0", Epoch: 1}})
	if n := testing.AllocsPerRun(30, func() {
		e.now += time.Second
		if e.receive(fromM0, question) != 1 {
			t.Fatal("not one answer")
		}
	}); n != 0 {
		t.Errorf("%v allocations to answer", n)
	}
}

// BenchmarkAnswerCompare is what a comparison costs a node by the size of its table.
func BenchmarkAnswerCompare(b *testing.B) {
	for _, n := range []int{128, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := newComparer(b, n)
			question := e.encode(&wire.Message{Kind: wire.Compare, Seq: 7, Cursor: uint32(n), Payload: make([]byte, 256), Sender: wire.Sender{Name: "m0", Epoch: 1}})
			b.ReportAllocs()
			for b.Loop() {
				e.now += time.Second
				e.receive(fromM0, question)
			}
		})
	}
}
