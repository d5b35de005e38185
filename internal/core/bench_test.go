package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

func BenchmarkPingToAck(b *testing.B) {
	e := newEngine(b, "self", 100)
	data := e.ping()
	b.ReportAllocs()
	for b.Loop() {
		e.receive(fromM0, data)
	}
}

func BenchmarkEightKnownClaims(b *testing.B) {
	e := newEngine(b, "self", 100)
	data := e.eight(0)
	b.ReportAllocs()
	for b.Loop() {
		e.receive(fromM0, data)
	}
}

// Each claim changes a belief, is told to the user and queued for others.
func BenchmarkEightNewClaims(b *testing.B) {
	e := newEngine(b, "self", 100)
	packets := make([][]byte, 1024)
	incarnation := uint32(0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(packets) == 0 {
			b.StopTimer()
			for k := range packets {
				incarnation++
				packets[k] = e.eight(incarnation)
			}
			b.StartTimer()
		}
		e.receive(fromM0, packets[i%len(packets)])
	}
	if got := e.m.Stats().ClaimsApplied; got < uint64(8*b.N) {
		b.Fatalf("%d claims applied in %d packets", got, b.N)
	}
}

// syncOf5000 is a Sync by another member with an equal table, and what answers it.
func syncOf5000(b *testing.B, asker string, updates []wire.Update) (answerer *engine, question []byte) {
	answerer = newEngine(b, "answerer", 5000)
	return answerer, answerer.encode(&wire.Message{
		Kind: wire.Sync, Seq: 1, Sender: wire.Sender{Name: asker, Epoch: 1}, Updates: updates,
	})
}

var aStream = core.Path{Addr: "a stream", Stream: true}

// Between two with equal tables, there and back.
func BenchmarkSyncOf5000(b *testing.B) {
	answerer, question := syncOf5000(b, "m0", tableOf(5000))
	asker := newEngine(b, "asker", 5000)
	b.ReportAllocs()
	for b.Loop() {
		answerer.receive(aStream, question)
		asker.receive(aStream, answerer.out)
		answerer.now += core.LAN().ProbeInterval // in one period it answers only so many
	}
	b.ReportMetric(float64(len(answerer.out)), "bytes")
	if s := asker.m.Stats(); s.ClaimsStale < uint64(5000*b.N) {
		b.Fatalf("%+v", s)
	}
}

// The first sync of a joiner, which learns everything.
func BenchmarkJoinOf5000(b *testing.B) {
	answerer, question := syncOf5000(b, "joiner", nil)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		joiner := newEngine(b, "joiner", 0)
		b.StartTimer()
		answerer.receive(aStream, question)
		joiner.receive(aStream, answerer.out)
		if joiner.m.Len() != 5002 {
			b.Fatalf("knows %d", joiner.m.Len())
		}
	}
}

// One period of a member of 10,000: its ticks, a ping, and the ack.
func BenchmarkPeriodOf10000(b *testing.B) {
	e := newEngine(b, "self", 10000)
	b.ReportAllocs()
	for b.Loop() {
		e.period()
	}
	if s := e.m.Stats(); s.ProbesAcked < uint64(b.N) {
		b.Fatalf("%+v", s)
	}
}

// A Tick a microsecond after the other: what it costs to find that nothing is due,
// among 10,000 members of which a tenth is suspect.
func BenchmarkTickOf10000(b *testing.B) {
	e := newEngine(b, "self", 10000)
	suspects := tableOf(1000)
	for i := range suspects {
		suspects[i].State, suspects[i].From = wire.Suspect, "m9999"
	}
	e.receive(aStream, e.encode(&wire.Message{
		Kind: wire.SyncReply, Seq: 1, Sender: wire.Sender{Name: "m9999", Epoch: 1}, Updates: suspects,
	}))
	b.ReportAllocs()
	for b.Loop() {
		e.now += time.Microsecond
		e.m.Tick(e.now)
	}
}
