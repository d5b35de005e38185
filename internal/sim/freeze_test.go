package sim

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// TestFreezesBuryNobodyElse stops up to a quarter of a cluster, each member at a
// time of its own for 1 to 60 s, once or over and over, on networks of different
// quality, with timers before or after the waiting packets or those lost, and with
// the stall noticed or not (S2). A member that stands still may be declared failed, which it
// refutes when it goes on. One that never stood still may not, by anybody.
func TestFreezesBuryNobodyElse(t *testing.T) {
	var sum frozenRun
	seeds := eachSeed(48, func(seed uint64) {
		r := freezes(t, seed, core.LAN())
		if r.wrong != "" {
			t.Fatalf("%s\n%s", r.wrong, replay(t, seed))
		}
		if r.disagree != "" {
			t.Fatalf("long after the last freeze: %s\n%s", r.disagree, replay(t, seed))
		}
		sum.freezes += r.freezes
		sum.failures += r.failures
		sum.accusations += r.accusations
		sum.postponed += r.postponed
	})
	t.Logf("%d runs: %+v", seeds, sum)
	// Or the runs show nothing: those who stand still are noticed, and those who
	// go on do accuse others, and are kept from more.
	if *seedFlag < 0 && (uint64(sum.freezes) < 5*seeds || uint64(sum.failures) < 20*seeds || sum.accusations == 0 || sum.postponed == 0) {
		t.Errorf("the freezes do nothing: %+v in %d runs", sum, seeds)
	}
}

// By SWIM's rules the same freezes do bury others, so the test above can tell.
func TestFreezesBuryOthersInPlainSWIM(t *testing.T) {
	swim := core.Lifeguard()
	swim.SuspicionMaxMult, swim.Confirmations, swim.HealthMax, swim.Buddy = 1, 0, 0, false
	buried := 0
	for seed := range uint64(32) {
		if freezes(t, seed, swim).wrong != "" {
			buried++
		}
	}
	t.Logf("in %d runs of 32", buried)
	if buried < 5 {
		t.Errorf("in %d of 32 runs a member that never stood still is declared failed, want some", buried)
	}
}

// frozenRun is what happened in a run.
type frozenRun struct {
	freezes     int
	failures    int    // of who stood still
	accusations int    // of who never did
	postponed   uint64 // verdicts
	wrong       string // the first failure of who never stood still
	disagree    string // in the end
}

func freezes(t *testing.T, seed uint64, params core.Params) (r frozenRun) {
	s := New(seed)
	s.Params = params
	s.TimersFirst, s.Unnoticed = seed%2 == 1, seed%3 > 0
	if seed%5 < 2 {
		s.SocketBytes = 0
	}
	s.Net.Streams = seed%8 < 6
	s.Net.Loss = float64(seed/3%3) / 100
	latencies(s, seed)
	checker := Watch(s, func(problem string) { t.Fatalf("at %v: %s\n%s", s.Now(), problem, replay(t, seed)) })
	stalls := map[string]bool{}
	onEvent := s.OnEvent
	s.OnEvent = func(n *Node, e *core.Event) {
		onEvent(n, e)
		switch {
		case e.Kind != core.Changed:
		case stalls[e.After.Name]:
			if e.After.State == wire.Failed {
				r.failures++
			}
		case e.After.State == wire.Suspect:
			r.accusations++
		case e.After.State == wire.Failed && r.wrong == "":
			r.wrong = fmt.Sprintf("at %v %s (stalls: %v) holds %s, which never does, for failed, by %s",
				s.Now(), n.Name, stalls[n.Name], e.After.Name, e.By)
		}
	}
	size := 16 + s.Rand().IntN(17)
	gather(t, s, size)
	for _, i := range s.Rand().Perm(size)[:1+s.Rand().IntN(size/4)] {
		n := s.Nodes()[i]
		stalls[n.Name] = true
		// Some are stopped once in a while, others hardly get to run in between.
		awake := []time.Duration{30 * time.Second, 3 * time.Second, 300 * time.Millisecond, 10 * time.Millisecond}[s.Rand().IntN(4)]
		frozen := []time.Duration{time.Minute, 5 * time.Second}[s.Rand().IntN(2)]
		for at, end := s.Now(), s.Now()+2*time.Minute; at < end; {
			at += between(s, 0, awake)
			s.At(at, func() { s.Freeze(n) })
			at += between(s, time.Second, frozen)
			s.At(at, func() { s.Release(n) })
			r.freezes++
		}
	}
	s.Run(s.Now() + 3*time.Minute + 30*time.Second)
	s.RunUntil(s.Now()+3*time.Minute, every(s, time.Second, func() bool { return Disagreement(s) == "" }))
	r.disagree = Disagreement(s)
	checker.Tables(s)
	for _, n := range s.Nodes() {
		r.postponed += n.M.Stats().VerdictsPostponed
	}
	return r
}

// latencies makes the network of a seed a local one, or one with a tail.
func latencies(s *Sim, seed uint64) {
	if seed/4%2 == 0 {
		return
	}
	s.Net.Delay = func(rng *rand.Rand) time.Duration {
		if rng.IntN(100) == 0 {
			return time.Duration(rng.Int64N(int64(100 * time.Millisecond)))
		}
		return time.Duration(rng.Int64N(int64(5 * time.Millisecond)))
	}
}

func between(s *Sim, least, most time.Duration) time.Duration {
	return least + time.Duration(s.Rand().Int64N(int64(most-least)))
}

// gather starts n0 to n<size-1> and waits until they agree.
func gather(t *testing.T, s *Sim, size int) {
	t.Helper()
	s.Start("n0")
	for i := 1; i < size; i++ {
		s.Join(s.Start(fmt.Sprint("n", i)), "n0")
		s.Run(s.Now() + 50*time.Millisecond)
	}
	if !s.RunUntil(s.Now()+time.Minute, every(s, 100*time.Millisecond, func() bool { return Disagreement(s) == "" })) {
		t.Fatalf("they do not gather: %s", Disagreement(s))
	}
}
