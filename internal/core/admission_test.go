package core_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// strict admits whoever has the token "good", and no metadata "bad".
func strict(c *core.Config) {
	c.Admit = func(m wire.Member) error {
		if m.Token != "good" {
			return errors.New("no good token")
		}
		if m.Meta == "bad" {
			return errors.New("bad metadata")
		}
		return nil
	}
}

func tokened(u wire.Update, token string) wire.Update {
	u.Token = token
	return u
}

// Nothing is kept about a stranger who is not admitted, in whatever state it is said
// to be, and nothing of it is passed on.
func TestStrangersNeedAdmission(t *testing.T) {
	b := newBench(t, strict)
	for _, s := range []wire.State{wire.Alive, wire.Suspect, wire.Failed, wire.Left} {
		b.gossip("x", tokened(claim("x", 1, s, "y"), "forged"))
	}
	if _, known := b.m.Member("x"); known || b.news.Len() > 0 || len(b.events) > 4 || b.m.Stats().ClaimsRefused != 4 {
		t.Errorf("known %v, %d claims wait, %+v", known, b.news.Len(), b.m.Stats())
	}
	b.gossip("y", tokened(claim("x", 1, wire.Alive, ""), "good"))
	b.want("x", wire.Alive, 1)
}

// A member that changes what it was admitted by is asked for it again, and stays what
// it was if it is refused. A suspicion or verdict changes nothing of that kind.
func TestChangesNeedAdmission(t *testing.T) {
	b := newBench(t, strict)
	b.gossip("y", tokened(claim("x", 1, wire.Alive, ""), "good"))
	for _, change := range []func(*wire.Update){
		func(u *wire.Update) { u.Meta = "bad" },
		func(u *wire.Update) { u.Token = "" },
		func(u *wire.Update) { u.Epoch, u.Token = 9, "old" },
	} {
		for _, s := range []wire.State{wire.Alive, wire.Suspect, wire.Failed} {
			u := tokened(claim("x", 2, s, "y"), "good")
			change(&u)
			b.gossip("y", u)
			b.want("x", wire.Alive, 1)
		}
	}
	b.gossip("y", tokened(claim("x", 1, wire.Suspect, "y"), "good"))
	b.want("x", wire.Suspect, 1)
	u := tokened(claim("x", 2, wire.Alive, ""), "good")
	u.Meta, u.Addr = "fine", "elsewhere"
	b.gossip("y", u)
	if m, _ := b.m.Member("x"); m != u.Member {
		t.Errorf("%+v", m)
	}
}

// Who is asked once is not asked for each claim: a token that has expired since does
// no harm to a member.
func TestAdmissionIsAskedOnce(t *testing.T) {
	asked := 0
	b := newBench(t, func(c *core.Config) {
		c.Admit = func(wire.Member) error { asked++; return nil }
	})
	b.gossip("y", claim("x", 1, wire.Alive, ""), claim("x", 1, wire.Suspect, "y"), claim("x", 2, wire.Alive, ""), claim("x", 0, wire.Alive, ""))
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// Both sides are told why: the one who asks to join, over streams and packets, and the
// one who refuses it.
func TestRefusalIsToldToBoth(t *testing.T) {
	for _, stream := range []bool{true, false} {
		b := newBench(t, strict, func(c *core.Config) { c.Streams = stream })
		from := core.Path{Addr: addr("x"), Stream: stream, Bytes: 400}
		b.receiveFrom(from, "x", wire.Message{Kind: wire.Sync, Seq: 7, Updates: []wire.Update{claim("x", 0, wire.Alive, "")}})
		answer := b.only(wire.Refusal)
		if answer.Msg.Seq != 7 || string(answer.Msg.Payload) != "no good token" || answer.Stream != stream || len(b.packets) != 1 {
			t.Errorf("stream %v: %+v", stream, answer)
		}
		if e := b.events; len(e) != 1 || e[0].Kind != core.Refused || e[0].After.Name != "x" || e[0].Text != "no good token" {
			t.Errorf("stream %v: told %+v", stream, e)
		}
		// A table without a row of the asker's own.
		b.receiveFrom(from, "x", wire.Message{Kind: wire.Sync, Seq: 8})
		b.only(wire.Refusal)

		joiner := newBench(t, func(c *core.Config) { c.Streams = stream })
		id := joiner.m.Join(0, addr("seed"))
		joiner.receiveFrom(core.Path{Addr: addr("seed"), Stream: stream}, "seed",
			wire.Message{Kind: wire.Refusal, Seq: id, Payload: []byte("no good token")})
		if e := joiner.events; len(e) != 1 || e[0].Kind != core.Refused || e[0].Seq != id || e[0].By != "seed" || e[0].Text != "no good token" {
			t.Errorf("stream %v: the joiner is told %+v", stream, e)
		}
	}
}

// A change that is refused is told to the member that made it.
func TestRefusedChangeIsTold(t *testing.T) {
	b := newBench(t, strict)
	b.gossip("y", tokened(claim("x", 1, wire.Alive, ""), "good"))
	u := tokened(claim("x", 2, wire.Alive, ""), "good")
	u.Meta = "bad"
	b.gossip("x", u)
	if p := b.only(wire.Refusal); p.To != addr("x") || p.Msg.Seq != 0 || string(p.Msg.Payload) != "bad metadata" {
		t.Errorf("%+v", p)
	}
	b.gossip("z", u)
	if len(of(wire.Refusal, b.packets)) != 0 {
		t.Errorf("who only tells of it gets %v", describe(b.packets))
	}
	// Nor are refusals answered.
	b.receive("x", wire.Message{Kind: wire.Refusal, Payload: []byte("no"), Updates: []wire.Update{u}})
	if len(b.packets) != 0 {
		t.Errorf("%v", describe(b.packets))
	}
	if e := b.events; len(e) != 1 || e[0].By != "x" || e[0].Seq != 0 || e[0].Text != "no" {
		t.Errorf("%+v", e)
	}
}

// A refusal by packet ends no join that was asked for over a stream: anybody can send one.
func TestForgedRefusalEndsNoJoin(t *testing.T) {
	b := newBench(t)
	id := b.m.Join(0, addr("seed"))
	b.receive("seed", wire.Message{Kind: wire.Refusal, Seq: id, Payload: []byte("no")})
	if len(b.events) > 0 || b.m.Stats().MessagesRefused != 1 {
		t.Errorf("%+v", b.events)
	}
}

// Where senders are known, nobody speaks in another's name.
func TestSpoofedSender(t *testing.T) {
	b := newBench(t, func(c *core.Config) { c.Identified = true })
	b.receiveFrom(core.Path{Addr: "z", Identity: "mallory"}, "x", wire.Message{
		Kind: wire.Gossip, Updates: []wire.Update{claim("x", 1, wire.Alive, "")},
	})
	if _, known := b.m.Member("x"); known || b.m.Stats().MessagesSpoofed != 1 {
		t.Errorf("believed: %+v", b.m.Stats())
	}
	b.receiveFrom(core.Path{Addr: "z", Identity: "x"}, "x", wire.Message{
		Kind: wire.Gossip, Updates: []wire.Update{claim("x", 1, wire.Alive, "")},
	})
	b.want("x", wire.Alive, 1)
}

// There, a departure is believed at once only from who departs. From another it is a
// suspicion that the member can refute; if it does not, it has left.
func TestHearsayDeparture(t *testing.T) {
	known := func(c *core.Config) { c.Identified = true; c.ProbeInterval = time.Hour }
	tell := func(b *bench, by string, claims ...wire.Update) {
		b.receiveFrom(core.Path{Addr: addr(by), Identity: by}, by, wire.Message{Kind: wire.Gossip, Updates: claims})
	}
	start := func() *bench {
		b := newBench(t, known)
		for _, name := range []string{"b", "c", "d", "e"} {
			tell(b, name, claim(name, 0, wire.Alive, ""))
		}
		return b
	}
	b := start()
	tell(b, "b", claim("b", 1, wire.Left, ""))
	b.want("b", wire.Left, 1)

	b = start()
	tell(b, "c", claim("b", 1, wire.Left, ""))
	b.want("b", wire.Suspect, 1)
	told := about("b", of(wire.Gossip, plain(b.until(time.Second))))
	passed := 0
	for _, u := range told {
		if u.State == wire.Left {
			passed++
		}
	}
	if passed == 0 {
		t.Errorf("the departure is not passed on: %+v", told)
	}
	for b.state("b") == wire.Suspect && b.now < time.Minute {
		b.until(b.now + 100*time.Millisecond)
		tell(b, "d")
	}
	b.want("b", wire.Left, 1)

	b = start()
	tell(b, "c", claim("b", 1, wire.Left, ""))
	tell(b, "b", claim("b", 2, wire.Alive, ""))
	b.want("b", wire.Alive, 2)
	b.until(time.Minute)
	b.want("b", wire.Alive, 2)
}

// What comes from an address that is not known to be the sender's is answered with at
// most three times as much, of every kind; what comes from a member's with as much as
// there is to say.
func TestStrangersAreAnsweredBriefly(t *testing.T) {
	for _, kind := range []wire.Kind{wire.Ping, wire.PingReq, wire.Sync, wire.Gossip} {
		for _, stranger := range []bool{true, false} {
			b := newBench(t, packetsOnly)
			for i := range 40 {
				b.gossip("x", claim(strings.Repeat("m", i+1), 0, wire.Alive, ""))
			}
			msg := wire.Message{Kind: kind, Seq: 1, Target: "self", Sender: wire.Sender{Name: "m", Epoch: 1}}
			if kind == wire.Gossip { // answered since it is wrong about us
				msg.Updates = []wire.Update{claim("self", 0, wire.Suspect, "m")}
			}
			from := core.Path{Addr: addr("m"), Bytes: b.codec.Size(&msg)}
			if stranger {
				from.Addr = "victim"
			}
			b.receiveFrom(from, "m", msg)
			bytes := 0
			for _, p := range append(b.packets, plain(b.until(700*time.Millisecond))...) { // a nack, too
				if p.To == from.Addr {
					bytes += b.codec.Size(p.Msg)
				}
			}
			switch most := 3 * from.Bytes; {
			case stranger && bytes > most:
				t.Errorf("%v: %d bytes are answered with %d", kind, from.Bytes, bytes)
			case !stranger && kind == wire.Ping && bytes < 1000:
				t.Errorf("a member's %v is answered with %d bytes", kind, bytes)
			}
		}
	}
}

// Nor does a relay hand more on to a stranger than it asked with.
func TestStrangersRelayIsBrief(t *testing.T) {
	b := newBench(t)
	for i := range 40 {
		b.gossip("x", claim(strings.Repeat("m", i+1), 0, wire.Alive, ""))
	}
	msg := wire.Message{Kind: wire.PingReq, Seq: 1, Target: "m", Sender: wire.Sender{Name: "mm", Epoch: 1}}
	size := b.codec.Size(&msg)
	b.receiveFrom(core.Path{Addr: "victim", Bytes: size}, "mm", msg)
	b.ack(b.only(wire.Ping))
	if got := b.codec.Size(b.only(wire.Ack).Msg); b.only(wire.Ack).To != "victim" || got > 3*size {
		t.Errorf("%d bytes are answered with %d", size, got)
	}
}

// A join over packets asks with enough that the answer fills a packet.
func TestJoinAsksWithEnough(t *testing.T) {
	b := newBench(t, packetsOnly)
	b.m.Join(0, addr("seed"))
	b.collect()
	if size := b.codec.Size(b.only(wire.Sync).Msg); 3*size < budget || size > budget/2 {
		t.Errorf("it asks with %d bytes, and a packet has %d", size, budget)
	}
}

// Claims of ever new rivals at somebody's address do not make us flood it.
func TestRivalsAreAnsweredRarely(t *testing.T) {
	b := newBench(t)
	sent := 0
	for epoch := range uint64(100) {
		u := claim("self", 0, wire.Alive, "")
		u.Addr, u.Epoch = "victim", epoch+2
		b.gossip("x", u)
		for _, p := range b.packets {
			if p.To == "victim" {
				sent++
			}
		}
	}
	if sent != 1 {
		t.Errorf("%d packets", sent)
	}
}

// Nor are all answers to one packet together, whatever kinds of them there are: one that
// is not admitted is told so, and its ping is answered too.
func TestAllAnswersTogetherAreBrief(t *testing.T) {
	b := newBench(t, strict)
	for _, n := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		b.gossip("y", tokened(claim(n, 1, wire.Alive, ""), "good"))
	}
	for _, kind := range []wire.Kind{wire.Ping, wire.PingReq} {
		msg := wire.Message{
			Kind: kind, Seq: 7, Target: "self", Sender: wire.Sender{Name: "x", Epoch: 1},
			Updates: []wire.Update{claim("x", 1, wire.Alive, ""), claim("self", 0, wire.Suspect, "x")},
		}
		data, err := b.codec.Append(nil, &msg)
		if err != nil {
			t.Fatal(err)
		}
		asked, answered, answers := len(data), 0, 0
		b.receiveBytes(core.Path{Addr: "victim", Bytes: asked}, data)
		for _, p := range b.packets {
			if p.To == "victim" {
				answered += b.codec.Size(p.Msg)
				answers++
			}
		}
		if answered > 3*asked || answers < 2 {
			t.Errorf("%v: %d answers of %d bytes to %d", kind, answers, answered, asked)
		}
	}
}

// Whatever the reason of the refusal is, and with a nack before the ack.
func TestAllAnswersTogetherAreBriefForAnyReason(t *testing.T) {
	for _, reason := range []string{"no", strings.Repeat("for reasons ", 20)} {
		for _, kind := range []wire.Kind{wire.Ping, wire.PingReq} {
			b := newBench(t, func(c *core.Config) {
				c.Admit = func(m wire.Member) error {
					if m.Token != "good" {
						return errors.New(reason)
					}
					return nil
				}
			})
			for _, n := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
				b.gossip("y", tokened(claim(n, 1, wire.Alive, ""), "good"))
			}
			msg := wire.Message{
				Kind: kind, Seq: 7, Target: "self", Sender: wire.Sender{Name: "x", Epoch: 1},
				Updates: []wire.Update{claim("x", 1, wire.Alive, "")},
			}
			if kind == wire.PingReq {
				msg.Target = "a"
			}
			data, err := b.codec.Append(nil, &msg)
			if err != nil {
				t.Fatal(err)
			}
			answered := 0
			count := func(ps []core.Packet) {
				for _, p := range ps {
					if p.To == "victim" {
						answered += b.codec.Size(p.Msg)
					}
				}
			}
			b.receiveBytes(core.Path{Addr: "victim", Bytes: len(data)}, data)
			count(b.packets)
			if kind == wire.PingReq {
				ping := b.only(wire.Ping)
				count(plain(b.until(700 * time.Millisecond)))
				b.ack(ping)
				count(b.packets)
			}
			if answered > 3*len(data) {
				t.Errorf("%v, reason of %d: %d answered with %d", kind, len(reason), len(data), answered)
			}
		}
	}
}
