package swim

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// cable is a transport with a tester at its other end.
type cable struct {
	node     *Node
	sealer   Sealer
	in       chan []byte
	out      chan int
	closed   chan struct{}
	closeOne sync.Once
}

func (c *cable) Addr() string { return "a" }

func (c *cable) ReadPacket(p []byte) (int, string, error) {
	select {
	case packet := <-c.in:
		return copy(p, packet), "b", nil
	case <-c.closed:
		return 0, "", net.ErrClosed
	}
}

func (c *cable) WritePacket(p []byte, _ string) error {
	c.out <- len(p)
	return nil
}

func (c *cable) Close() error {
	c.closeOne.Do(func() { close(c.closed) })
	return nil
}

// steadyTraffic is what a node does all day: it answers a ping that brings no
// news.
var steadyTraffic = map[string]struct {
	updates int
	sealer  Sealer
}{
	"ping":                          {0, nil},
	"ping with 8 updates":           {8, nil},
	"ping with 8 updates, reversed": {8, reversingSealer{}},
}

// reversingSealer copies, as a Sealer does, and computes nothing.
type reversingSealer struct{}

func reversed(dst, src []byte) []byte {
	for i := range src {
		dst = append(dst, src[len(src)-1-i])
	}
	return dst
}

func (reversingSealer) Seal(dst, plain, _ []byte) ([]byte, error) { return reversed(dst, plain), nil }

func (reversingSealer) Open(dst, sealed, _ []byte) ([]byte, error) { return reversed(dst, sealed), nil }
func (reversingSealer) Overhead() int                              { return 0 }

// unreached is asked about and never refuses.
var unreached = security.Rate{PerSecond: 1e9}

// newCable starts a node at the end of a cable. It is quiet by itself.
func newCable(t testing.TB, sealer Sealer, configure ...func(*Config)) *cable {
	t.Helper()
	c := &cable{sealer: sealer, in: make(chan []byte), out: make(chan int), closed: make(chan struct{})}
	cfg := Config{
		Name: "a", Transport: c, Sealer: sealer,
		ProbeInterval: time.Hour, ProbeTimeout: time.Minute, GossipInterval: -1, SyncInterval: -1,
		Limits: Limits{Stranger: unreached, Strangers: unreached, Member: unreached},
	}
	for _, f := range configure {
		f(&cfg)
	}
	node, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	c.node = node
	return c
}

// ping is a packet of b's, with claims about it and others.
func (c *cable) ping(t testing.TB, updates int) []byte {
	t.Helper()
	m := wire.Message{Kind: wire.Ping, Seq: 1, Target: "a", Sender: wire.Sender{Name: "b", Epoch: 1}}
	for i := range updates {
		m.Updates = append(m.Updates, wire.Update{Member: Member{
			Name: fmt.Sprintf("member-%d", i), Addr: "127.0.0.1:7946", Meta: "zone=1",
			Epoch: 1, Incarnation: 1, State: Alive,
		}})
	}
	return c.packet(t, &m)
}

// claim is a ping of b's that says where some member is.
func (c *cable) claim(t testing.TB, name, addr string) []byte {
	t.Helper()
	return c.packet(t, &wire.Message{
		Kind: wire.Ping, Seq: 1, Target: "a", Sender: wire.Sender{Name: "b", Epoch: 1},
		Updates: []wire.Update{{Member: Member{Name: name, Addr: addr, Epoch: 1, State: Alive}}},
	})
}

func (c *cable) packet(t testing.TB, m *wire.Message) []byte {
	t.Helper()
	message, err := codec.Msgpack{}.Append(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	packet, err := security.NewEnvelope("", c.sealer).Seal(nil, message)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// exchange sends a packet to the node and waits for its answer.
func (c *cable) exchange(packet []byte) {
	c.in <- packet
	<-c.out
}

// BenchmarkDriver is a packet in and its answer out: three goroutines, envelope,
// codec and Machine, all but the network.
func BenchmarkDriver(b *testing.B) {
	for name, test := range steadyTraffic {
		b.Run(name, func(b *testing.B) {
			c := newCable(b, test.sealer)
			packet := c.ping(b, test.updates)
			for range 100 {
				c.exchange(packet)
			}
			b.ReportAllocs()
			for b.Loop() {
				c.exchange(packet)
			}
		})
	}
}
