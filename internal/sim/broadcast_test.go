package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// audience checks that broadcasts come to each node once, and in the order in which
// each origin sent them.
type audience struct {
	t    *testing.T
	s    *Sim
	sent map[string]int            // by origin
	got  map[string]map[string]int // by listener and origin: how many, which is the last
	at   map[string]time.Duration  // by text: when it was sent
	late time.Duration             // the longest that one took
	sum  time.Duration
	n    int

	ignored string // a text that is no number
}

func listen(t *testing.T, s *Sim) *audience {
	a := &audience{t: t, s: s, sent: map[string]int{}, got: map[string]map[string]int{}, at: map[string]time.Duration{}}
	s.OnEvent = a.hear
	return a
}

// say lets a node broadcast its next number, filled up to so many bytes.
func (a *audience) say(n *Node, channel string, bytes int) {
	a.t.Helper()
	a.sent[n.Name]++
	text := fmt.Sprintf("%s %d ", n.Name, a.sent[n.Name])
	a.at[text] = a.s.Now()
	payload := make([]byte, max(bytes, len(text)))
	copy(payload, text)
	if became := a.s.Broadcast(n, channel, "", payload); became != core.BroadcastQueued {
		a.t.Fatalf("%v: %s cannot broadcast: %d", a.s.Now(), n.Name, became)
	}
}

func (a *audience) hear(n *Node, e *core.Event) {
	if e.Kind != core.BroadcastDelivered || a.ignored != "" && string(e.Payload) == a.ignored {
		return
	}
	var origin string
	var number int
	fmt.Sscanf(string(e.Payload), "%s %d ", &origin, &number)
	heard := a.got[n.Name]
	if heard == nil {
		heard = map[string]int{}
		a.got[n.Name] = heard
	}
	if origin != e.By || number != heard[origin]+1 {
		a.t.Errorf("%v: %s hears number %d of %s by %s, and had %d", a.s.Now(), n.Name, number, origin, e.By, heard[origin])
	}
	heard[origin] = number
	took := a.s.Now() - a.at[fmt.Sprintf("%s %d ", origin, number)]
	a.late = max(a.late, took)
	a.sum += took
	a.n++
}

// missing counts what has not come to a node that runs.
func (a *audience) missing() (n int) {
	for _, listener := range a.s.nodes {
		for origin, sent := range a.sent {
			if listener.up && origin != listener.Name {
				n += sent - a.got[listener.Name][origin]
			}
		}
	}
	return n
}

func broadcastTotals(s *Sim) (t core.BroadcastStats) {
	for _, n := range s.nodes {
		b := n.M.BroadcastStats()
		t.Sent += b.Sent
		t.Received += b.Received
		t.Duplicates += b.Duplicates
		t.Delivered += b.Delivered
		t.Missed += b.Missed
		t.Passed += b.Passed
		t.Shed += b.Shed
		t.Compared += b.Compared
		t.Repaired += b.Repaired
		t.Fetched += b.Fetched
		t.FetchesFailed += b.FetchesFailed
		t.Refused += b.Refused
		t.Replaced += b.Replaced
		t.Waiting += b.Waiting
		t.Held += b.Held
		t.KeptBytes = max(t.KeptBytes, b.KeptBytes)
	}
	return t
}

// chatter lets random nodes broadcast at a rate.
func chatter(a *audience, perSecond int, from, until time.Duration, bytes int) {
	gap := time.Second / time.Duration(perSecond)
	for at := from; at < until; at += gap {
		a.s.At(at, func() {
			n := a.s.nodes[a.s.rng.IntN(len(a.s.nodes))]
			if n.up && !n.leaving {
				a.say(n, "chat", bytes)
			}
		})
	}
}

// 64 nodes, 200 broadcasts a second for ten seconds on a network that loses a tenth
// and repeats a tenth: each node gets each once, in order.
func TestBroadcastsReachAllOnce(t *testing.T) {
	for seed := range uint64(2) {
		s := New(seed)
		cluster(s, 64)
		s.Run(15 * time.Second)
		a := listen(t, s)
		s.Net.Loss, s.Net.Duplicate = 0.1, 0.1
		var most core.BroadcastStats
		sent := s.nodes[5].Sent
		chatter(a, 200, s.Now(), s.Now()+10*time.Second, 200)
		for range 100 {
			s.Run(s.Now() + 100*time.Millisecond)
			if b := broadcastTotals(s); b.Waiting > most.Waiting {
				most = b
			}
		}
		during := s.nodes[5].Sent
		if !s.RunUntil(s.Now()+6*time.Second, func() bool { return a.missing() == 0 }) {
			t.Errorf("seed %d: %d are missing", seed, a.missing())
		}
		total := broadcastTotals(s)
		t.Logf("seed %d: worst %v, mean %v, most waiting per node %d; a node sends %d packets/s, %d KB/s; %+v", seed, a.late, a.sum/time.Duration(a.n),
			most.Waiting/64, (during.Packets-sent.Packets)/10, (during.PacketBytes-sent.PacketBytes)/10000, total)
		if a.n != 2000*63 || total.Missed != 0 || total.Shed != 0 {
			t.Errorf("seed %d: %d delivered, want %d; %+v", seed, a.n, 2000*63, total)
		}
		s.Run(s.Now() + 30*time.Second)
		if total = broadcastTotals(s); total.KeptBytes != 0 || total.Waiting != 0 || total.Held != 0 {
			t.Errorf("seed %d: kept when all is over: %+v", seed, total)
		}
		if s.nodes[0].M.Len() != 64 {
			t.Errorf("%d members", s.nodes[0].M.Len())
		}
	}
}
