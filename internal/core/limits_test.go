package core_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// A full table makes room for the living at the cost of who has been gone the
// longest, and never at the cost of the living.
func TestTableIsBounded(t *testing.T) {
	b := newBench(t, func(c *core.Config) { c.MaxMembers = 6 })
	b.meet("b", "c", "d") // and self
	older, newer := claim("e", 0, wire.Failed, "b"), claim("f", 0, wire.Left, "")
	older.Age, newer.Age = 100, 50
	b.gossip("b", newer, older)
	b.gossip("b", claim("g", 0, wire.Failed, "b"))
	b.want("g", 0, 0)
	b.want("e", wire.Failed, 0)
	b.meet("h")
	b.want("e", 0, 0)
	b.want("f", wire.Left, 0)
	b.meet("i")
	b.want("f", 0, 0)
	for i := range 100 {
		b.gossip("b", claim(fmt.Sprint("x", i), 0, wire.Alive, ""))
	}
	if n := len(b.table()); n != 6 {
		t.Errorf("%d members, and 6 are allowed", n)
	}
	if got := b.m.Stats().MembersShed; got != 101 {
		t.Errorf("%d shed, want 101", got)
	}
	for _, name := range []string{"b", "c", "d", "h", "i"} {
		b.want(name, wire.Alive, 0)
	}
}

func TestRelaysAreBounded(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	pings := 0
	for i := range 1000 {
		b.receive("x", wire.Message{Kind: wire.PingReq, Seq: uint32(i + 1), Target: "b"})
		pings += len(of(wire.Ping, b.packets))
	}
	if shed := b.m.Stats().RelaysShed; pings != 256 || shed != 744 {
		t.Errorf("%d relayed, %d shed", pings, shed)
	}
	b.until(2 * time.Second)
	b.receive("x", wire.Message{Kind: wire.PingReq, Seq: 1, Target: "b"})
	if len(of(wire.Ping, b.packets)) != 1 {
		t.Error("the relays that are over take room still")
	}
}

func TestJoinsAreBounded(t *testing.T) {
	b := newBench(t, packetsOnly)
	ids := map[uint32]bool{}
	for range 64 {
		ids[b.m.Join(b.now, addr("seed"))] = true
	}
	id := b.m.Join(b.now, addr("seed"))
	b.collect()
	if e := b.ended(); len(e) != 1 || e[0].Kind != core.Unanswered || e[0].Seq != id || len(b.packets) > 0 || len(ids) != 64 || ids[id] {
		t.Errorf("one more: %+v %v", e, describe(b.packets))
	}
	if b.m.Stats().JoinsShed != 1 {
		t.Errorf("%+v", b.m.Stats())
	}
}

// Claims that no correct peer makes are dropped and counted, the others of their
// message are not.
func TestInvalidClaims(t *testing.T) {
	good := claim("b", 0, wire.Alive, "")
	for what, spoil := range map[string]func(*wire.Update){
		"no name":        func(u *wire.Update) { u.Name = "" },
		"a long name":    func(u *wire.Update) { u.Name = strings.Repeat("n", 256) },
		"no address":     func(u *wire.Update) { u.Addr = "" },
		"no state":       func(u *wire.Update) { u.State = 0 },
		"another state":  func(u *wire.Update) { u.State = 5 },
		"large metadata": func(u *wire.Update) { u.Meta = strings.Repeat("m", wire.MaxMetaBytes+1) },
		"a long accuser": func(u *wire.Update) { u.From = strings.Repeat("f", 256) },
	} {
		b := newBench(t)
		bad := claim("x", 0, wire.Alive, "")
		spoil(&bad)
		b.gossip("z", bad, good)
		if b.m.Stats().ClaimsInvalid != 1 || len(b.table()) != 2 {
			t.Errorf("%s: %+v, %+v", what, b.m.Stats(), b.table())
		}
	}
}

// Messages that no correct peer sends, or not this way, change nothing and are
// answered with nothing.
func TestRefusedMessages(t *testing.T) {
	stream := core.Path{Addr: addr("b"), Stream: true}
	packet := core.Path{Addr: addr("b")}
	x := []wire.Update{claim("x", 0, wire.Alive, "")}
	for what, test := range map[string]struct {
		from  core.Path
		msg   wire.Message
		count func(core.Stats) uint64
	}{
		"no kind":                {packet, wire.Message{Kind: 0}, func(s core.Stats) uint64 { return s.MessagesInvalid }},
		"another kind":           {packet, wire.Message{Kind: 200}, func(s core.Stats) uint64 { return s.MessagesInvalid }},
		"no sender":              {packet, wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Epoch: 1}}, func(s core.Stats) uint64 { return s.MessagesInvalid }},
		"no target":              {packet, wire.Message{Kind: wire.Ping}, func(s core.Stats) uint64 { return s.MessagesInvalid }},
		"our own":                {packet, wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "self", Epoch: 1}}, func(s core.Stats) uint64 { return s.MessagesReflected }},
		"gossip over a stream":   {stream, wire.Message{Kind: wire.Gossip}, func(s core.Stats) uint64 { return s.MessagesRefused }},
		"a ping-req by a stream": {stream, wire.Message{Kind: wire.PingReq, Target: "b"}, func(s core.Stats) uint64 { return s.MessagesRefused }},
		"a sync by a packet":     {packet, wire.Message{Kind: wire.Sync}, func(s core.Stats) uint64 { return s.MessagesRefused }},
	} {
		b := newBench(t)
		b.meet("b")
		test.msg.Updates = x
		b.receiveFrom(test.from, "b", test.msg)
		if test.count(b.m.Stats()) != 1 || len(b.packets)+len(b.events) > 0 || b.state("x") != 0 {
			t.Errorf("%s: %+v %v %+v", what, b.m.Stats(), describe(b.packets), b.events)
		}
	}
}

// The address of a rival is one that it claims, so it is checked like any.
func TestRivalsAddressIsChecked(t *testing.T) {
	b := newBench(t)
	u := claim("self", 0, wire.Alive, "")
	u.Epoch, u.Addr = 9, strings.Repeat("a", 1<<16)
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "", wire.Message{
		Kind: wire.Sync, Seq: 1, Sender: wire.Sender{Name: "self", Epoch: 9}, Updates: []wire.Update{u},
	})
	for _, e := range b.events {
		if len(e.After.Addr) > wire.MaxAddrBytes {
			t.Errorf("an address of %d bytes is told", len(e.After.Addr))
		}
	}
	for _, p := range b.packets {
		if len(p.To) > wire.MaxAddrBytes {
			t.Errorf("a packet goes to an address of %d bytes", len(p.To))
		}
	}
}

// A claim that fits no packet is not queued; one that fits but barely leaves the
// queue. Else gossip would go on for ever, with nothing in it.
func TestGossipEndsWhateverTheSize(t *testing.T) {
	for size := 1180; size < 1400; size++ {
		b := newBench(t, func(c *core.Config) { c.ProbeInterval = 1000 * time.Hour })
		b.meet("b", "c")
		for i := range uint32(3) { // the header gets longer with our incarnation
			b.gossip("b", claim("self", 1<<(8*i+7), wire.Suspect, "b"))
		}
		b.until(time.Minute)
		b.m.SetMeta(b.now, strings.Repeat("m", size))
		all := b.until(10 * time.Minute)
		for _, s := range all {
			if s.Msg.Kind == wire.Gossip && len(s.Msg.Updates) == 0 {
				t.Fatalf("metadata of %d bytes: an empty gossip", size)
			}
		}
		if sent, oversized := len(about("self", plain(all))) > 0, b.m.Stats().ClaimsOversized > 0; sent == oversized {
			t.Fatalf("metadata of %d bytes: sent %v, counted as too large %v", size, sent, oversized)
		}
		if b.news.Len() > 0 {
			t.Fatalf("metadata of %d bytes: %d claims wait for ever", size, b.news.Len())
		}
	}
}

// After one large input, the room for its outputs is given back.
func TestOutputsDoNotKeepTheirRoom(t *testing.T) {
	b := newBench(t)
	var table []wire.Update
	for i := range 5000 {
		table = append(table, claim(fmt.Sprint("m", i), 0, wire.Alive, ""))
	}
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "x", wire.Message{Kind: wire.Sync, Seq: 1, Updates: table})
	if len(b.m.Events()) != 5000 {
		t.Fatalf("%d events", len(b.m.Events()))
	}
	b.receive("x", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self"})
	if got := cap(b.m.Events()); got > 256 {
		t.Errorf("room for %d events is kept", got)
	}
	if got := cap(b.m.Packets()[0].Msg.Updates); got > 256 {
		t.Errorf("room for %d claims is kept", got)
	}
}

// A probe of which nothing was sent accuses nobody but ourselves.
func TestUnsentProbeAccusesNobody(t *testing.T) {
	for what, lost := range map[string]int{"all packets": 4, "all but one": 3} {
		b := newBench(t)
		b.meet("b", "c", "d")
		ping := b.next(wire.Ping)
		b.m.Unsent(b.now, ping.Msg.Seq)
		b.next(wire.PingReq) // two relays and a stream
		for range lost - 1 {
			b.m.Unsent(b.now, ping.Msg.Seq)
		}
		b.m.Unsent(b.now, ping.Msg.Seq+1) // another's
		b.until(ping.at + time.Second)
		if accused := b.state("b") == wire.Suspect; accused != (lost < 4) || b.m.Health() == 0 {
			t.Errorf("%s unsent: accused %v, health %d, %+v", what, accused, b.m.Health(), b.m.Stats())
		}
	}
}

// A payload goes to a live member, and comes from one.
func TestUserMessages(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	if b.m.Send(b.now, "x", []byte("?")) || b.m.Send(b.now, "self", []byte("?")) {
		t.Error("sent to nobody")
	}
	if !b.m.Send(b.now, "b", []byte("hello")) {
		t.Error("not sent")
	}
	b.collect()
	if p := b.only(wire.User); p.To != addr("b") || string(p.Msg.Payload) != "hello" ||
		p.Msg.Target != "b" || p.Msg.Digest != 1 {
		t.Errorf("%+v", p.Msg)
	}
	b.receive("x", wire.Message{Kind: wire.User, Target: "self", Digest: 1, Payload: []byte("spam")})
	if len(b.events) > 0 || b.m.Stats().MessagesRefused != 1 {
		t.Errorf("a stranger's payload: %+v", b.events)
	}
	// Nor does one that was recorded on its way to another, or to a process before us.
	b.receive("b", wire.Message{Kind: wire.User, Target: "c", Digest: 1, Payload: []byte("hello")})
	b.receive("b", wire.Message{Kind: wire.User, Target: "self", Payload: []byte("hello")})
	b.receive("b", wire.Message{Kind: wire.User, Target: "self", Digest: 7, Payload: []byte("hello")})
	if len(b.events) > 0 || b.m.Stats().MessagesMisdirected != 3 {
		t.Errorf("another's payload: %+v", b.m.Stats())
	}
	msg := wire.Message{
		Kind: wire.User, Sender: wire.Sender{Name: "b", Epoch: 1}, Target: "self", Digest: 1, Payload: []byte("hello"),
	}
	b.m.Receive(b.now, core.Path{Addr: addr("b")}, &msg)
	if e := b.m.Events(); len(e) != 1 || e[0].Kind != core.Delivered || e[0].By != "b" || string(e[0].Payload) != "hello" {
		t.Errorf("%+v", e)
	}
}
