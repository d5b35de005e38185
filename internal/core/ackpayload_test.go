package core_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

func pings(c *core.Config) { c.Pings = true }

// What was set rides on each ack by packet, as it is then.
func TestAckCarriesThePayload(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	payload := []byte("load=7")
	b.m.SetAckPayload(b.now, payload)
	payload[0] = 'X' // it was copied
	for _, want := range []string{"load=7", "load=8", ""} {
		b.receive("b", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self"})
		if got := b.only(wire.Ack).Msg; string(got.Payload) != want {
			t.Errorf("an ack says %q, want %q", got.Payload, want)
		}
		switch want {
		case "load=7":
			b.m.SetAckPayload(b.now, []byte("load=8"))
		case "load=8":
			b.m.SetAckPayload(b.now, nil)
		}
	}
	b.m.SetAckPayload(b.now, []byte("load=9"))
	b.receiveFrom(core.Path{Addr: "a stream", Stream: true}, "b", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self"})
	if got := b.only(wire.Ack).Msg; len(got.Payload) != 0 {
		t.Errorf("an ack over a stream says %q", got.Payload)
	}
}

// The payload comes behind what must be told and before what may wait: news fills the
// rest of the packet, and where the answer has to be short the payload is left out.
func TestAckPayloadAmongClaims(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	b.m.SetAckPayload(b.now, make([]byte, core.MaxAckPayloadBytes))
	for i := range 100 {
		b.gossip("b", claim(fmt.Sprint("n", i), 0, wire.Alive, ""))
	}
	b.receive("b", wire.Message{Kind: wire.Ping, Seq: 1, Target: "self"})
	ack := b.only(wire.Ack).Msg
	if size := b.codec.Size(ack); len(ack.Payload) != core.MaxAckPayloadBytes || size > budget || size < budget-100 {
		t.Errorf("%d bytes of payload and %d claims make %d bytes of %d", len(ack.Payload), len(ack.Updates), size, budget)
	}

	// A stranger is answered three times what it sent, and no more.
	ping := wire.Message{Kind: wire.Ping, Seq: 1, Target: "self", Sender: wire.Sender{Name: "stranger", Epoch: 1}}
	b.receiveFrom(core.Path{Addr: "anywhere", Bytes: b.codec.Size(&ping)}, "stranger", ping)
	if ack := b.only(wire.Ack).Msg; len(ack.Payload) != 0 || b.m.Stats().PayloadsShed != 1 {
		t.Errorf("a stranger gets %d bytes, and %d payloads were shed", len(ack.Payload), b.m.Stats().PayloadsShed)
	}
}

// Whose ping was answered by its target is told, with how long it took; and nobody is
// who does not ask for it.
func TestPingIsTold(t *testing.T) {
	b := newBench(t, pings)
	b.meet("b", "c")
	answer := func(by string, seq uint32, payload []byte) { // which holds until it was looked at
		b.m.Receive(b.now, core.Path{Addr: addr(by)}, &wire.Message{
			Kind: wire.Ack, Seq: seq, Target: "b", Sender: wire.Sender{Name: by, Epoch: 1}, Payload: payload,
		})
		b.collect()
	}
	next := func() (seq uint32) {
		ping := b.next(wire.Ping)
		for ping.Msg.Target != "b" {
			b.ack(ping.Packet)
			ping = b.next(wire.Ping)
		}
		return ping.Msg.Seq
	}

	seq := next()
	b.until(b.now + 30*time.Millisecond)
	answer("b", seq, []byte("load=7"))
	e := one(t, b.events)
	if e.After.Name != "b" || e.Took != 30*time.Millisecond || !bytes.Equal(e.Payload, []byte("load=7")) {
		t.Errorf("told %+v", e)
	}
	smoothed, deviation, ok := b.m.RoundTrip("b")
	if smoothed != 30*time.Millisecond || deviation != 15*time.Millisecond || !ok {
		t.Errorf("a round trip takes %v ± %v, %v", smoothed, deviation, ok)
	}

	answer("b", seq, []byte("again"))
	if len(b.events) != 0 {
		t.Errorf("an answer that comes twice is told: %+v", b.events)
	}
	seq = next()
	answer("c", seq, []byte("a relay's"))
	if len(b.events) != 0 {
		t.Errorf("a relay's answer is told: %+v", b.events)
	}
	seq = next()
	answer("b", seq, make([]byte, core.MaxAckPayloadBytes+1))
	if e := one(t, b.events); e.Payload != nil || b.m.Stats().PayloadsShed != 1 {
		t.Errorf("too long a payload is told: %d bytes", len(e.Payload))
	}

	silent := newBench(t)
	silent.meet("b")
	silent.ack(silent.next(wire.Ping).Packet)
	if len(silent.events) != 0 {
		t.Errorf("told %+v, and nobody asked", silent.events)
	}
}

func one(t *testing.T, events []core.Event) core.Event {
	t.Helper()
	if len(events) != 1 || events[0].Kind != core.Pinged {
		t.Fatalf("events %+v, want one ping", events)
	}
	return events[0]
}

func TestRoundTripOfNobody(t *testing.T) {
	b := newBench(t)
	b.meet("b")
	for _, name := range []string{"self", "b", "stranger"} {
		if smoothed, _, ok := b.m.RoundTrip(name); ok {
			t.Errorf("a round trip to %s takes %v", name, smoothed)
		}
	}
}

// A payload on each ping and ack costs no allocation.
func TestAckPayloadAllocatesNothing(t *testing.T) {
	e := newEngine(t, "self", 8)
	e.m.SetAckPayload(e.now, make([]byte, core.MaxAckPayloadBytes))
	ping := e.encode(&wire.Message{Kind: wire.Ping, Seq: 7, Target: "self", Sender: wire.Sender{Name: "m1", Epoch: 1}})
	from := core.Path{Addr: addr("m1"), Bytes: len(ping)}
	if n := testing.AllocsPerRun(100, func() {
		if e.receive(from, ping) != 1 {
			t.Fatal("not answered")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if err := e.codec.Decode(&e.reply, e.out); err != nil || len(e.reply.Payload) != core.MaxAckPayloadBytes {
		t.Errorf("the ack is %+v, %v", e.reply, err)
	}
}
