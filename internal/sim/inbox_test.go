package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// Each message keeps its receiver busy, and the next waits in order.
func TestReceivingTakesTime(t *testing.T) {
	s, a, b := pair()
	got := arrivals(s, b, a)
	s.ReceiveTime = 10 * time.Millisecond
	var at []time.Duration
	s.OnInput = func(n *Node, ticked bool) {
		if n == b && !ticked {
			at = append(at, s.Now())
		}
	}
	numbers(s, a, b, 1, 4)
	s.Run(time.Second)
	numbers(s, a, b, 5, 5) // by now it is free
	s.Run(2 * time.Second)
	const ms = time.Millisecond
	first := 500 * time.Microsecond
	want := []time.Duration{first, first + 10*ms, first + 20*ms, first + 30*ms, time.Second + first}
	if !slices.Equal(at, want) || !slices.Equal(*got, []uint32{1, 2, 3, 4, 5}) {
		t.Errorf("%v received at %v, want %v", *got, at, want)
	}
}

// A member that is released from a stall takes what waits one by one, and what
// arrives meanwhile waits behind. If it is stalled again before it is through, the
// rest waits until the next release.
func TestBacklogOutlivesShortRelease(t *testing.T) {
	for _, stop := range []func(s *Sim, n *Node){(*Sim).Freeze, (*Sim).Block} {
		s, a, b := pair()
		got := arrivals(s, b, a)
		s.ReceiveTime = 10 * time.Millisecond
		stop(s, b)
		numbers(s, a, b, 1, 10)
		s.Run(time.Second)
		s.Release(b)
		numbers(s, a, b, 11, 12)
		s.Run(s.Now() + 35*time.Millisecond)
		if want := []uint32{1, 2, 3, 4}; !slices.Equal(*got, want) {
			t.Errorf("after 35 ms it has received %v, want %v", *got, want)
		}
		stop(s, b)
		s.Release(b)
		stop(s, b)
		s.Release(b)
		drains := 0
		for _, it := range s.due.items {
			if it.kind == drain {
				drains++
			}
		}
		if drains != 1 {
			t.Errorf("%d drains are scheduled", drains)
		}
		stop(s, b)
		s.Run(s.Now() + time.Second)
		s.Release(b)
		s.Run(s.Now() + time.Second)
		if len(*got) != 12 || !slices.IsSorted(*got) || !b.inbox.empty() || b.inbox.bytes != 0 {
			t.Errorf("in the end it has received %v, and %d bytes wait", *got, b.inbox.bytes)
		}
	}
}

// Timers wait for what had arrived when they came due, as in the Driver, but for
// TimersFirst; and no longer, though the cluster here sends faster than it receives.
func TestTimersWaitForInbox(t *testing.T) {
	for _, timersFirst := range []bool{false, true} {
		s := New(1)
		s.TimersFirst = timersFirst
		together(s, 5)
		s.Run(time.Second)
		n := s.Node("n2")
		s.Freeze(n)
		s.Run(s.Now() + 10*time.Second)
		s.ReceiveTime = 100 * time.Millisecond
		waiting, received, ticks, before := len(n.inbox.loads), 0, 0, 0
		s.OnInput = func(x *Node, ticked bool) {
			switch {
			case x != n:
			case !ticked:
				received++
			case ticks == 0:
				before = received
				fallthrough
			default:
				ticks++
			}
		}
		s.Release(n)
		s.Run(s.Now() + 30*time.Second)
		want := waiting
		if timersFirst {
			want = 0
		}
		if waiting < 10 || before != want || ticks < 3 || n.inbox.empty() {
			t.Errorf("timers first %v: %d messages waited, the first tick of %d came after %d", timersFirst, waiting, ticks, before)
		}
	}
}

// A process that crashes with messages waiting takes none of them into its next life.
func TestCrashWithBacklog(t *testing.T) {
	s, a, b := pair()
	s.ReceiveTime = 10 * time.Millisecond
	numbers(s, a, b, 1, 10)
	s.Run(15 * time.Millisecond)
	s.Crash(b)
	received := b.Received.ByKind[wire.User]
	s.Run(20 * time.Millisecond)
	s.Start("b")
	s.Run(time.Second)
	if got := b.Received.ByKind[wire.User]; got != received || received == 0 || received == 10 {
		t.Errorf("%d of 10 received before the crash, %d in all", received, got)
	}
	if n := len(s.spare); n != len(s.loads) {
		t.Errorf("%d of %d loads are spare when nothing is under way", n, len(s.loads))
	}
}

// Timers that waited for an inbox go on where the process is blocked before it is
// through: a suspicion ends meanwhile.
func TestTimersGoOnWhereBlocked(t *testing.T) {
	s := New(1)
	s.Params = core.Lifeguard()
	together(s, 8)
	s.Run(time.Second)
	n, other := s.Node("n2"), s.Node("n4")
	u := wire.Update{Member: s.Node("n5").M.Local(), From: "n4"}
	u.State = wire.Suspect
	sender := wire.Sender{Name: "n4", Epoch: other.M.Local().Epoch}
	s.Inject(n, core.Path{Addr: other.Addr}, &wire.Message{Kind: wire.Gossip, Sender: sender, Updates: []wire.Update{u}})
	s.Freeze(n)
	s.Run(s.Now() + 5*time.Second)
	s.ReceiveTime = 10 * time.Millisecond
	s.Release(n)
	if !s.timersWait(n) {
		t.Fatal("no timer waits")
	}
	s.Block(n)
	s.Run(s.Now() + time.Minute)
	if got := believed(n, "n5"); got != wire.Failed {
		t.Errorf("the suspicion is not over: n5 is %v", got)
	}
}
