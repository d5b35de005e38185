package core_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/swim-go/swim/wire"
)

// What hashicorp/memberlist v0.7.0 relays a second with its defaults: it sends one
// packet of news to three members each 200 ms.
const (
	relayedByMemberlist         = 19.0
	relayedByMemberlistWithMeta = 4.7
)

// feed is an endless stream of packets with new broadcasts of 200 bytes by m1, as m0
// passes them on.
type feed struct {
	msg  wire.Message
	seq  uint64
	data []byte
}

const perPacket = 5

func newFeed() *feed {
	f := &feed{msg: wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "m0", Epoch: 1}}}
	for range perPacket {
		f.msg.Broadcasts = append(f.msg.Broadcasts, wire.Broadcast{Origin: "m1", Epoch: 1, Channel: "chat", Payload: make([]byte, 200)})
	}
	return f
}

func (f *feed) next(e *engine) []byte {
	for i := range f.msg.Broadcasts {
		f.seq++
		f.msg.Broadcasts[i].Seq = f.seq
	}
	f.data, _ = e.codec.Append(f.data[:0], &f.msg)
	return f.data
}

// BenchmarkRelay is a broadcast in, from its bytes, and out, as bytes, to as many
// members as each node passes it on to: what a processor can do. relayed/s is what the
// bound on packets lets through, when more comes in than that.
func BenchmarkRelay(b *testing.B) {
	for _, members := range []int{64, 1000, 5000} {
		b.Run(fmt.Sprint(members, " members"), func(b *testing.B) {
			limit := relayLimit(b, members)
			e, f := newEngine(b, "self", members), newFeed()
			relayed, sent := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				e.receive(fromM0, f.next(e))
				relayed += perPacket
				e.now += 10 * time.Millisecond // 500 a second
				for e.m.Deadline() <= e.now {
					sent += e.tick()
				}
			}
			if s := e.m.BroadcastStats(); s.Delivered != uint64(relayed) || s.Passed == 0 {
				b.Fatalf("%d received; %+v", relayed, s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(relayed), "ns/broadcast")
			b.ReportMetric(limit, "relayed/s")
			b.ReportMetric(relayedByMemberlist, "memberlist/s")
			b.ReportMetric(relayedByMemberlistWithMeta, "memberlist-with-metadata/s")
		})
	}
}

// relayLimit is how many broadcasts are passed on as often as they should, a second,
// when twenty thousand come in.
func relayLimit(t testing.TB, members int) float64 {
	e, f := newEngine(t, "self", members), newFeed()
	times := 3 * len(strconv.Itoa(members+1)) // λ·⌈log10(n+1)⌉
	const duration = 2 * time.Second
	for end := e.now + duration; e.now < end; {
		e.receive(fromM0, f.next(e))
		now := e.now + 250*time.Microsecond
		for e.m.Deadline() <= now {
			e.tick()
		}
		e.now = now
	}
	return float64(e.m.BroadcastStats().Passed) / float64(times) / duration.Seconds()
}

// One node relays many times what memberlist does.
func TestRelayCapacity(t *testing.T) {
	for _, members := range []int{64, 1000} {
		limit := relayLimit(t, members)
		t.Logf("%d members: %.0f broadcasts of 200 bytes a second; memberlist %.0f", members, limit, relayedByMemberlist)
		if limit < 20*relayedByMemberlist {
			t.Errorf("%d members: %.0f a second", members, limit)
		}
	}
}

// A node that has broadcasts to keep, and none to send, allocates nothing for pings.
func TestPingsAllocateNothingBesideBroadcasts(t *testing.T) {
	e, f := newEngine(t, "self", 100), newFeed()
	e.receive(fromM0, f.next(e))
	for range 100 {
		e.tick()
	}
	data := e.ping()
	if n := testing.AllocsPerRun(1000, func() { e.receive(fromM0, data) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What is heard again costs no memory.
func TestDuplicatesAllocateNothing(t *testing.T) {
	e, f := newEngine(t, "self", 100), newFeed()
	data := append([]byte(nil), f.next(e)...)
	for range 10 {
		e.receive(fromM0, data)
	}
	if n := testing.AllocsPerRun(1000, func() { e.receive(fromM0, data) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
