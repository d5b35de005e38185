package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
	"github.com/swim-go/swim/wire"
)

func TestPaceHoldsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		calls := 0
		pace(ctx, 1000, func(i int) {
			if i != calls {
				t.Fatalf("call %d has number %d", calls, i)
			}
			if calls++; calls == 500 {
				time.Sleep(3 * time.Second) // is made up for
			}
		})
		if calls < 9990 || calls > 10000 {
			t.Errorf("%d calls in 10 s at 1000 a second", calls)
		}
	})
}

// What the floods send is what they say: each is refused, or taken, where it has
// to be.
func TestPackets(t *testing.T) {
	v := &victim{name: "victim", rng: rand.New(rand.NewPCG(1, 0))}
	envelope := security.NewEnvelope("", nil)
	open := func(packet []byte) (m wire.Message, err error) {
		plain, err := envelope.Open(nil, packet)
		if err != nil {
			return m, err
		}
		if err := (codec.Msgpack{}).Decode(&m, plain); err != nil {
			return m, err
		}
		for i := range m.Updates {
			err = errors.Join(err, m.Updates[i].Check())
		}
		return m, errors.Join(err, m.Check())
	}
	for name, c := range map[string]struct {
		make func(*victim) ([][]byte, error)
		ok   func(wire.Message, error) bool
	}{
		"random":  {randomPackets, func(_ wire.Message, err error) bool { return err != nil }},
		"foreign": {foreignPackets, func(_ wire.Message, err error) bool { return errors.Is(err, security.ErrCluster) }},
		"pings":   {pingPackets, func(m wire.Message, err error) bool { return err == nil && m.Kind == wire.Ping && m.Target == v.name }},
		"joins":   {joinPackets, func(m wire.Message, err error) bool { return err == nil && m.Kind == wire.Sync && len(m.Updates) == 1 }},
	} {
		packets, err := c.make(v)
		if err != nil || len(packets) != variety {
			t.Fatalf("%s: %d packets, %v", name, len(packets), err)
		}
		for _, p := range packets {
			if len(p) > packetBytes {
				t.Fatalf("%s: %d bytes", name, len(p))
			}
			if m, err := open(p); !c.ok(m, err) {
				t.Fatalf("%s: %+v, %v", name, m, err)
			}
		}
	}
}

// All requests are such that a correct peer could send them.
func TestRequestsAreValid(t *testing.T) {
	all := requests(swim.Member{Name: "v", Addr: "a"}, swim.Member{Name: "o", Addr: "b"})
	seen := make(map[wire.Kind]bool)
	for _, r := range all {
		if err := r.message.Check(); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
		seen[r.message.Kind] = true
	}
	for k := wire.Ping; k.Valid(); k++ {
		if !seen[k] {
			t.Errorf("no request of kind %v", k)
		}
	}
}

func TestShedTakesAllOfDrops(t *testing.T) {
	var c counts
	s := swim.Stats{Drops: swim.Drops{Cluster: 7}}
	c.take("", reflect.ValueOf(s.Drops), func(string) bool { return true })
	if len(c) != reflect.TypeFor[swim.Drops]().NumField() {
		t.Errorf("%d counters of %d", len(c), reflect.TypeFor[swim.Drops]().NumField())
	}
	none := make(counts, len(c))
	if grown := c.since(none); len(grown) != 1 || grown[0] != (count{"Cluster", 7}) {
		t.Errorf("grown: %v", grown)
	}
	nested := counts{}
	nested.take("", reflect.ValueOf(struct {
		A struct{ B, MessagesRefused uint64 }
		S string
	}{}), refuses)
	if len(nested) != 1 || nested[0].name != "A.MessagesRefused" {
		t.Errorf("nested: %v", nested)
	}
}

func TestSlowStreamClaimsMoreThanItSends(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	v := &victim{addr: l.Addr().String()}
	held := make(chan struct{})
	go func() { defer close(held); hold(ctx, v, time.Millisecond) }()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	var head [8]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		t.Fatal(err)
	}
	if got := binary.BigEndian.Uint32(head[:]); got != claimedBytes {
		t.Errorf("it claims %d bytes", got)
	}
	cancel()
	<-held
	_ = conn.Close()
}

func TestDrawCountsAllAnswers(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		var b [16]byte
		n, from, err := server.ReadFrom(b[:])
		if err != nil || string(b[:n]) != "ask" {
			return
		}
		_, _ = server.WriteTo([]byte("one"), from)
		_, _ = server.WriteTo([]byte("three"), from)
	}()
	packets, bytes, err := draw(t.Context(), server.LocalAddr().String(), func(string) ([]byte, error) { return []byte("ask"), nil }, time.Second)
	if packets != 2 || bytes != 8 || err != nil {
		t.Errorf("%d packets, %d bytes, %v", packets, bytes, err)
	}
}

func TestPlanIsChecked(t *testing.T) {
	good := plan{nodes: 16, rate: 100_000, streams: 300}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	for _, p := range []plan{{4, 1, 1, 0, 0}, {16, 0, 1, 0, 0}, {16, 2_000_000, 1, 0, 0}, {16, 1, 0, 0, 0}} {
		if p.check() == nil {
			t.Errorf("%+v passes", p)
		}
	}
}

// The command fails if, and only if, a node is accused that runs.
func TestAccused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := transport.NewMemoryNetwork(1)
		c, err := cluster.Start(t.Context(), minNodes, func(name string) (swim.Transport, error) { return network.Listen(name) })
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, _, err := c.JoinAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Kill(t.Context(), doomed); err != nil {
			t.Fatal(err)
		}
		if err := accused(c); err != nil {
			t.Errorf("only one was killed: %v", err)
		}
		network.Isolate(c.Nodes[1].Local().Addr)
		time.Sleep(time.Minute)
		if err := accused(c); !errors.Is(err, errAccused) {
			t.Errorf("one that runs was suspected: %v", err)
		}
	})
}
