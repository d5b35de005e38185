package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// spread is how long it takes until all have heard of a change, and of a crash.
type spread struct{ update, failure time.Duration }

// membershipUnder runs 64 nodes with so many broadcasts a second, and tells how long
// changes of members took meanwhile.
func membershipUnder(t *testing.T, perSecond int) (s spread, total core.BroadcastStats) {
	sim := New(7)
	cluster(sim, 64)
	sim.Run(15 * time.Second)
	a := listen(t, sim)
	start := sim.Now()
	if perSecond > 0 {
		chatter(a, perSecond, start, start+6*time.Second, 200)
	}
	sim.Run(start + time.Second)
	sim.SetMeta(sim.nodes[9], "v2")
	all := func(f func(n *Node) bool) func() bool {
		return func() bool {
			for _, n := range sim.nodes {
				if n.up && !f(n) {
					return false
				}
			}
			return true
		}
	}
	at := sim.Now()
	if !sim.RunUntil(at+10*time.Second, all(func(n *Node) bool { m, _ := n.M.Member("n9"); return m.Meta == "v2" })) {
		t.Fatal("not all hear of the change")
	}
	s.update = sim.Now() - at
	sim.Crash(sim.nodes[20])
	at = sim.Now()
	if !sim.RunUntil(at+20*time.Second, all(func(n *Node) bool { m, _ := n.M.Member("n20"); return m.State == wire.Failed })) {
		t.Fatal("not all hear of the crash")
	}
	s.failure = sim.Now() - at
	sim.Run(max(sim.Now(), start+6*time.Second) + 6*time.Second)
	total = broadcastTotals(sim)
	if perSecond > 0 {
		if missing := a.missing(); missing != 0 {
			t.Errorf("%d broadcasts of %d are missing; %+v", missing, total.Sent, total)
		}
		t.Logf("%d a second: %d delivered, worst %v, mean %v; each passed on %.1f times; %+v", perSecond, a.n, a.late, a.sum/time.Duration(a.n),
			float64(total.Passed)/float64(a.n), total)
	}
	return s, total
}

// A thousand broadcasts a second in a cluster of 64: each comes to each node once, the
// queues stay short, and changes of members are known as soon as without.
func TestAThousandBroadcastsASecondDelayNoClaims(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	quiet, _ := membershipUnder(t, 0)
	busy, total := membershipUnder(t, 1000)
	t.Logf("a change of metadata took %v, without broadcasts %v; a crash %v, without %v", busy.update, quiet.update, busy.failure, quiet.failure)
	if busy.update > quiet.update+400*time.Millisecond || busy.failure > quiet.failure+2*time.Second {
		t.Errorf("with broadcasts %+v, without %+v", busy, quiet)
	}
	if total.Shed != 0 || total.Missed > 0 || total.KeptBytes > 8<<20 {
		t.Errorf("%+v", total)
	}
}

// The other way round: all members change all the time, and broadcasts still arrive.
func TestAStormOfClaimsDelaysNoBroadcasts(t *testing.T) {
	s := New(3)
	cluster(s, 32)
	s.Run(15 * time.Second)
	a := listen(t, s)
	start := s.Now()
	for at := start; at < start+4*time.Second; at += 20 * time.Millisecond {
		s.At(at, func() {
			for range 8 {
				s.SetMeta(s.nodes[s.rng.IntN(32)], fmt.Sprintf("%0400d", at))
			}
		})
	}
	chatter(a, 100, start+time.Second, start+4*time.Second, 200)
	s.Run(start + 4*time.Second)
	s.Run(start + 8*time.Second)
	if missing := a.missing(); missing != 0 || a.late > time.Second {
		t.Errorf("%d missing, the last after %v", missing, a.late)
	}
	t.Logf("worst %v, mean %v", a.late, a.sum/time.Duration(a.n))
}

// Payloads larger than a packet come over streams that break.
func TestLargeBroadcastsReachAll(t *testing.T) {
	s := New(5)
	s.Net.StreamTime = StreamTime
	cluster(s, 32)
	s.Run(15 * time.Second)
	a := listen(t, s)
	s.Net.Loss, s.Net.StreamLoss = 0.05, 0.1
	for i := range 20 {
		a.say(s.nodes[i%4], "files", 100_000)
		a.say(s.nodes[i%4], "chat", 100)
		s.Run(s.Now() + 250*time.Millisecond)
	}
	s.Run(s.Now() + 8*time.Second)
	total := broadcastTotals(s)
	if missing := a.missing(); missing != 0 || total.Fetched != 20*31 {
		t.Errorf("%d are missing; %+v", missing, total)
	}
	t.Logf("worst %v, mean %v; %+v", a.late, a.sum/time.Duration(a.n), total)
}

// What is said while the network is cut reaches the other side when it is whole again.
func TestBroadcastsCrossAHealedPartition(t *testing.T) {
	s := New(11)
	cluster(s, 16)
	s.Run(15 * time.Second)
	a := listen(t, s)
	var half []string
	for _, n := range s.nodes[:8] {
		half = append(half, n.Name)
	}
	s.Net.Partition(half)
	chatter(a, 50, s.Now(), s.Now()+2*time.Second, 100)
	s.Run(s.Now() + 2*time.Second)
	if a.missing() == 0 {
		t.Fatal("the cut does nothing")
	}
	s.Net.Heal()
	if !s.RunUntil(s.Now()+5*time.Second, func() bool { return a.missing() == 0 }) {
		t.Errorf("%d are missing; %+v", a.missing(), broadcastTotals(s))
	}
}

// A process that was restarted counts from 1 again, and what it says is news.
func TestBroadcastsOfARestartedOrigin(t *testing.T) {
	s := New(13)
	cluster(s, 16)
	s.Run(15 * time.Second)
	a := listen(t, s)
	for range 30 {
		a.say(s.nodes[4], "chat", 100)
	}
	s.Run(s.Now() + 2*time.Second)
	if missing := a.missing(); missing != 0 {
		t.Fatalf("%d are missing", missing)
	}
	s.Crash(s.nodes[4])
	s.Start("n4")
	s.Join(s.nodes[4], "n0")
	delete(a.sent, "n4")
	for _, heard := range a.got {
		delete(heard, "n4")
	}
	s.Run(s.Now() + time.Second)
	for range 10 {
		a.say(s.nodes[4], "chat", 100)
		s.Run(s.Now() + 10*time.Millisecond)
	}
	s.Run(s.Now() + 5*time.Second)
	if missing := a.missing(); missing != 0 {
		t.Errorf("%d are missing; %+v", missing, broadcastTotals(s))
	}
}

// Letters arrive once each, or are given up: over streams and without.
func TestReliableSends(t *testing.T) {
	for _, streams := range []bool{true, false} {
		s := New(17)
		s.Net.Streams, s.Net.StreamTime = streams, StreamTime
		cluster(s, 8)
		s.Run(15 * time.Second)
		s.Net.Loss, s.Net.Duplicate, s.Net.StreamLoss = 0.3, 0.2, 0.1
		got, acked := map[string]int{}, map[uint32]bool{}
		var lost int
		s.OnEvent = func(n *Node, e *core.Event) {
			switch e.Kind {
			case core.Delivered:
				got[n.Name+" "+string(e.Payload)]++
			case core.Acknowledged:
				acked[e.Seq] = true
			case core.Undelivered:
				lost++
			}
		}
		var seqs []uint32
		for i := range 100 {
			to := s.nodes[1+i%7].Name
			seqs = append(seqs, s.SendReliable(s.nodes[0], to, fmt.Append(nil, i)))
			s.Run(s.Now() + 10*time.Millisecond)
		}
		s.Run(s.Now() + 35*time.Second)
		for i, seq := range seqs {
			if n := got[fmt.Sprint(s.nodes[1+i%7].Name, " ", i)]; n != 1 || !acked[seq] {
				t.Errorf("streams %v: number %d was delivered %d times, acknowledged %v", streams, i, n, acked[seq])
			}
		}
		s.Crash(s.nodes[1])
		if s.SendReliable(s.nodes[0], "n1", []byte("late")) == 0 {
			t.Fatal("a member that died just now is held for gone")
		}
		s.Run(s.Now() + 40*time.Second)
		if lost != 1 {
			t.Errorf("streams %v: %d given up, want one", streams, lost)
		}
	}
}

// Where more members speak than a comparison has room for, they have their turns.
func TestBroadcastsOfManyOrigins(t *testing.T) {
	s := New(19)
	cluster(s, 200)
	s.Run(20 * time.Second)
	a := listen(t, s)
	s.Net.Loss = 0.1
	for i := range 600 {
		a.say(s.nodes[i%200], "chat", 50)
		s.Run(s.Now() + 5*time.Millisecond)
	}
	s.Run(s.Now() + 6*time.Second)
	if total := broadcastTotals(s); a.missing() != 0 || total.Missed != 0 {
		t.Errorf("%d are missing; %+v", a.missing(), total)
	}
	t.Logf("worst %v, mean %v", a.late, a.sum/time.Duration(a.n))
}
