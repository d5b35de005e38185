package sim

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// asked opens streams that ask for an ack, one after the other, and tells how many
// were answered, how many openers were told of a failure, and the longest it took
// until an answer came.
func asked(s *Sim, a, b *Node, n int) (answered, failed int, longest time.Duration) {
	for range n {
		began, acks := s.Now(), a.Received.ByKind[wire.Ack]
		inputs := 0
		s.OnInput = func(x *Node, ticked bool) {
			if x == a && !ticked {
				inputs++
				if a.Received.ByKind[wire.Ack] > acks {
					longest = max(longest, s.Now()-began)
				}
			}
		}
		s.send(a, &core.Packet{To: b.Addr, Stream: true, Msg: &wire.Message{
			Kind: wire.Ping, Seq: 1, Target: b.Name, Sender: wire.Sender{Name: a.Name, Epoch: 1},
		}})
		s.Run(s.Now() + 2*StreamTime)
		if a.Received.ByKind[wire.Ack] > acks {
			answered++
		} else if inputs > 0 {
			failed++
		}
		if inputs > 1 {
			panic("sim: a stream ends twice")
		}
	}
	s.OnInput = nil
	return answered, failed, longest
}

// A stream is answered or its opener is told, once, when its time is up.
func TestStreamsFail(t *testing.T) {
	const n = 400
	for what, test := range map[string]struct {
		spoil       func(s *Sim, a, b *Node)
		least, most int // answered
		late        bool
	}{
		"nothing":              {func(*Sim, *Node, *Node) {}, n, n, false},
		"no such stream":       {func(s *Sim, _, b *Node) { s.Crash(b) }, 0, 0, false},
		"cut there":            {func(s *Sim, _, _ *Node) { s.Net.Block("a", "b") }, 0, 0, false},
		"cut back":             {func(s *Sim, _, _ *Node) { s.Net.Block("b", "a") }, 0, 0, false},
		"clogged":              {func(s *Sim, _, _ *Node) { s.Clog("b", "a") }, 0, 0, false},
		"frozen":               {func(s *Sim, _, b *Node) { s.Freeze(b) }, 0, 0, false},
		"half of them break":   {func(s *Sim, _, _ *Node) { s.Net.StreamLoss = 0.5 }, n / 6, n / 3, false}, // a quarter
		"some loss":            {func(s *Sim, _, _ *Node) { s.Net.Loss = 0.2 }, n * 9 / 10, n, true},
		"80 % lost at one end": {func(s *Sim, _, _ *Node) { s.Net.LossIn = map[string]float64{"b": 0.8} }, n / 4, n * 6 / 10, true},
		"all lost at one end":  {func(s *Sim, _, _ *Node) { s.Net.LossOut = map[string]float64{"b": 1} }, 0, 0, false},
	} {
		s, a, b := pair()
		s.Net.StreamTime = StreamTime
		test.spoil(s, a, b)
		answered, failed, longest := asked(s, a, b, n)
		if answered < test.least || answered > test.most || answered+failed != n {
			t.Errorf("%s: of %d streams %d are answered and %d known to have failed", what, n, answered, failed)
		}
		if late := longest > 100*time.Millisecond; late != test.late || longest > StreamTime {
			t.Errorf("%s: the slowest took %v", what, longest)
		}
		if want := n; len(s.streams.free) != len(s.streams.things) || len(s.streams.things) > want {
			t.Errorf("%s: %d of %d streams are kept", what, len(s.streams.things)-len(s.streams.free), len(s.streams.things))
		}
	}
}

// With no StreamTime nobody is told.
func TestNobodyIsToldWithoutStreamTime(t *testing.T) {
	s, a, b := pair()
	s.Crash(b)
	if answered, failed, _ := asked(s, a, b, 3); answered != 0 || failed != 0 {
		t.Errorf("%d answered, %d told", answered, failed)
	}
}

// A join whose stream fails is given up when the Driver gives it up, and not when
// the Machine would by itself.
func TestFailedStreamEndsJoin(t *testing.T) {
	s, a, b := pair()
	s.Net.StreamTime = StreamTime
	s.Crash(b)
	s.Join(a, "b")
	unanswered := 0
	s.OnEvent = func(_ *Node, e *core.Event) {
		if e.Kind == core.Unanswered {
			unanswered++
		}
	}
	pending := a.M.Deadline()
	s.Run(s.Now() + StreamTime)
	if a.M.Deadline() <= pending {
		t.Error("the join is still pending")
	}
	s.Run(s.Now() + time.Minute)
	if unanswered > 0 {
		t.Error("the Machine gave it up as well")
	}
}

// Who stands still when its stream fails hears of it when it goes on, and an answer
// that came before it waits, too.
func TestStreamEndsWhileItsOpenerIsFrozen(t *testing.T) {
	for _, answered := range []bool{true, false} {
		s, a, b := pair()
		s.Net.StreamTime = StreamTime
		if !answered {
			s.Crash(b)
		}
		s.send(a, &core.Packet{To: b.Addr, Stream: true, Msg: &wire.Message{
			Kind: wire.Ping, Seq: 1, Target: "b", Sender: wire.Sender{Name: "a", Epoch: 1},
		}})
		s.Freeze(a)
		s.Run(time.Minute)
		if len(a.inbox.loads) != 1 || a.inbox.loads[0].failed == answered {
			t.Fatalf("answered %v: %d loads wait", answered, len(a.inbox.loads))
		}
		inputs := 0
		s.OnInput = func(n *Node, ticked bool) {
			if n == a && !ticked {
				inputs++
			}
		}
		s.Release(a)
		if inputs != 1 || (a.Received.ByKind[wire.Ack] == 1) != answered {
			t.Errorf("answered %v: %d inputs on its release, %d acks", answered, inputs, a.Received.ByKind[wire.Ack])
		}
	}
}

// A stream is answered at once and by one message: what a Machine says on it later,
// or besides, goes nowhere, nor does an answer to a process that was restarted.
func TestStreamHasOneAnswer(t *testing.T) {
	s, a, b := pair()
	reply := &core.Packet{To: a.Addr, Stream: true, Reply: true, Msg: &wire.Message{
		Kind: wire.Ack, Seq: 1, Target: "b", Sender: wire.Sender{Name: "b", Epoch: 1},
	}}
	s.send(b, reply)
	s.OnInput = func(n *Node, ticked bool) {
		if n == b && !ticked {
			s.send(b, reply)
		}
	}
	open := func() {
		s.send(a, &core.Packet{To: b.Addr, Stream: true, Msg: &wire.Message{
			Kind: wire.Ping, Seq: 1, Target: "b", Sender: wire.Sender{Name: "a", Epoch: 1},
		}})
	}
	open()
	s.Run(time.Second)
	if got := a.Received.ByKind[wire.Ack]; got != 1 {
		t.Errorf("%d answers arrive on one stream", got)
	}
	s.OnInput = nil
	s.send(a, &core.Packet{To: b.Addr, Stream: true, Msg: &wire.Message{
		Kind: wire.Ping, Seq: 2, Target: "z", Sender: wire.Sender{Name: "a", Epoch: 1}, // b has nothing to say to that
	}})
	s.Run(s.Now() + time.Second)
	s.send(b, reply) // too late
	s.Run(s.Now() + time.Second)
	if got := a.Received.ByKind[wire.Ack]; got != 1 {
		t.Error("a stream is answered when its question was done with")
	}
	open()
	s.Crash(a)
	s.Start("a")
	s.Run(s.Now() + time.Second)
	if got := a.Received.ByKind[wire.Ack]; got != 1 {
		t.Errorf("%d answers arrive, one in another life", got)
	}
}

// A stream needs both ways: where there is none back, not even its question comes.
func TestStreamNeedsWayBack(t *testing.T) {
	for what, spoil := range map[string]func(s *Sim){
		"cut":     func(s *Sim) { s.Net.Block("b", "a") },
		"clogged": func(s *Sim) { s.Clog("b", "") },
		"lossy":   func(s *Sim) { s.Net.LossOut = map[string]float64{"b": 1} },
	} {
		s, a, b := pair()
		spoil(s)
		asked(s, a, b, 5)
		if got := b.Received.ByKind[wire.Ping]; got > 0 {
			t.Errorf("%s: %d questions arrive", what, got)
		}
	}
}
