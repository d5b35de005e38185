package sim

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// pair is two nodes that do nothing by themselves: what arrives was sent by the test.
func pair() (s *Sim, a, b *Node) {
	s = New(1)
	s.Params.ProbeInterval, s.Params.SyncInterval = 1000*time.Hour, 0
	return s, s.Start("a"), s.Start("b")
}

// post sends n packets from a node to another and returns how many arrived.
func post(s *Sim, from, to *Node, n int, stream bool) uint64 {
	before := to.Received.ByKind[wire.User]
	for range n {
		s.send(from, &core.Packet{To: to.Addr, Stream: stream, Msg: &wire.Message{
			Kind: wire.User, Sender: wire.Sender{Name: from.Name, Epoch: 1},
		}})
	}
	s.Run(s.Now() + time.Minute)
	return to.Received.ByKind[wire.User] - before
}

func TestLossAndDuplication(t *testing.T) {
	for _, test := range []struct {
		what        string
		spoil       func(n *Network)
		least, most uint64 // of 10,000, five standard deviations apart at least
	}{
		{"nothing", func(*Network) {}, 10000, 10000},
		{"loss", func(n *Network) { n.Loss = 0.2 }, 7800, 8200},
		{"loss at the receiver", func(n *Network) { n.LossIn = map[string]float64{"b": 0.5} }, 4750, 5250},
		{"loss at the sender", func(n *Network) { n.LossOut = map[string]float64{"a": 0.5} }, 4750, 5250},
		{"loss at the others", func(n *Network) {
			n.LossOut = map[string]float64{"b": 1}
			n.LossIn = map[string]float64{"a": 1}
		}, 10000, 10000},
		{"all three", func(n *Network) {
			n.Loss, n.LossIn, n.LossOut = 0.5, map[string]float64{"b": 0.5}, map[string]float64{"a": 0.5}
		}, 1080, 1420},
		{"duplication", func(n *Network) { n.Duplicate = 0.3 }, 12770, 13230},
	} {
		s, a, b := pair()
		test.spoil(&s.Net)
		if got := post(s, a, b, 10000, false); got < test.least || got > test.most {
			t.Errorf("%s: %d of 10000 arrived, want %d to %d", test.what, got, test.least, test.most)
		}
	}
}

func TestWhoReachesWhom(t *testing.T) {
	for _, test := range []struct {
		what                string
		cut                 func(n *Network)
		there, back, stream uint64
	}{
		{"nothing", func(*Network) {}, 1, 1, 1},
		{"a one-way block", func(n *Network) { n.Block("a", "b") }, 0, 1, 0},
		{"the other way", func(n *Network) { n.Block("b", "a") }, 1, 0, 0}, // a stream needs both
		{"mended", func(n *Network) { n.Block("a", "b"); n.Unblock("a", "b") }, 1, 1, 1},
		{"a partition", func(n *Network) { n.Partition([]string{"a"}, []string{"b"}) }, 0, 0, 0},
		{"one side named", func(n *Network) { n.Partition([]string{"a"}) }, 0, 0, 0},
		{"the same side", func(n *Network) { n.Partition([]string{"a", "b"}, []string{"c"}) }, 1, 1, 1},
		{"the unnamed side", func(n *Network) { n.Partition([]string{"c"}) }, 1, 1, 1},
		{"healed", func(n *Network) { n.Partition([]string{"a"}); n.Block("b", "a"); n.Heal() }, 1, 1, 1},
	} {
		s, a, b := pair()
		test.cut(&s.Net)
		there, back, stream := post(s, a, b, 1, false), post(s, b, a, 1, false), post(s, a, b, 1, true)
		if there != test.there || back != test.back || stream != test.stream {
			t.Errorf("%s: %d there, %d back, %d by stream", test.what, there, back, stream)
		}
	}
}

// TestDelays: a packet takes one delay, and a stream's question three, two of which
// open it; its answer takes one. Constant delays keep the order of sending.
func TestDelays(t *testing.T) {
	for _, streams := range []bool{true, false} {
		s, a, b := pair()
		s.Net.Delay = func(*rand.Rand) time.Duration { return 10 * time.Millisecond }
		s.Net.Streams = streams // without, a stream is a packet like another
		var at []time.Duration
		s.OnInput = func(n *Node, ticked bool) {
			if s.Now() > 0 && !ticked {
				at = append(at, s.Now())
			}
		}
		s.send(a, &core.Packet{To: b.Addr, Msg: &wire.Message{Kind: wire.User, Sender: wire.Sender{Name: "a", Epoch: 1}}})
		s.send(a, &core.Packet{To: b.Addr, Stream: true, Msg: &wire.Message{
			Kind: wire.Ping, Seq: 1, Target: "b", Sender: wire.Sender{Name: "a", Epoch: 1},
		}})
		s.Run(400 * time.Millisecond)
		want := []time.Duration{10e6, 30e6, 40e6}
		if !streams {
			want = []time.Duration{10e6, 10e6, 20e6}
		}
		if !slices.Equal(at, want) {
			t.Errorf("streams %v: arrived at %v, want %v", streams, at, want)
		}
	}
}

// TestStreamsDieWithTheirEnds: a packet under way reaches whoever has the address
// when it arrives, a stream nobody but whom it was opened to.
func TestStreamsDieWithTheirEnds(t *testing.T) {
	for _, stream := range []bool{false, true} {
		s, a, b := pair()
		s.send(a, &core.Packet{To: b.Addr, Stream: stream, Msg: &wire.Message{Kind: wire.User, Sender: wire.Sender{Name: "a", Epoch: 1}}})
		s.Crash(b)
		s.Start("b")
		s.Run(time.Second)
		if got := b.Received.ByKind[wire.User] == 1; got == stream {
			t.Errorf("stream %v, arrived in the next life: %v", stream, got)
		}
	}
}

// TestQueueIsATotalOrder compares the heap with what it has to be: sorted by time,
// and by the order of scheduling within a time.
func TestQueueIsATotalOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var q queue
	var last item
	n := 0
	for range 5000 {
		if len(q.items) == 0 || rng.IntN(5) > 0 && n < 2000 {
			q.push(last.at+time.Duration(rng.IntN(10)), call, 0)
			n++
			continue
		}
		it := q.pop()
		if it.at < last.at || it.at == last.at && it.seq < last.seq && it.at != 0 {
			t.Fatalf("(%v, %d) after (%v, %d)", it.at, it.seq, last.at, last.seq)
		}
		last = it
	}
	if n < 2000 {
		t.Fatalf("%d items only", n)
	}
}
