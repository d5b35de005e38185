package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// engine is a Machine with the default layers and a codec around it, as a driver has
// them, that makes no copies.
type engine struct {
	t     testing.TB
	m     *core.Machine
	now   time.Duration
	codec codec.Msgpack
	in    wire.Message
	out   []byte
	reply wire.Message
	data  []byte
}

// newEngine makes one that knows m0 to m<n-1>, and has nothing to tell.
func newEngine(t testing.TB, name string, n int) *engine {
	e := &engine{t: t, out: make([]byte, 0, 1<<20)}
	params := core.LAN()
	params.SyncInterval = 0
	e.m = core.New(core.Config{
		Params: params, Name: name, Addr: addr(name), Epoch: 1, Seed: 1,
		Selector: new(selector.RoundRobin), Disseminator: new(disseminator.Piggyback),
		MessageSize: e.codec.Size, UpdateSize: e.codec.UpdateSize,
		PacketBytes: budget, Streams: true, MaxMembers: 1 << 17,
	}, 0)
	e.receive(core.Path{Addr: "a stream", Stream: true}, e.encode(&wire.Message{
		Kind: wire.SyncReply, Seq: 1, Sender: wire.Sender{Name: "m0", Epoch: 1}, Updates: tableOf(n),
	}))
	if n > 0 {
		e.period() // which brings the room that it needs from then on
	}
	if e.m.Len() != n+1 {
		t.Fatalf("knows %d", e.m.Len())
	}
	return e
}

func tableOf(n int) (table []wire.Update) {
	for i := range n {
		table = append(table, claim(fmt.Sprint("m", i), 0, wire.Alive, ""))
	}
	return table
}

func (e *engine) encode(m *wire.Message) []byte {
	data, err := e.codec.Append(nil, m)
	if err != nil {
		e.t.Fatal(err)
	}
	return data
}

// receive does with a packet what a driver does, and returns how many it sends.
func (e *engine) receive(from core.Path, data []byte) int {
	if err := e.codec.Decode(&e.in, data); err != nil {
		e.t.Fatal(err)
	}
	e.m.Receive(e.now, from, &e.in)
	return e.send()
}

func (e *engine) tick() int {
	e.now = max(e.m.Deadline(), e.now)
	e.m.Tick(e.now)
	return e.send()
}

func (e *engine) send() int {
	packets := e.m.Packets()
	for i := range packets {
		var err error
		if e.out, err = e.codec.Append(e.out[:0], packets[i].Msg); err != nil {
			e.t.Fatal(err)
		}
	}
	return len(packets)
}

// period lets time pass until the next probe, and answers it.
func (e *engine) period() {
	probes, end := e.m.Stats().Probes, e.now+time.Hour
	for e.m.Stats().Probes == probes {
		if e.tick(); e.now > end {
			e.t.Fatal("no probe within an hour")
		}
	}
	for _, p := range e.m.Packets() {
		if p.Msg.Kind != wire.Ping || p.Stream {
			continue
		}
		e.reply = wire.Message{Kind: wire.Ack, Seq: p.Msg.Seq, Target: p.Msg.Target, Sender: wire.Sender{Name: p.Msg.Target, Epoch: 1}}
		e.data, _ = e.codec.Append(e.data[:0], &e.reply)
		e.receive(core.Path{Addr: p.To}, e.data)
		return
	}
}

var fromM0 = core.Path{Addr: addr("m0")}

func (e *engine) ping() []byte {
	return e.encode(&wire.Message{Kind: wire.Ping, Seq: 7, Target: "self", Sender: wire.Sender{Name: "m0", Epoch: 1}})
}

// eight is a packet with eight claims about members that are known, but for the
// incarnation.
func (e *engine) eight(incarnation uint32) []byte {
	updates := tableOf(8)
	for i := range updates {
		updates[i].Incarnation = incarnation
	}
	return e.encode(&wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "m0", Epoch: 1}, Updates: updates})
}

func TestPingToAckAllocatesNothing(t *testing.T) {
	e := newEngine(t, "self", 100)
	data := e.ping()
	if n := testing.AllocsPerRun(1000, func() {
		if e.receive(fromM0, data) != 1 {
			t.Fatal("not one answer")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestEightKnownClaimsAllocateNothing(t *testing.T) {
	e := newEngine(t, "self", 100)
	data := e.eight(0)
	if n := testing.AllocsPerRun(1000, func() {
		if e.receive(fromM0, data) != 0 {
			t.Fatal("answered")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Nor does news, once the queues have grown: it changes rows that are there.
func TestEightNewClaimsAllocateNothing(t *testing.T) {
	e := newEngine(t, "self", 100)
	var packets [][]byte
	for i := range uint32(600) {
		packets = append(packets, e.eight(i+1))
	}
	i := 0
	next := func() {
		e.receive(fromM0, packets[i])
		e.tick()
		i++
	}
	for range 90 {
		next()
	}
	if n := testing.AllocsPerRun(500, next); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if got := e.m.Stats().ClaimsApplied; got < 8*500 {
		t.Errorf("%d claims applied", got)
	}
}

// A quiet cluster allocates nothing at all: a period with its ping and its ack.
func TestAQuietPeriodAllocatesNothing(t *testing.T) {
	e := newEngine(t, "self", 100)
	before := e.m.Stats().ProbesAcked
	if n := testing.AllocsPerRun(300, e.period); n != 0 || e.m.Stats().ProbesAcked != before+301 {
		t.Errorf("%v allocations in a period; %+v", n, e.m.Stats())
	}
}
