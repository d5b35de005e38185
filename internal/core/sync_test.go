package core_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// packetsOnly is a Machine without streams, whose tables go by pages.
func packetsOnly(c *core.Config) { c.Streams = false }

// question returns the Sync that the last input brought about.
func (b *bench) question() wire.Message {
	b.t.Helper()
	return *b.only(wire.Sync).Msg
}

// reply answers a Sync as "seed".
func (b *bench) reply(seq, cursor uint32, claims ...wire.Update) {
	b.t.Helper()
	b.receive("seed", wire.Message{Kind: wire.SyncReply, Seq: seq, Cursor: cursor, Updates: claims})
}

// ended returns the events that end a join.
func (b *bench) ended() (events []core.Event) {
	for _, e := range b.events {
		if e.Kind == core.Synced || e.Kind == core.Unanswered {
			events = append(events, e)
		}
	}
	return events
}

func TestJoinOverAStream(t *testing.T) {
	b := newBench(t)
	id := b.m.Join(b.now, addr("seed"))
	b.collect()
	p := b.only(wire.Sync)
	if p.To != addr("seed") || !p.Stream || p.Reply || p.Msg.Seq != id || len(p.Msg.Updates) != 1 {
		t.Fatalf("%+v %+v", p, p.Msg)
	}
	b.receiveFrom(core.Path{Addr: addr("seed"), Stream: true}, "seed", wire.Message{
		Kind: wire.SyncReply, Seq: id, Updates: []wire.Update{claim("seed", 0, wire.Alive, ""), claim("b", 2, wire.Alive, "")},
	})
	b.want("seed", wire.Alive, 0)
	b.want("b", wire.Alive, 2)
	if e := b.ended(); len(e) != 1 || e[0].Kind != core.Synced || e[0].By != "seed" || e[0].Seq != id {
		t.Errorf("%+v", e)
	}
	// What a joiner learns is no news to those it joins; that it has joined is.
	all := plain(b.until(time.Second))
	if len(about("self", all)) == 0 || len(about("b", all)) > 0 {
		t.Errorf("of itself it gossips %+v, of b %+v", about("self", all), about("b", all))
	}
}

// A table of any size goes to who asks over a stream, and its claims come from who
// asks, who is passed on.
func TestSyncIsAnswered(t *testing.T) {
	b := newBench(t)
	for i := range 500 {
		b.meet(fmt.Sprint("m", i))
	}
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "x", wire.Message{Kind: wire.Sync, Seq: 7, Updates: []wire.Update{claim("x", 0, wire.Alive, "")}})
	p := b.only(wire.SyncReply)
	if p.To != "a stream" || !p.Stream || !p.Reply || p.Msg.Seq != 7 || len(p.Msg.Updates) != 502 {
		t.Errorf("%+v with %d claims", p, len(p.Msg.Updates))
	}
	if len(about("x", plain(b.until(time.Second)))) == 0 {
		t.Error("who joined is not passed on")
	}
}

// Without streams each page is asked for, and no question is answered with more than
// one packet.
func TestPagesAreAskedFor(t *testing.T) {
	b := newBench(t, packetsOnly)
	id := b.m.Join(b.now, addr("seed"))
	b.collect()
	first := b.question()
	if first.Seq != id || first.Cursor != 0 || len(first.Updates) != 1 {
		t.Fatalf("%+v", first)
	}
	b.reply(first.Seq, 30, claim("b", 0, wire.Alive, ""))
	second := b.question()
	if second.Cursor != 30 || second.Seq == first.Seq {
		t.Fatalf("%+v", second)
	}
	// The first answer comes again: that must not skip a page, nor end the join.
	b.reply(first.Seq, 30, claim("b", 0, wire.Alive, ""))
	if len(of(wire.Sync, b.packets)) > 0 || len(b.ended()) > 0 {
		t.Fatalf("an answer that came twice: %v, %+v", describe(b.packets), b.ended())
	}
	// A page that does not come is asked for again.
	if again := b.next(wire.Sync); again.at != 500*time.Millisecond || again.Msg.Cursor != 30 || again.Msg.Seq != second.Seq {
		t.Fatalf("at %v: %+v", again.at, again.Msg)
	}
	b.reply(second.Seq, 0, claim("seed", 0, wire.Alive, ""))
	if e := b.ended(); len(e) != 1 || e[0].Kind != core.Synced || e[0].Seq != id {
		t.Fatalf("%+v", e)
	}
	if more := of(wire.Sync, plain(b.until(time.Minute))); len(more) > 0 {
		t.Errorf("%d questions after the end", len(more))
	}
}

// An answerer that goes in circles is not followed, and one that falls silent is
// given up in the end.
func TestPagesEnd(t *testing.T) {
	b := newBench(t, packetsOnly)
	b.m.Join(b.now, addr("seed"))
	b.collect()
	b.reply(b.question().Seq, 30)
	b.reply(b.question().Seq, 30)
	if e := b.ended(); len(e) != 1 || e[0].Kind != core.Synced {
		t.Errorf("an answerer in circles: %+v", e)
	}
	id := b.m.Join(b.now, addr("seed"))
	var end []core.Event
	for b.now < time.Hour && end == nil {
		b.until(b.m.Deadline())
		end = b.ended()
	}
	if len(end) != 1 || end[0].Kind != core.Unanswered || end[0].Seq != id || b.now != 30*time.Second {
		t.Errorf("a silent one, at %v: %+v", b.now, end)
	}
}

// Both tables are walked to their ends, whichever is longer, and whatever the size
// of a row: one that takes most of a packet comes alone.
func TestPagesCarryWholeTables(t *testing.T) {
	for _, size := range [][2]int{{1, 100}, {100, 1}, {60, 60}} {
		s := sim.New(1)
		s.Bytes = true
		s.Net.Streams = false
		s.Params.SyncInterval, s.Params.GossipFanout = 0, 0
		s.Params.ProbeInterval, s.Params.ProbeTimeout = time.Hour, 100*time.Millisecond
		hubs := [2]*sim.Node{s.Start("hub0"), s.Start("hub1")}
		for _, hub := range hubs {
			s.SetMeta(hub, strings.Repeat("m", 800))
		}
		for side, n := range size {
			for i := 1; i < n; i++ {
				x := s.Start(fmt.Sprintf("n%d.%d", side, i))
				s.SetMeta(x, strings.Repeat("m", i*12%1200))
				s.Join(x, hubs[side].Name)
				s.Run(s.Now() + 10*time.Millisecond)
			}
		}
		s.Net.Duplicate, s.Net.Loss = 0.3, 0.2
		s.Join(hubs[1], "hub0")
		s.Run(s.Now() + 20*time.Second)
		for _, hub := range hubs {
			if got := hub.M.Len(); got != size[0]+size[1] {
				t.Errorf("tables of %v: %s knows %d", size, hub.Name, got)
			}
		}
	}
}

// Who has answered with all it has, still gets all that we have.
func TestPagesGiveOurWholeTable(t *testing.T) {
	b := newBench(t, packetsOnly)
	for i := range 200 {
		b.meet(fmt.Sprint("m", i))
	}
	b.m.Join(b.now, addr("seed"))
	b.collect()
	given := map[string]int{}
	questions := 0
	for ; len(b.ended()) == 0 && questions < 100; questions++ {
		q := b.question()
		for _, u := range q.Updates {
			given[u.Name]++
		}
		b.reply(q.Seq, 0)
	}
	if len(given) != 201 || questions > 10 {
		t.Errorf("%d members given in %d questions", len(given), questions)
	}
}

// A sync that nobody waits for goes through all pages, too, and nobody hears of its
// end. The other said that so much differs.
func TestQuietSyncByPages(t *testing.T) {
	b := newBench(t, packetsOnly, comparing)
	b.meet("seed")
	begin := func() core.Packet {
		b.compare(b.next(wire.Compare).Msg.Seq, wholeCursor)
		return b.only(wire.Sync)
	}
	q := begin()
	for cursor := uint32(10); cursor < 50; cursor += 10 {
		b.reply(q.Msg.Seq, cursor)
		if q = b.only(wire.Sync); q.Msg.Cursor != cursor {
			t.Fatalf("%+v", q.Msg)
		}
	}
	b.reply(q.Msg.Seq, 0)
	if len(b.ended()) > 0 || len(of(wire.Sync, b.packets)) > 0 {
		t.Errorf("at the end: %+v, %v", b.ended(), describe(b.packets))
	}
	// Of one that is not answered, the page is asked for a few times and no more.
	q = begin()
	again := 0
	for _, s := range b.until(b.now + 4900*time.Millisecond) {
		if s.Msg.Kind == wire.Sync && s.Msg.Seq == q.Msg.Seq {
			again++
		}
	}
	if again != 3 || len(b.ended()) > 0 {
		t.Errorf("asked %d times again; %+v", again, b.ended())
	}
}

// As published, whole tables are exchanged each time.
func TestPaperSyncsWhole(t *testing.T) {
	b := newBench(t, paper, comparing)
	b.meet("seed", "x")
	if p := b.next(wire.Sync); !p.Stream || p.Msg.Cursor != 0 || len(p.Msg.Updates) != 3 || b.m.Stats().Comparisons > 0 {
		t.Errorf("%+v", p.Msg)
	}
}

// A join is over when its answer says that the name is taken by another process, or
// when the question came back to us.
func TestJoinOfOneselfOrARival(t *testing.T) {
	for _, streams := range []bool{true, false} {
		for what, sender := range map[string]wire.Sender{"rival": {Name: "self", Epoch: 9}, "ourselves": {Name: "self", Epoch: 1}} {
			b := newBench(t, func(c *core.Config) { c.Streams = streams })
			id := b.m.Join(b.now, addr("seed"))
			b.collect()
			kind := wire.SyncReply
			if what == "ourselves" {
				kind = wire.Sync
			}
			b.receiveFrom(core.Path{Addr: addr("seed"), Stream: streams}, "", wire.Message{Kind: kind, Seq: id, Sender: sender})
			if e := b.ended(); len(e) != 1 || e[0].Kind != core.Unanswered || e[0].Seq != id {
				t.Errorf("streams %v, %s: %+v", streams, what, e)
			}
			if what == "rival" && !slices.ContainsFunc(b.events, func(e core.Event) bool { return e.Kind == core.Conflicted }) {
				t.Errorf("streams %v: the conflict is not told: %+v", streams, b.events)
			}
		}
	}
}

// And who joins through its rival is answered, so that it does not wait in vain.
func TestRivalsJoinIsAnswered(t *testing.T) {
	for _, streams := range []bool{true, false} {
		b := newBench(t, func(c *core.Config) { c.Streams = streams })
		rival := claim("self", 0, wire.Alive, "")
		rival.Epoch, rival.Addr = 9, addr("rival")
		b.receiveFrom(core.Path{Addr: addr("rival"), Stream: streams}, "", wire.Message{
			Kind: wire.Sync, Seq: 5, Sender: wire.Sender{Name: "self", Epoch: 9}, Updates: []wire.Update{rival},
		})
		if r := b.only(wire.SyncReply); r.Msg.Seq != 5 || len(r.Msg.Updates) > 0 {
			t.Errorf("streams %v: %+v", streams, r.Msg)
		}
		if len(b.events) != 1 || b.events[0].Kind != core.Conflicted || b.events[0].After.Addr != addr("rival") {
			t.Errorf("streams %v: %+v", streams, b.events)
		}
	}
}

// The age of a death is never said to be less than it is, or a tombstone that is
// handed back and forth would get younger each time (H14).
func TestAgesAreRoundedUp(t *testing.T) {
	b := newBench(t)
	b.until(100 * time.Millisecond)
	b.gossip("c", claim("b", 0, wire.Failed, "c"))
	for _, gone := range []time.Duration{0, 1, 900 * time.Millisecond, time.Second, 1500 * time.Millisecond, time.Minute} {
		b.until(100*time.Millisecond + gone)
		b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "x", wire.Message{Kind: wire.Sync, Seq: 1})
		u := about("b", []core.Packet{b.only(wire.SyncReply)})
		if age := time.Duration(u[0].Age) * time.Second; age < gone || age >= gone+time.Second {
			t.Errorf("gone for %v, and said to be for %v", gone, age)
		}
	}
}

func TestAbandon(t *testing.T) {
	b := newBench(t, packetsOnly)
	id := b.m.Join(b.now, addr("seed"))
	b.collect()
	b.reply(b.question().Seq, 30) // the question is another by now, the join the same
	b.m.Abandon(b.now, id)
	b.collect()
	if len(b.events)+len(b.packets) > 0 {
		t.Errorf("%+v %v", b.events, describe(b.packets))
	}
	if all := b.until(time.Minute); len(of(wire.Sync, plain(all))) > 0 || len(b.ended()) > 0 {
		t.Errorf("goes on: %v %+v", describe(plain(all)), b.ended())
	}
}
