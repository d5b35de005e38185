package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// relays measures how many broadcasts one node can pass on.
func relays(b *bench) {
	b.Title("how many broadcasts of %d bytes one node passes on a second", payloadBytes)
	b.Note("Twenty thousand a second come in, from their bytes. Relayed are those that went out, as bytes, as often as each node sends one:")
	b.Note("3·⌈log10(n+1)⌉ times, at least 6. The bound is on packets, not on the processor; what the processor takes is beside it, on this machine as it is now.")
	b.Note("memberlist sends one packet of news to three members each 200 ms, its defaults.")
	for _, members := range []int{64, 1000, 5000} {
		r := measureRelay(members, 2*time.Second)
		add := b.adder("relay", fmt.Sprintf("n=%d", members))
		add("relayed", r.perSecond, "/s", "memberlist 19, with 200 bytes of metadata 4.7", "v0.7.0, 1000-5000 members")
		add("sent a second, packets", r.packets, "/s", "", "")
		add("processor for one that is relayed", r.cost, "µs", "", "")
		b.Flush()
	}
}

// relayed is what became of what came in.
type relayed struct {
	perSecond float64
	packets   float64 // a second
	cost      float64 // µs
}

// comesIn is how often a packet with perPacket broadcasts comes in.
const (
	comesIn   = 250 * time.Microsecond
	perPacket = 5
)

func relayAddr(i int) string { return fmt.Sprintf("10.0.%d.%d:7946", i>>8, i&255) }

// newRelay makes a Machine that knows m0 to m<members-1>.
func newRelay(members int) *core.Machine {
	var c codec.Msgpack
	params := core.LAN()
	params.SyncInterval = 0 // nobody answers
	m := core.New(core.Config{
		Params: params, Name: "self", Addr: "10.1.0.0:7946", Epoch: 1, Seed: 1,
		Selector: new(selector.RoundRobin), Disseminator: new(disseminator.Piggyback),
		MessageSize: c.Size, UpdateSize: c.UpdateSize, PacketBytes: 1390, Streams: true, MaxMembers: 1 << 16,
	}, 0)
	table := make([]wire.Update, members)
	for i := range table {
		table[i].Member = wire.Member{Name: fmt.Sprint("m", i), Addr: relayAddr(i), Epoch: 1, State: wire.Alive}
	}
	m.Receive(0, core.Path{Addr: relayAddr(0), Stream: true}, &wire.Message{
		Kind: wire.SyncReply, Seq: 1, Sender: wire.Sender{Name: "m0", Epoch: 1}, Updates: table,
	})
	return m
}

func measureRelay(members int, length time.Duration) (r relayed) {
	var c codec.Msgpack
	var in wire.Message
	var data, out []byte
	m := newRelay(members)
	fed := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "m0", Epoch: 1}}
	for range perPacket {
		fed.Broadcasts = append(fed.Broadcasts, wire.Broadcast{Origin: "m1", Epoch: 1, Channel: "chat", Payload: make([]byte, payloadBytes)})
	}
	must := func(err error) {
		if err != nil { // the codec does not know its own bytes
			report.Exit(err)
		}
	}
	packets, seq := 0, uint64(0)
	send := func() {
		for _, p := range m.Packets() {
			var err error
			out, err = c.Append(out[:0], p.Msg)
			must(err)
			packets++
		}
	}
	began := time.Now()
	for now := time.Duration(0); now < length; {
		for i := range fed.Broadcasts {
			seq++
			fed.Broadcasts[i].Seq = seq
		}
		var err error
		data, err = c.Append(data[:0], &fed)
		must(err)
		must(c.Decode(&in, data))
		m.Receive(now, core.Path{Addr: relayAddr(0)}, &in)
		send()
		for now += comesIn; m.Deadline() <= now; {
			m.Tick(max(m.Deadline(), 0))
			send()
		}
	}
	took := time.Since(began)
	times := 3 * len(strconv.Itoa(members+1)) // λ·⌈log10(n+1)⌉
	passed := float64(m.BroadcastStats().Passed) / float64(times)
	r.perSecond, r.packets = passed/length.Seconds(), float64(packets)/length.Seconds()
	if passed > 0 {
		r.cost = float64(took.Microseconds()) / passed
	}
	return r
}
