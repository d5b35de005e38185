package swim_test

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// A siege is a live cluster of three on the loopback interface, and somebody
// else there who sends to one of them what he likes. Rows of a table attack it
// one after the other; after each, nothing may be different from before but
// the counters of what was dropped.
type siege struct {
	*testing.T
	setting
	nodes  []*swim.Node
	victim *swim.Node

	envelope *security.Envelope // the attacker's
	conn     *net.UDPConn
	to       netip.AddrPort // the victim
	sent     atomic.Int64   // bytes, by the attacker
	answered atomic.Int64   // bytes, to the attacker

	patience time.Duration // for what an attack began to end

	mu     sync.Mutex
	events []string
}

// setting is what the cluster asks for and the attacker has.
type setting struct {
	name string
	// sealer of a member, and of the attacker; nil if there is none.
	sealer, attackers func() swim.Sealer
	// outside: what the attacker says is not opened.
	outside bool
}

var (
	clusterKey = sure(security.KeyFromPassphrase("the key of the cluster", "siege"))
	strangeKey = sure(security.KeyFromPassphrase("some other key than that", "siege"))
)

func sure[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func sealerOf(keys ...security.Key) *security.KeyedSealer {
	return security.NewXChaCha20Poly1305(sure(security.NewKeyring(keys[0], keys[1:]...)))
}

// settings: whoever can send is believed; then he is not; and then he got hold
// of the key.
var settings = []setting{
	{name: "without a sealer"},
	{
		name:      "without the key",
		sealer:    func() swim.Sealer { return sealerOf(clusterKey) },
		attackers: func() swim.Sealer { return sealerOf(strangeKey) }, outside: true,
	},
	{
		name:      "with the key",
		sealer:    func() swim.Sealer { return sealerOf(clusterKey) },
		attackers: func() swim.Sealer { return sealerOf(clusterKey) },
	},
}

// siegeCluster is the name of the cluster, which the attacker knows.
const siegeCluster = "siege"

func (s setting) configure(c *swim.Config) {
	c.Cluster = siegeCluster
	if s.sealer != nil {
		c.Sealer = s.sealer()
	}
}

func (s setting) forge() *security.Envelope {
	if s.attackers == nil {
		return security.NewEnvelope(siegeCluster, nil)
	}
	return security.NewEnvelope(siegeCluster, s.attackers())
}

// layTo starts the cluster and waits until all know all.
func (s setting) layTo(t *testing.T, configure func(*swim.Config)) *siege {
	t.Helper()
	noLeaks(t)
	g := &siege{T: t, setting: s, envelope: s.forge(), patience: 15 * time.Second}
	for i := range 3 {
		cfg := swim.Config{Name: fmt.Sprintf("n%d", i), Meta: []byte("a member"), ProbeInterval: 500 * time.Millisecond}
		s.configure(&cfg)
		configure(&cfg)
		node := start(t, cfg)
		if i > 0 {
			if _, err := node.Join(t.Context(), g.nodes[0].Local().Addr); err != nil {
				t.Fatal(err)
			}
		}
		g.nodes = append(g.nodes, node)
	}
	g.victim = g.nodes[0]
	for _, node := range g.nodes {
		g.eventually("all know all", func() bool { return len(node.Members()) == len(g.nodes) })
	}
	g.listen()
	for _, node := range g.nodes {
		go g.hear(node)
	}
	g.eventually("the news is told", func() bool { return len(g.news()) >= len(g.nodes)*len(g.nodes) })
	return g
}

// listen opens the attacker's socket, and counts what comes back to it.
func (g *siege) listen() {
	g.Helper()
	g.to = netip.MustParseAddrPort(g.victim.Local().Addr)
	// Not connected, since answers may come from elsewhere.
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: g.to.Addr().AsSlice()})
	if err != nil {
		g.Fatal(err)
	}
	g.conn = conn
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var b [1 << 16]byte
		for {
			n, _, err := conn.ReadFromUDP(b[:])
			if err != nil {
				return
			}
			g.answered.Add(int64(n))
		}
	}()
	g.Cleanup(func() { _ = conn.Close(); <-ended })
}

// hear keeps what a node's user hears.
func (g *siege) hear(node *swim.Node) {
	for e := range node.Events(g.Context()) {
		g.mu.Lock()
		g.events = append(g.events, fmt.Sprintf("%s: %v %s (%v)", node.Local().Name, e.Kind, e.Member.Name, e.Reason))
		g.mu.Unlock()
	}
}

func (g *siege) news() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.events)
}

// eventually waits for what others have to bring about.
func (g *siege) eventually(what string, holds func() bool) {
	g.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(20 * time.Second); !holds(); <-look.C {
		if time.Now().After(end) {
			g.Fatalf("not within 20 s: %s\n%+v", what, g.victim.Stats())
		}
	}
}

// write sends a packet of any bytes to the victim.
func (g *siege) write(packet []byte) {
	g.Helper()
	n, err := g.conn.WriteToUDPAddrPort(packet, g.to)
	if err != nil {
		g.Fatal(err)
	}
	g.sent.Add(int64(n))
}

// seal puts bytes into an envelope as good as the attacker can make one.
func (g *siege) seal(message []byte) []byte {
	g.Helper()
	packet, err := g.envelope.Seal(nil, message)
	if err != nil {
		g.Fatal(err)
	}
	return packet
}

// encode encodes a message, however wrong.
func (g *siege) encode(m wire.Message) []byte {
	g.Helper()
	data, err := codec.Msgpack{}.Append(nil, &m)
	if err != nil {
		g.Fatal(err)
	}
	return data
}

// say sends a message in the name of somebody whom nobody knows.
func (g *siege) say(m wire.Message) {
	g.Helper()
	if m.Sender.Name == "" {
		m.Sender = wire.Sender{Name: "evil", Epoch: 1}
	}
	g.write(g.seal(g.encode(m)))
}

// tooLarge is a packet that moves a counter, whatever the setting.
var tooLarge = make([]byte, 1500)

// processed returns when the victim is done with all that was sent before.
func (g *siege) processed() {
	g.Helper()
	before := g.victim.Stats().Drops.Oversized
	look := time.NewTicker(200 * time.Microsecond)
	defer look.Stop()
	for i := 0; g.victim.Stats().Drops.Oversized == before; i++ {
		if i%500 == 0 { // again, since it may be shed
			g.write(tooLarge)
			g.sent.Add(-int64(len(tooLarge)))
		}
		<-look.C
	}
}

// each sends many packets, no faster than the victim reads them, so that the
// socket sheds none.
func (g *siege) each(n int, packet func(i int) []byte) {
	g.Helper()
	for i := range n {
		g.write(packet(i))
		if i%32 == 31 {
			g.processed()
		}
	}
}
