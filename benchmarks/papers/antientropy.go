package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// symbolBytes is what a coded symbol of a rateless invertible table is taken to have
// here: the sum of 8-byte hashes of rows, that of 4-byte checksums, and a count of
// one byte. Its authors' 1.35 to 1.72 symbols a difference stand for any size.
const symbolBytes = 8 + 4 + 1

// antiEntropy measures what it takes two tables to agree, by how many rows differ.
func antiEntropy(b *bench) {
	b.Title("E18: what a comparison of two tables costs, by how much differs")
	b.Note("Two members with tables of n rows, of which one compares; the other rows are invented, and nobody probes or gossips. Of each four")
	b.Note("rows that differ one is newer here, one newer there, one known here alone and one there alone; so there are 1.5·d elements that one")
	b.Note("side has and the other not, which is d in the floor, d·log2(U/d) bits of U = 2^64, and in the %d-byte symbols of a rateless table.", symbolBytes)
	b.Note("Both find which rows differ, and bring none; so does what the comparison needs without its claims. Bytes are those of messages;")
	b.Note("headers of IP, UDP and TCP come on top. A full sync is both tables, once. A round trip is a question and its answer.")
	for _, streams := range []bool{true, false} {
		for _, n := range pick(b, []int{1000}, []int{1000, 10000}) {
			for _, d := range []int{0, 1, 10, 100, 1000} {
				compareOnce(b, n, d, streams)
			}
		}
	}
	b.Title("E18: what anti-entropy costs where nothing changes")
	b.Note("%d of the members of a cluster of n compare equal tables for ten sync intervals. Digests are what they lengthen a ping and an ack by,", comparers)
	b.Note("of which each member sends one a second.")
	for _, n := range []int{128, 1000, 10000} {
		steadyComparisons(b, n)
	}
}

// bystander chooses the members that take part, and none to probe.
type bystander struct {
	selector.RoundRobin
	refs []wire.Ref
}

func (*bystander) Next(*rand.Rand) (wire.Ref, bool) { return 0, false }

func (s *bystander) Add(ref wire.Ref, m wire.Member, _ *rand.Rand) {
	if m.Name[0] == 'm' && !slices.Contains(s.refs, ref) {
		s.refs = append(s.refs, ref)
	}
}

func (s *bystander) Pick(dst []wire.Ref, n int, _ wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	for ; n > 0 && len(s.refs) > 0; n-- {
		if ref := s.refs[rng.IntN(len(s.refs))]; ref != except {
			return append(dst, ref)
		}
	}
	return dst
}

// tables is a cluster of which some members run, with whatever rows they are given.
type tables struct {
	*sim.Sim
	bytes, claims, questions int
}

func newTables(running, comparing int, streams bool, seed uint64) *tables {
	t := &tables{}
	p := core.LAN()
	p.GossipInterval, p.HealInterval = 0, 0
	t.Sim = newCluster(p, running, seed, func(s *sim.Sim) {
		s.Net.Streams = streams
		s.Configure = func(_ *sim.Node, c *core.Config) {
			if c.Selector = new(bystander); len(s.Nodes()) > comparing {
				c.SyncInterval = 0
			}
		}
	})
	t.OnPacket = func(_ *sim.Node, p *core.Packet) {
		t.bytes += codec.Msgpack{}.Size(p.Msg)
		for i := range p.Msg.Updates {
			t.claims += codec.Msgpack{}.UpdateSize(&p.Msg.Updates[i])
		}
		if p.Msg.Kind == wire.Compare || p.Msg.Kind == wire.Sync {
			t.questions++
		}
	}
	return t
}

// invented is a row of nobody's.
func invented(i int, incarnation uint32) wire.Update {
	return wire.Update{Member: wire.Member{
		Name: fmt.Sprintf("node-%05d", i), Addr: fmt.Sprintf("10.%d.%d.%d:7946", 1+i>>16, i>>8&255, i&255),
		Epoch: 1_700_000_000_000_000_000 + uint64(i), Incarnation: incarnation, State: wire.Alive,
	}}
}

// tell puts rows into a table.
func (t *tables) tell(n *sim.Node, rows []wire.Update) {
	t.Inject(n, core.Path{Addr: "teller"}, &wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "teller"}, Updates: rows})
}

// differ gives two members tables of n rows that differ in d of them.
func (t *tables) differ(x, y *sim.Node, n, d int) {
	var rows [2][]wire.Update
	for i := range n - 2 {
		here, there := true, true
		incarnation := [2]uint32{}
		if i < d {
			switch i % 4 {
			case 0, 1:
				incarnation[i%4] = 1
			default:
				here, there = i%4 == 2, i%4 == 3
			}
		}
		if here {
			rows[0] = append(rows[0], invented(i, incarnation[0]))
		}
		if there {
			rows[1] = append(rows[1], invented(i, incarnation[1]))
		}
	}
	t.tell(x, rows[0])
	t.tell(y, rows[1])
}

func equalTables(x, y *sim.Node) bool {
	if x.M.Len() != y.M.Len() {
		return false
	}
	for m := range x.M.Members() {
		if other, ok := y.M.Member(m.Name); !ok || other != m {
			return false
		}
	}
	return true
}

func compareOnce(b *bench, n, d int, streams bool) {
	t := newTables(2, 1, streams, b.seed(18, n, d))
	x, y := t.Nodes()[0], t.Nodes()[1]
	t.differ(x, y, n, d)
	t.bytes, t.claims, t.questions = 0, 0, 0
	asked := func() bool { return x.M.Stats().Comparisons > 0 }
	if !t.RunUntil(time.Hour, asked) {
		b.Note("n=%d, d=%d: nobody compared", n, d)
		return
	}
	began := t.Now()
	agreed := t.RunUntil(began+time.Minute, func() bool { return t.questions > 1 && equalTables(x, y) })
	took := t.Now() - began
	t.Run(t.Now() + 5*time.Second) // the last answer
	whole := 0
	for m := range x.M.Members() {
		whole += 2 * codec.Msgpack{}.UpdateSize(&wire.Update{Member: m})
	}
	setting := fmt.Sprintf("n=%d, d=%d, streams", n, d)
	if !streams {
		setting = fmt.Sprintf("n=%d, d=%d, packets", n, d)
	}
	add := func(metric string, value float64, unit, reference, source string) {
		b.Add(row("E18", setting, metric, value, unit, reference, source))
	}
	add("bytes", float64(t.bytes), "B", fmt.Sprint(whole), "full sync")
	elements, reference := 1.5*float64(d), ""
	if d > 0 {
		floor := elements * (64 - math.Log2(elements)) / 8
		reference = fmt.Sprintf("%.0f; %.0f-%.0f", floor, 1.35*elements*symbolBytes, 1.72*elements*symbolBytes)
	}
	add("of these, to find what differs", float64(t.bytes-t.claims), "B", reference, "floor; rateless table")
	add("round trips", float64(t.questions), "", "1", "full sync over a stream")
	if d > 0 {
		add("until the tables are equal", float64(took)/1e6, "ms", "", "")
		add("equal in the end", percent(btoi(agreed), 1), "%", "100", "aim")
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// comparers is how many members of a large cluster run. What one of them sends does
// not depend on how many others there are.
const comparers = 32

func steadyComparisons(b *bench, n int) {
	t := newTables(comparers, comparers, true, b.seed(18, n))
	rows := make([]wire.Update, 0, n)
	for i := range n - comparers {
		rows = append(rows, invented(i, 0))
	}
	for _, node := range t.Nodes() {
		t.tell(node, rows)
	}
	t.Run(firstSyncs)
	t.bytes, t.questions = 0, 0
	window := 10 * syncInterval(n)
	t.Run(t.Now() + window)
	setting := fmt.Sprintf("n=%d", n)
	perMember := window.Seconds() * comparers
	b.Add(row("E18", setting, "bytes per member, comparisons", float64(t.bytes)/perMember, "B/s", "", ""))
	b.Add(row("E18", setting, "comparisons per member and sync interval", float64(t.questions)/10/comparers, "", "1", "aim"))
	ping := wire.Message{Kind: wire.Ping, Sender: wire.Sender{Name: "m"}}
	plain := codec.Msgpack{}.Size(&ping)
	ping.Digest = math.MaxUint64
	b.Add(row("E18", setting, "bytes per member, digests", 2*float64(codec.Msgpack{}.Size(&ping)-plain), "B/s", "", ""))
	full := 2 * n * codec.Msgpack{}.UpdateSize(&rows[0])
	b.Add(row("E18", setting, "bytes per member, if tables were exchanged whole", float64(full)/syncInterval(n).Seconds(), "B/s", "", ""))
}
