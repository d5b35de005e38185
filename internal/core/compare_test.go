package core_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// wholeCursor and laterCursor are verdicts in the Cursor of an answer.
const (
	wholeCursor = 1
	laterCursor = 1<<32 - 1
)

// comparing is a Machine that compares tables now and then.
func comparing(c *core.Config) { c.SyncInterval, c.ProbeInterval = 10*time.Second, time.Hour }

// compare answers a Compare as "seed".
func (b *bench) compare(seq, cursor uint32, payload ...byte) {
	b.t.Helper()
	b.receive("seed", wire.Message{Kind: wire.Comparison, Seq: seq, Cursor: cursor, Payload: payload})
}

// A comparison goes step by step to whom it was begun with, by packet first, and by
// a stream once rows are told.
func TestComparisonByItsSteps(t *testing.T) {
	for _, streams := range []bool{true, false} {
		b := newBench(t, comparing, func(c *core.Config) { c.Streams = streams })
		b.meet("seed", "x", "y")
		q := b.next(wire.Compare)
		if q.To != addr("seed") || q.Stream || len(q.Msg.Payload) != 2 || q.Msg.Cursor != 4 || len(q.Msg.Updates) > 0 {
			t.Fatalf("%+v %+v", q, q.Msg)
		}
		b.compare(q.Msg.Seq, 0, 1) // its only bucket differs
		rows := b.only(wire.Sync)
		if rows.To != addr("seed") || rows.Stream != streams || rows.Msg.Cursor != laterCursor || len(rows.Msg.Payload) != 6+4*4 || len(rows.Msg.Updates) > 0 {
			t.Fatalf("%+v %+v", rows, rows.Msg)
		}
		// The rows it has are wanted, and one that it is told of is stale.
		newer := claim("x", 3, wire.Alive, "")
		b.gossip("x", newer)
		path := core.Path{Addr: addr("seed"), Stream: streams}
		wanted := rows.Msg.Payload[6:] // prints of all, but x has changed since
		b.receiveFrom(path, "seed", wire.Message{
			Kind: wire.SyncReply, Seq: rows.Msg.Seq, Payload: wanted, Updates: []wire.Update{claim("x", 1, wire.Alive, ""), claim("z", 0, wire.Alive, "")},
		})
		last := b.only(wire.Sync)
		if last.Stream != streams || len(last.Msg.Payload) > 0 || len(last.Msg.Updates) != 4 || len(about("z", b.packets)) > 0 {
			t.Errorf("streams %v: %+v", streams, last.Msg)
		}
		if told := about("x", []core.Packet{last}); len(told) != 1 || told[0].Incarnation != 3 {
			t.Errorf("of x it tells %+v", told)
		}
		b.want("z", wire.Alive, 0)
		if len(b.packets) != 1 || len(b.ended()) > 0 {
			t.Errorf("%v %+v", describe(b.packets), b.ended())
		}
		// The same answer once more, and the answer to the last question, end it.
		b.receiveFrom(path, "seed", wire.Message{Kind: wire.SyncReply, Seq: rows.Msg.Seq, Payload: wanted})
		b.receiveFrom(path, "seed", wire.Message{Kind: wire.SyncReply, Seq: last.Msg.Seq, Payload: wanted})
		if len(b.packets) > 0 {
			t.Errorf("and then %v", describe(b.packets))
		}
	}
}

// Equal tables end it at once, and so does a Comparison that answers no question.
func TestComparisonsEnd(t *testing.T) {
	b := newBench(t, comparing)
	b.meet("seed")
	q := b.next(wire.Compare)
	b.compare(q.Msg.Seq+1, 0, 1)
	b.compare(q.Msg.Seq+1, wholeCursor)
	if len(b.packets) > 0 || b.m.Stats().MessagesLate != 2 {
		t.Errorf("an answer to nothing: %v", describe(b.packets))
	}
	b.compare(q.Msg.Seq, 0, 0)
	b.compare(q.Msg.Seq, 0, 1) // that comes twice
	if len(b.packets) > 0 || b.m.Stats().MessagesLate != 3 {
		t.Errorf("after equal tables: %v", describe(b.packets))
	}
	q = b.next(wire.Compare)
	b.compare(q.Msg.Seq, 0, 1, 1)
	if len(b.packets) > 0 || b.m.Stats().MessagesInvalid != 1 {
		t.Errorf("bits of other buckets than ours: %v", describe(b.packets))
	}
}

// Who is told that it lacks nearly all asks for the table.
func TestWhoIsNewGetsTheWholeTable(t *testing.T) {
	b := newBench(t, comparing)
	b.meet("seed")
	b.compare(b.next(wire.Compare).Msg.Seq, wholeCursor)
	if p := b.only(wire.Sync); p.Msg.Cursor != 0 || len(p.Msg.Updates) != 2 || !p.Stream {
		t.Errorf("%+v", p.Msg)
	}
	big := newBench(t)
	var names []string
	for i := range 60 {
		names = append(names, "m"+string(rune('A'+i)))
	}
	big.meet(names...)
	for rows, want := range map[uint32]uint32{2: wholeCursor, 13: wholeCursor, 14: 0, 61: 0, 1000: 0, 1<<32 - 1: 0} {
		big.receive("mA", wire.Message{Kind: wire.Compare, Seq: 1, Cursor: rows, Payload: make([]byte, 2)})
		if got := big.only(wire.Comparison).Msg.Cursor; got != want {
			t.Errorf("to who has %d rows: %d, want %d", rows, got, want)
		}
	}
}

// A busy node says later, to members, and goes on with the next period. Who joins is
// answered whatever happens.
func TestBusy(t *testing.T) {
	b := newBench(t)
	b.meet("x")
	count := func(kind, answer wire.Kind, path core.Path, sender wire.Sender) (answered, later int) {
		for range 40 {
			b.receiveFrom(path, "", wire.Message{Kind: kind, Seq: 1, Sender: sender, Payload: make([]byte, 2)})
			if p := b.only(answer); p.Msg.Cursor != laterCursor {
				answered++
			} else if later++; len(p.Msg.Updates)+len(p.Msg.Payload) > 0 {
				t.Errorf("later, and %+v", p.Msg)
			}
		}
		return answered, later
	}
	x := wire.Sender{Name: "x", Epoch: 1}
	packet, stream := core.Path{Addr: addr("x")}, core.Path{Addr: "a stream", Stream: true}
	if answered, later := count(wire.Compare, wire.Comparison, packet, x); answered != 32 || later != 8 {
		t.Errorf("%d comparisons answered, %d put off", answered, later)
	}
	if answered, _ := count(wire.Sync, wire.SyncReply, stream, x); answered != 0 {
		t.Errorf("%d tables given to a member beside", answered)
	}
	for _, stranger := range []wire.Sender{{Name: "new", Epoch: 1}, {Name: "x", Epoch: 2}} {
		if answered, _ := count(wire.Sync, wire.SyncReply, stream, stranger); answered != 40 {
			t.Errorf("%d tables given to the stranger %+v", answered, stranger)
		}
	}
	if got := b.m.Stats().Deferrals; got != 48 {
		t.Errorf("%d counted", got)
	}
	b.now += time.Second
	if answered, _ := count(wire.Compare, wire.Comparison, packet, x); answered != 32 {
		t.Errorf("a period later %d comparisons answered", answered)
	}
}

// Who is told later asks again soon: a comparison anybody, and a join the same seed
// until its time is up.
func TestAskedToComeLater(t *testing.T) {
	b := newBench(t, func(c *core.Config) { c.SyncInterval = time.Hour })
	b.meet("seed", "x")
	q := b.next(wire.Compare)
	b.compare(q.Msg.Seq, laterCursor)
	again := b.next(wire.Compare)
	if wait := again.at - q.at; wait < time.Second || wait > 2*time.Second || again.Msg.Seq == q.Msg.Seq {
		t.Errorf("compares again after %v", wait)
	}
	for _, streams := range []bool{true, false} {
		b := newBench(t, func(c *core.Config) { c.Streams = streams })
		path := core.Path{Addr: addr("seed"), Stream: streams}
		id := b.m.Join(b.now, addr("seed"))
		b.collect()
		for range 3 {
			b.receiveFrom(path, "seed", wire.Message{Kind: wire.SyncReply, Seq: id, Cursor: laterCursor})
			if len(b.ended()) > 0 || len(b.packets) > 0 {
				t.Fatalf("streams %v: %+v %v", streams, b.ended(), describe(b.packets))
			}
			before := b.now
			p := b.next(wire.Sync)
			if wait := p.at - before; wait < time.Second || wait > 2*time.Second || p.Msg.Seq != id || len(p.Msg.Updates) != 1 {
				t.Errorf("streams %v: asks again after %v: %+v", streams, wait, p.Msg)
			}
			if more := of(wire.Sync, plain(b.until(b.now+400*time.Millisecond))); len(more) > 0 {
				t.Errorf("streams %v: and again", streams)
			}
		}
		b.receiveFrom(path, "seed", wire.Message{Kind: wire.SyncReply, Seq: id, Updates: []wire.Update{claim("seed", 0, wire.Alive, "")}})
		if e := b.ended(); len(e) != 1 || e[0].Kind != core.Synced || b.m.Stats().Deferred != 3 {
			t.Errorf("streams %v: %+v", streams, e)
		}
		id = b.m.Join(b.now, addr("seed"))
		b.collect()
		began := b.now
		for len(b.ended()) == 0 && b.now < began+time.Hour {
			b.receiveFrom(path, "seed", wire.Message{Kind: wire.SyncReply, Seq: id, Cursor: laterCursor})
			b.until(b.m.Deadline())
		}
		if e := b.ended(); len(e) != 1 || e[0].Kind != core.Unanswered || b.now != began+30*time.Second {
			t.Errorf("streams %v: one that is always busy: %v after %v", streams, e, b.now-began)
		}
	}
}

// No answer to an address that we do not know is longer than three times its
// question.
func TestComparisonsAmplifyLittle(t *testing.T) {
	names := []string{}
	for i := range 200 {
		names = append(names, "member-"+string(rune('A'+i%50))+string(rune('a'+i/50)))
	}
	for _, name := range []string{"self", strings.Repeat("n", 200)} {
		b := newBench(t, packetsOnly, func(c *core.Config) { c.Name = name })
		b.meet(names...)
		everything := append([]byte{0, 0, 0, 1, 0, 1}, make([]byte, 4)...)
		answered := 0
		for _, msg := range []wire.Message{
			{Kind: wire.Compare, Seq: 1, Cursor: 1 << 20, Payload: make([]byte, 2)},
			{Kind: wire.Compare, Seq: 1, Cursor: 1 << 20, Payload: make([]byte, 1024)},
			{Kind: wire.Sync, Seq: 1, Cursor: laterCursor, Payload: everything},
			{Kind: wire.Sync, Seq: 1, Cursor: laterCursor, Payload: append(everything, make([]byte, 1200)...)},
		} {
			msg.Sender = wire.Sender{Name: "z"}
			asked := b.codec.Size(&msg)
			b.receiveFrom(core.Path{Addr: "nowhere", Bytes: asked}, "z", msg)
			sum := 0
			for _, p := range b.packets {
				sum += b.codec.Size(p.Msg)
			}
			if answered += len(b.packets); sum > 3*asked {
				t.Errorf("%d bytes of %v are answered with %d", asked, msg.Kind, sum)
			}
		}
		if answered < 2 {
			t.Errorf("%d answers", answered)
		}
	}
}

// Whatever stands in the payloads of a comparison, it ends nowhere but in counters.
func TestComparisonsOfAnybody(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 0))
		b := newBench(t, func(c *core.Config) {
			c.Streams, c.SyncInterval, c.ProbeInterval, c.MaxMembers = seed%2 == 0, 2*time.Second, time.Hour, 100
		})
		b.meet("seed", "b", "c", "d", "e", "f", "g", "h", "i", "j")
		kinds := []wire.Kind{wire.Compare, wire.Comparison, wire.Sync, wire.SyncReply}
		seq := uint32(0)
		for range 400 {
			if rng.IntN(3) == 0 {
				for _, s := range b.until(b.now + 500*time.Millisecond) {
					if s.Msg.Kind == wire.Compare {
						seq = s.Msg.Seq
					}
				}
			}
			payload := make([]byte, []int{0, 1, 2, 5, 6, 10, 1024, rng.IntN(3000)}[rng.IntN(8)])
			for i := range payload {
				payload[i] = byte(rng.Uint32())
			}
			if len(payload) > 4 && rng.IntN(2) == 0 {
				payload[4] = byte(rng.IntN(10))
			}
			msg := wire.Message{
				Kind: kinds[rng.IntN(4)], Seq: seq, Payload: payload,
				Cursor: []uint32{0, 1, 2, laterCursor, rng.Uint32()}[rng.IntN(5)],
			}
			if rng.IntN(3) == 0 {
				msg.Updates = []wire.Update{claim("b", rng.Uint32N(3), wire.Alive+wire.State(rng.IntN(4)), "")}
			}
			b.receiveFrom(core.Path{Addr: addr("seed"), Stream: seed%2 == 0}, "seed", msg)
			if len(b.packets) > 3 || len(b.table()) > 12 {
				t.Fatalf("seed %d: %v after %+v", seed, describe(b.packets), msg)
			}
			for _, p := range b.packets {
				if p.Msg.Kind == wire.Sync || p.Msg.Kind == wire.Compare {
					seq = p.Msg.Seq
				}
			}
		}
		if s := b.m.Stats(); s.ComparisonsAnswered == 0 || s.SyncsAnswered == 0 || s.MessagesInvalid == 0 || s.Comparisons < 5 {
			t.Errorf("seed %d: %+v", seed, s)
		}
	}
}

// A Sync that stands for some rows is answered with what is true where it was stale,
// whether or not it asks for anything.
func TestStaleRowsAreAnswered(t *testing.T) {
	b := newBench(t)
	b.meet("x")
	b.gossip("x", claim("y", 4, wire.Alive, ""), claim("z", 2, wire.Failed, "x"))
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "x", wire.Message{
		Kind: wire.Sync, Seq: 3, Cursor: laterCursor,
		Updates: []wire.Update{claim("y", 3, wire.Alive, ""), claim("z", 1, wire.Alive, ""), claim("x", 0, wire.Alive, ""), claim("w", 0, wire.Alive, "")},
	})
	reply := b.only(wire.SyncReply)
	y, z := about("y", b.packets), about("z", b.packets)
	if len(reply.Msg.Updates) != 2 || len(y) != 1 || y[0].Incarnation != 4 || len(z) != 1 || z[0].State != wire.Failed {
		t.Errorf("%+v", reply.Msg)
	}
}

// Half a print that is wanted is no print.
func TestWantedPrintsOfAnybody(t *testing.T) {
	b := newBench(t, comparing)
	b.meet("seed")
	b.compare(b.next(wire.Compare).Msg.Seq, 0, 1)
	rows := b.only(wire.Sync)
	b.receiveFrom(core.Path{Addr: addr("seed"), Stream: true}, "seed", wire.Message{Kind: wire.SyncReply, Seq: rows.Msg.Seq, Payload: rows.Msg.Payload[6:9]})
	if len(b.packets) > 0 || b.m.Stats().MessagesInvalid != 1 {
		t.Errorf("%v %+v", describe(b.packets), b.m.Stats())
	}
}
