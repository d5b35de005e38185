package sim

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// numbers sends user messages numbered from first to last, and arrivals tells those
// that arrived at a node since it was called, in order.
func numbers(s *Sim, from, to *Node, first, last uint32) {
	for seq := first; seq <= last; seq++ {
		s.send(from, &core.Packet{To: to.Addr, Msg: &wire.Message{
			Kind: wire.User, Seq: seq, Payload: []byte{byte(seq)}, Sender: wire.Sender{Name: from.Name, Epoch: 1},
			Target: to.Name, Digest: to.M.Local().Epoch,
		}})
	}
}

func arrivals(s *Sim, at *Node, known ...*Node) *[]uint32 {
	for _, n := range known { // or they refuse each other's payloads
		s.Introduce([]*Node{at, n})
	}
	var seqs []uint32
	s.OnEvent = func(n *Node, e *core.Event) {
		if n == at && e.Kind == core.Delivered {
			seqs = append(seqs, uint32(e.Payload[0]))
		}
	}
	return &seqs
}

// What is clogged waits, and then arrives in order, though delays differ.
func TestClogKeepsOrderAndLosesNothing(t *testing.T) {
	for _, path := range []link{{"a", "b"}, {"a", ""}, {"", "b"}, {"", ""}} {
		s, a, b := pair()
		s.Net.Delay = func(rng *rand.Rand) time.Duration { return time.Duration(rng.Int64N(int64(time.Second))) }
		got := arrivals(s, b, a)
		s.Clog(path.from, path.to)
		s.Clog(path.from, path.to) // is the same
		numbers(s, a, b, 1, 50)
		s.Run(time.Minute)
		if len(*got) > 0 {
			t.Fatalf("%v: %v came through", path, *got)
		}
		s.Unclog(path.from, path.to)
		s.Run(2 * time.Minute)
		if len(*got) != 50 || !slices.IsSorted(*got) {
			t.Errorf("%v: %v arrived", path, *got)
		}
		numbers(s, a, b, 51, 52)
		s.Run(3 * time.Minute)
		if len(*got) != 52 {
			t.Errorf("%v: after it, %d arrived", path, len(*got))
		}
	}
}

// A clog holds back its own path alone.
func TestClogLeavesOthersAlone(t *testing.T) {
	for _, path := range []link{{"b", "a"}, {"b", ""}, {"", "a"}, {"c", "b"}, {"a", "c"}} {
		s, a, b := pair()
		s.Start("c")
		s.Clog(path.from, path.to)
		if got := post(s, a, b, 3, false); got != 3 {
			t.Errorf("%v: %d of 3 came from a to b", path, got)
		}
	}
}

// What two clogs hold back waits for both, in order.
func TestClogsOverlap(t *testing.T) {
	for _, first := range []link{{"a", ""}, {"", "b"}} {
		s, a, b := pair()
		got := arrivals(s, b, a)
		s.Clog("a", "")
		s.Clog("", "b")
		numbers(s, a, b, 1, 5)
		s.Unclog(first.from, first.to)
		numbers(s, a, b, 6, 9)
		s.Run(time.Second)
		if len(*got) > 0 {
			t.Errorf("%v ended: %v came through", first, *got)
		}
		s.UnclogAll()
		s.Run(2 * time.Second)
		if len(*got) != 9 || !slices.IsSorted(*got) {
			t.Errorf("%v ended first: %v arrived", first, *got)
		}
	}
}

// The buffer on the way is bounded, and what it sheds is counted.
func TestClogOverflows(t *testing.T) {
	s, a, b := pair()
	s.Clog("a", "b")
	if got := post(s, a, b, maxClogged+7, false); got != 0 || s.ClogsShed != 7 {
		t.Errorf("%d arrived, %d shed", got, s.ClogsShed)
	}
	s.UnclogAll()
	s.Run(s.Now() + time.Second)
	if got := b.Received.ByKind[wire.User]; got != maxClogged {
		t.Errorf("%d arrived after it, want %d", got, maxClogged)
	}
}

// A cluster lives through a clog at one of its members, which is held for failed
// meanwhile or not, and agrees when all that waited has come late.
func TestClusterOutlivesClog(t *testing.T) {
	for _, path := range []link{{"n2", ""}, {"", "n2"}, {"n2", "n3"}} {
		s := New(1)
		together(s, 8)
		s.Run(5 * time.Second)
		s.Clog(path.from, path.to)
		s.Run(25 * time.Second)
		failed := believed(s.Node("n0"), "n2") == wire.Failed
		if whole := path.to == "" || path.from == ""; failed != whole && path.from != "" {
			t.Errorf("%v: n2 failed: %v", path, failed)
		}
		s.UnclogAll()
		if !s.RunUntil(s.Now()+time.Minute, every(s, time.Second, func() bool { return Disagreement(s) == "" })) {
			t.Errorf("%v: %s", path, Disagreement(s))
		}
	}
}
