package sim

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// believed tells what a node believes about a member.
func believed(n *Node, name string) wire.State {
	m, _ := n.M.Member(name)
	return m.State
}

// A process that is frozen does nothing at all: no packet leaves, no timer runs, and
// what comes in waits. When it goes on it takes all of that.
func TestFrozenProcessDoesNothing(t *testing.T) {
	s := New(1)
	gather(t, s, 5)
	n := s.Node("n2")
	inputs := 0
	s.OnInput = func(x *Node, _ bool) {
		if x == n {
			inputs++
		}
	}
	s.Freeze(n)
	sent, received := n.Sent.Packets, n.Received
	s.Run(s.Now() + 10*time.Second)
	if n.Sent.Packets != sent || n.Received != received || inputs > 0 {
		t.Errorf("frozen, it sends %d packets and takes %d inputs", n.Sent.Packets-sent, inputs)
	}
	if got := believed(s.Node("n0"), "n2"); got != wire.Failed {
		t.Errorf("frozen for 10 s it is held for %v", got)
	}
	waiting := len(n.inbox.loads)
	s.Release(n)
	if inputs <= waiting || waiting == 0 || !n.inbox.empty() {
		t.Errorf("%d packets waited, and on its release it has %d inputs", waiting, inputs)
	}
	if !s.RunUntil(s.Now()+time.Minute, func() bool { return Disagreement(s) == "" }) {
		t.Error(Disagreement(s))
	}
	if got := n.M.Stats().SuspicionsRaised; got > 0 {
		t.Errorf("it accuses %d members of its own silence", got)
	}
}

// With TimersFirst the first input after a freeze is a Tick, else it is the last.
func TestOrderAfterAFreeze(t *testing.T) {
	for _, timersFirst := range []bool{false, true} {
		s := New(1)
		s.TimersFirst = timersFirst
		gather(t, s, 5)
		n := s.Node("n2")
		s.Freeze(n)
		s.Run(s.Now() + 10*time.Second)
		received := n.Received
		var before []bool // of each input: whether no packet had come yet
		s.OnInput = func(x *Node, _ bool) {
			if x == n {
				before = append(before, x.Received == received)
			}
		}
		s.Release(n)
		if len(before) < 2 || before[0] != timersFirst {
			t.Errorf("timers first %v: of the inputs these came before any packet: %v", timersFirst, before)
		}
	}
}

// The Machine's clock leaves a freeze out, but for what had passed until its next
// timer was due; unnoticed, it runs on.
func TestClockLeavesFreezesOut(t *testing.T) {
	for _, unnoticed := range []bool{false, true} {
		s := New(1)
		s.Unnoticed = unnoticed
		gather(t, s, 3)
		n := s.Node("n1")
		began, due := n.clock(s.Now()), n.M.Deadline()
		s.Freeze(n)
		s.Run(s.Now() + time.Minute)
		s.Release(n)
		want := due
		if unnoticed {
			want = began + time.Minute
		}
		if got := n.clock(s.Now()); got != want {
			t.Errorf("unnoticed %v: the clock is at %v, want %v", unnoticed, got, want)
		}
	}
}

// A socket holds so much and no more.
func TestFrozenSocketOverflows(t *testing.T) {
	for _, limit := range []int{0, 300} {
		s := New(1)
		s.SocketBytes = limit
		gather(t, s, 8)
		n := s.Node("n2")
		s.Freeze(n)
		s.Run(s.Now() + 10*time.Second)
		bytes := 0
		for _, l := range n.inbox.loads {
			if l.stream == nil {
				bytes += s.sizeOf(&l.msg)
			}
		}
		if bytes > limit || (bytes > 0) != (limit > 0) {
			t.Errorf("%d bytes in packets wait, and %d fit", bytes, limit)
		}
	}
}

// A blocked process sends one packet of each activity at most, when it goes on, and
// its suspicions come to their end meanwhile: Lifeguard's anomaly.
func TestBlockedProcess(t *testing.T) {
	s := New(1)
	s.Params = core.Lifeguard()
	gather(t, s, 8)
	n := s.Node("n2")
	failures := 0
	s.OnEvent = func(x *Node, e *core.Event) {
		if x == n && e.After.State == wire.Failed {
			failures++
		}
	}
	u := wire.Update{Member: s.Node("n5").M.Local(), From: "n4"}
	u.State = wire.Suspect
	sender := wire.Sender{Name: "n4", Epoch: s.Node("n4").M.Local().Epoch}
	s.Inject(n, core.Path{Addr: s.Node("n4").Addr}, &wire.Message{Kind: wire.Gossip, Sender: sender, Updates: []wire.Update{u}})
	s.Block(n)
	sent := n.Sent.Packets
	s.Run(s.Now() + time.Minute)
	if n.Sent.Packets != sent {
		t.Errorf("blocked, it sends %d packets", n.Sent.Packets-sent)
	}
	if failures != 1 || believed(n, "n5") != wire.Failed {
		t.Errorf("%d suspicions expire, want that of n5, which is %v", failures, believed(n, "n5"))
	}
	byActivity := map[wire.Kind]int{}
	for _, h := range n.held {
		byActivity[activity(h.msg.Kind)]++
	}
	for kind, count := range byActivity {
		if count > 1 {
			t.Errorf("%d packets wait at one %v", count, kind)
		}
	}
	held := uint64(len(n.held))
	s.OnPacket = func(x *Node, p *core.Packet) {
		if x == n && held > 0 {
			held--
		}
	}
	s.Release(n)
	if len(byActivity) == 0 || held > 0 || n.held != nil {
		t.Errorf("%d of %v are not sent on release", held, byActivity)
	}
}

// By our own rules a blocked process judges nobody: it hears nothing.
func TestBlockedProcessBuriesNobody(t *testing.T) {
	s := New(1)
	gather(t, s, 8)
	n := s.Node("n2")
	s.OnEvent = func(x *Node, e *core.Event) {
		if e.After.State == wire.Failed && e.After.Name != "n2" {
			t.Errorf("%s holds %s for failed", x.Name, e.After.Name)
		}
	}
	u := wire.Update{Member: s.Node("n5").M.Local(), From: "n4"}
	u.State = wire.Suspect
	sender := wire.Sender{Name: "n4", Epoch: s.Node("n4").M.Local().Epoch}
	s.Inject(n, core.Path{Addr: s.Node("n4").Addr}, &wire.Message{Kind: wire.Gossip, Sender: sender, Updates: []wire.Update{u}})
	s.Block(n)
	s.Run(s.Now() + time.Minute)
	if n.M.Stats().VerdictsPostponed == 0 {
		t.Error("no verdict is postponed")
	}
	s.Release(n)
	if !s.RunUntil(s.Now()+time.Minute, func() bool { return Disagreement(s) == "" }) {
		t.Error(Disagreement(s))
	}
}

// A process that crashes while it stands still is not brought back by its release,
// and one that is started again has forgotten all that waited.
func TestCrashWhileStalled(t *testing.T) {
	s := New(1)
	gather(t, s, 4)
	n := s.Node("n2")
	s.Freeze(n)
	s.Run(s.Now() + 2*time.Second)
	s.Crash(n)
	sent := n.Sent.Packets
	s.Release(n)
	s.Run(s.Now() + 10*time.Second)
	if n.Sent.Packets != sent || !n.inbox.empty() {
		t.Error("the dead send")
	}
	if got := believed(s.Node("n0"), "n2"); got != wire.Failed {
		t.Errorf("it is held for %v", got)
	}
	s.Start("n2")
	s.Join(n, "n0")
	if !s.RunUntil(s.Now()+10*time.Second, func() bool { return Disagreement(s) == "" }) {
		t.Error(Disagreement(s))
	}
}
