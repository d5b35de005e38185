package sim

import (
	"fmt"
	"hash/fnv"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// cluster starts n nodes, n0 to n<n-1>, of which all others join through n0.
func cluster(s *Sim, n int) {
	for i := range n {
		s.Start(fmt.Sprint("n", i))
	}
	for i := 1; i < n; i++ {
		s.Join(s.nodes[i], "n0")
	}
}

// record returns a hash of everything that s does from now on.
func record(s *Sim) func() uint64 {
	h := fnv.New64a()
	s.OnEvent = func(n *Node, e *core.Event) { fmt.Fprintln(h, s.now, n.Name, *e) }
	s.OnPacket = func(n *Node, p *core.Packet) { fmt.Fprintln(h, s.now, n.Name, p.To, p.Stream, p.Reply, *p.Msg) }
	return h.Sum64
}

// eventful is a run in which chance decides a lot.
func eventful(seed uint64, inBytes bool) uint64 {
	s := New(seed)
	s.Bytes = inBytes
	s.Net.Loss, s.Net.Duplicate = 0.1, 0.1
	sum := record(s)
	cluster(s, 10)
	s.Run(10 * time.Second)
	s.Crash(s.nodes[3])
	s.Leave(s.nodes[4])
	s.SetMeta(s.nodes[5], "v2")
	s.Net.Partition([]string{"n6", "n7"})
	s.Run(30 * time.Second)
	s.Net.Heal()
	s.Start("n3")
	s.Run(time.Minute)
	return sum()
}

func TestARunIsDeterminedByItsSeed(t *testing.T) {
	first := eventful(1, false)
	// Any machine runs it alike, one of 32 bits too. Whoever changes what the Machine
	// does changes this, on purpose.
	if elsewhere := uint64(0xa5a88052e447239e); first != elsewhere {
		t.Errorf("seed 1 gave %x, elsewhere %x", first, elsewhere)
	}
	if again := eventful(1, false); again != first {
		t.Errorf("seed 1 gave %x, then %x", first, again)
	}
	if other := eventful(2, false); other == first {
		t.Error("seeds 1 and 2 gave the same run")
	}
}

// TestBytesChangeNothing: what happens does not depend on whether messages are
// encoded on their way, nor on what becomes of the bytes when they were used.
func TestBytesChangeNothing(t *testing.T) {
	if plain, inBytes := eventful(3, false), eventful(3, true); plain != inBytes {
		t.Errorf("%x as values, %x as bytes", plain, inBytes)
	}
}

// TestOutputsAreUsedOnce: a tick that comes when the deadline has moved on is no
// input, so what the last one brought about must not happen again. On a perfect
// network each ping is acked once.
func TestOutputsAreUsedOnce(t *testing.T) {
	s := New(1)
	cluster(s, 5)
	s.Run(time.Minute)
	var pings, acks uint64
	for _, n := range s.nodes {
		pings += n.Sent.ByKind[wire.Ping]
		acks += n.Sent.ByKind[wire.Ack]
	}
	if pings < 5*55 || acks > pings || acks < pings-5 {
		t.Errorf("%d pings and %d acks in a minute of five nodes", pings, acks)
	}
}

func TestTime(t *testing.T) {
	s := New(1)
	var got []string
	note := func(what string) func() { return func() { got = append(got, fmt.Sprint(what, "@", s.Now())) } }
	s.At(2*time.Second, note("late"))
	s.At(time.Second, func() {
		note("first")()
		s.At(0, note("past")) // is now
		s.At(time.Second, note("third"))
	})
	s.At(time.Second, note("second"))
	s.Run(time.Second)
	want := "[first@1s second@1s past@1s third@1s]"
	if fmt.Sprint(got) != want || s.Now() != time.Second {
		t.Fatalf("at %v: %v, want %v", s.Now(), got, want)
	}
	if s.RunUntil(1500*time.Millisecond, func() bool { return len(got) > 4 }) || s.Now() != 1500*time.Millisecond {
		t.Fatalf("at %v something that is due later has happened", s.Now())
	}
	if !s.RunUntil(time.Minute, func() bool { return len(got) > 4 }) || s.Now() != 2*time.Second {
		t.Fatalf("%v at %v", got, s.Now())
	}
}

func TestCrashAndRestart(t *testing.T) {
	s := New(1)
	cluster(s, 3)
	s.Run(5 * time.Second)
	n := s.Node("n1")
	sent, epoch := n.Sent, n.M.Local().Epoch
	s.Crash(n)
	s.Run(20 * time.Second)
	if n.Sent != sent || n.Up() {
		t.Errorf("a crashed node sent: %+v after %+v", n.Sent, sent)
	}
	if m, _ := s.Node("n0").M.Member("n1"); m.State != wire.Failed {
		t.Errorf("n0 believes %v, want failed", m)
	}
	s.Start("n1")
	if n.M.Len() != 1 || n.M.Local().Epoch <= epoch || n.Life() != 2 {
		t.Errorf("restarted as %+v in life %d, knowing %d", n.M.Local(), n.Life(), n.M.Len())
	}
	s.Join(n, "n2")
	s.Run(s.Now() + 5*time.Second)
	if problem := Disagreement(s); problem != "" {
		t.Error(problem)
	}
	defer func() {
		if recover() == nil {
			t.Error("a node that runs was started")
		}
	}()
	s.Start("n1")
}

// TestManyJoinAtOnce: a member passes each joiner on to random others, most of whom
// joined meanwhile and know it already, so joiners announce themselves, too. All
// have to know all soon, not when the next periodic sync happens to tell them.
func TestManyJoinAtOnce(t *testing.T) {
	const seeds, n = 10, 64
	missing := map[time.Duration]int{}
	for seed := range uint64(seeds) {
		s := New(seed)
		cluster(s, n)
		for _, at := range []time.Duration{3 * time.Second, 10 * time.Second} {
			s.Run(at)
			for _, x := range s.nodes {
				missing[at] += n - x.M.Len()
			}
		}
	}
	// Of 40,960 beliefs. Where joiners say nothing, 250 are missing after 3 s.
	if soon, later := missing[3*time.Second], missing[10*time.Second]; soon > 120 || later > 0 {
		t.Errorf("%d beliefs are missing after 3 s, and %d after 10 s", soon, later)
	}
}
