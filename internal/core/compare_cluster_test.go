package core_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

var codecOf codec.Msgpack

// unprobed chooses members in the order in which they were added, and none to probe.
type unprobed struct{ inOrder }

func (*unprobed) Next(*rand.Rand) (wire.Ref, bool) { return 0, false }

// pair is two nodes of which a alone compares tables, every few minutes. Nobody
// probes or gossips, so all else that is in their tables may be invented.
type pair struct {
	t    testing.TB
	s    *sim.Sim
	a, b *sim.Node
	sent map[wire.Kind]int
	size int // of all that was sent
}

func newPair(t testing.TB, streams bool, configure ...func(*core.Config)) *pair {
	p := &pair{t: t, s: sim.New(1), sent: map[wire.Kind]int{}}
	s := p.s
	s.Bytes = true
	s.Net.Streams = streams
	s.Params.GossipInterval, s.Params.HealInterval = 0, 0
	s.Configure = func(n *sim.Node, c *core.Config) {
		c.Selector = new(unprobed) // the other comes first
		if n.Name == "b" {
			c.SyncInterval = 0
		}
		for _, f := range configure {
			f(c)
		}
	}
	p.a, p.b = s.Start("a"), s.Start("b")
	p.s.OnPacket = func(_ *sim.Node, packet *core.Packet) {
		data, err := codecOf.Append(nil, packet.Msg)
		if err != nil {
			t.Fatal(err)
		}
		if !packet.Stream && len(data) > s.PacketBytes {
			t.Fatalf("a packet of %d bytes: %v", len(data), packet.Msg.Kind)
		}
		p.sent[packet.Msg.Kind]++
		p.size += len(data)
	}
	p.tell(p.a, p.b.M.Local())
	p.tell(p.b, p.a.M.Local())
	return p
}

// phantom is a member that nobody speaks to.
func phantom(i int, incarnation uint32, state wire.State) wire.Member {
	return wire.Member{
		Name: fmt.Sprintf("node-%05d", i), Addr: fmt.Sprintf("10.%d.%d.%d:7946", 1+i>>16, i>>8&255, i&255),
		Epoch: 1_700_000_000_000_000_000, Incarnation: incarnation, State: state,
	}
}

// tell puts rows into the table of a node.
func (p *pair) tell(n *sim.Node, members ...wire.Member) {
	msg := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "teller", Epoch: 1}}
	for _, m := range members {
		msg.Updates = append(msg.Updates, wire.Update{Member: m})
	}
	p.s.Inject(n, core.Path{Addr: "10.255.0.1:1"}, &msg)
}

// both puts n rows into both tables.
func (p *pair) both(n int) {
	var rows []wire.Member
	for i := range n {
		rows = append(rows, phantom(i, 0, wire.Alive))
	}
	p.tell(p.a, rows...)
	p.tell(p.b, rows...)
}

// differ makes d rows differ beside n that both have, in four ways, and returns how
// many there are in all.
func (p *pair) differ(n, d int) (all int) {
	all = n + 2
	for i := range d {
		row := i * (n / max(d, 1))
		switch i % 4 {
		case 0:
			p.tell(p.a, phantom(row, 1, wire.Alive))
		case 1:
			p.tell(p.b, phantom(row, 1, wire.Alive))
		case 2: // one that the other does not know
			p.tell(p.a, phantom(n+i, 0, wire.Alive))
			all++
		case 3:
			p.tell(p.b, phantom(n+i, 0, wire.Alive))
			all++
		}
	}
	return all
}

// compare lets a compare tables until nothing is under way, and forgets what was
// sent before.
func (p *pair) compare() {
	before := p.a.M.Stats().Comparisons
	clear(p.sent)
	p.size = 0
	if !p.s.RunUntil(p.s.Now()+time.Hour, func() bool { return p.a.M.Stats().Comparisons > before }) {
		p.t.Fatal("a compares nothing within an hour")
	}
	p.s.Run(p.s.Now() + 15*time.Second)
}

func tableOfNode(n *sim.Node) map[string]wire.Member {
	table := map[string]wire.Member{}
	for m := range n.M.Members() {
		table[m.Name] = m
	}
	return table
}

// agree fails unless both tables hold the same.
func (p *pair) agree(size int) {
	p.t.Helper()
	a, b := tableOfNode(p.a), tableOfNode(p.b)
	if len(a) != size || !maps.Equal(a, b) {
		for name, m := range a {
			if b[name] != m {
				p.t.Errorf("a: %+v\nb: %+v", m, b[name])
				break
			}
		}
		p.t.Fatalf("%d rows and %d, want %d, and they are not the same", len(a), len(b), size)
	}
}

// A comparison costs what differs, and one is enough.
func TestComparisonCostsWhatDiffers(t *testing.T) {
	const rows = 998
	for _, streams := range []bool{true, false} {
		var base int
		for _, d := range []int{0, 1, 10, 100} {
			p := newPair(t, streams)
			p.both(rows)
			all := p.differ(rows, d)
			p.compare()
			p.agree(all)
			t.Logf("streams %v, %d of %d differ: %d bytes, %v", streams, d, rows+2, p.size, p.sent)
			if d == 0 {
				if base = p.size; len(p.sent) != 2 || base > 512 {
					t.Errorf("equal tables take %d bytes, %v", base, p.sent)
				}
			}
			// A row takes 60 bytes, and those that share its bucket 40; a row that is
			// wanted comes after an older one.
			if most := base + 250*d + 250 + base*d/20; p.size > most {
				t.Errorf("streams %v, %d differ: %d bytes, and %d for none", streams, d, p.size, base)
			}
			whole := 2 * codecOf.Size(&wire.Message{Kind: wire.Sync, Updates: updatesOf(tableOfNode(p.a))})
			if p.size > whole/3 {
				t.Errorf("streams %v, %d differ: %d bytes, a full sync has %d", streams, d, p.size, whole)
			}
			p.compare()
			if p.size > 2*base || p.sent[wire.Sync] > 0 {
				t.Errorf("streams %v: once more takes %d bytes, %v", streams, p.size, p.sent)
			}
		}
	}
}

func updatesOf(table map[string]wire.Member) (updates []wire.Update) {
	for _, m := range table {
		updates = append(updates, wire.Update{Member: m})
	}
	return updates
}

// Loss, repetition and small packets cost time, and no row.
func TestComparisonsOnABadNetwork(t *testing.T) {
	for seed := range 8 {
		p := newPair(t, seed%2 == 0)
		p.s.Net.Loss, p.s.Net.Duplicate = 0.3, 0.3
		p.both(300)
		all := p.differ(300, 80)
		for range 12 {
			p.compare()
		}
		p.agree(all)
	}
	p := newPair(t, false, func(c *core.Config) { c.PacketBytes = 300 })
	p.s.PacketBytes = 300
	p.both(2000)
	all := p.differ(2000, 200)
	for range 4 {
		p.compare()
	}
	p.agree(all)
}

// The dead are compared too: who holds a member for gone tells it to who does not,
// as a suspicion that the member can refute; and of two verdicts the same one stays.
func TestComparisonsOfTheDead(t *testing.T) {
	for _, streams := range []bool{true, false} {
		for _, swap := range []bool{false, true} {
			p := newPair(t, streams)
			x, y := p.a, p.b
			if swap {
				x, y = y, x
			}
			p.both(100)
			p.tell(x, phantom(1, 3, wire.Failed), phantom(2, 0, wire.Left), phantom(3, 0, wire.Failed), phantom(4, 0, wire.Failed))
			p.tell(y, phantom(1, 1, wire.Alive), phantom(3, 0, wire.Left), phantom(4, 1, wire.Alive))
			p.compare()
			what := fmt.Sprintf("streams %v, the other way %v", streams, swap)
			for row, want := range map[int][2]wire.State{
				1: {wire.Failed, wire.Suspect}, 2: {wire.Left, wire.Left}, 3: {wire.Left, wire.Left}, 4: {wire.Alive, wire.Alive},
			} {
				m, _ := x.M.Member(phantom(row, 0, 0).Name)
				n, _ := y.M.Member(phantom(row, 0, 0).Name)
				if m.State != want[0] || n.State != want[1] || m.Incarnation != n.Incarnation {
					t.Errorf("%s: of %d one believes %+v, the other %+v", what, row, m, n)
				}
			}
		}
	}
}

// Near the end of its time a tombstone is no difference, for each forgets it when it
// does; but who still holds the member for live is told.
func TestComparisonsOfTheLongDead(t *testing.T) {
	for _, swap := range []bool{false, true} {
		p := newPair(t, true, func(c *core.Config) { c.ForgetAfter = 10 * time.Hour })
		x, y := p.a, p.b
		if swap {
			x, y = y, x
		}
		p.both(50)
		p.s.Net.Block("a", "b")
		p.tell(x, phantom(1, 5, wire.Failed), phantom(60, 0, wire.Left))
		p.s.Run(p.s.Now() + 6*time.Hour)
		p.tell(y, phantom(1, 2, wire.Alive), phantom(2, 1, wire.Alive))
		p.s.Net.Heal()
		p.compare()
		if m, _ := y.M.Member(phantom(1, 0, 0).Name); m.State.Live() && m.State != wire.Suspect || m.Incarnation != 5 {
			t.Errorf("the other way %v: of a member long failed the other believes %+v", swap, m)
		}
		if m, known := y.M.Member(phantom(60, 0, 0).Name); known {
			t.Errorf("the other way %v: is told of %+v", swap, m)
		}
		if m, _ := x.M.Member(phantom(2, 0, 0).Name); m.Incarnation != 1 {
			t.Errorf("the other way %v: was not told of %+v", swap, m)
		}
	}
}
