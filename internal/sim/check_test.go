package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// told is a checker that has watched a lawful past: nodes a and b, with b at
// epoch 1, incarnation 5, alive to a.
func told() (c *Checker, problems *[]string) {
	problems = new([]string)
	c = NewChecker(func(p string) { *problems = append(*problems, p) })
	c.Local("b", 1, false, member("b", 5, wire.Alive))
	c.Local("a", 1, false, member("a", 0, wire.Alive))
	c.Event("a", change(wire.Member{}, member("b", 5, wire.Alive)))
	return c, problems
}

func member(name string, incarnation uint32, s wire.State) wire.Member {
	return wire.Member{Name: name, Addr: "x", Epoch: 1, Incarnation: incarnation, State: s}
}

func change(before, after wire.Member) *core.Event {
	return &core.Event{Kind: core.Changed, Before: before, After: after}
}

func gossip(updates ...wire.Update) *core.Packet {
	return &core.Packet{To: "x", Msg: &wire.Message{
		Kind: wire.Gossip, Sender: wire.Sender{Name: "a", Epoch: 1}, Updates: updates,
	}}
}

// TestCheckerCatches feeds the checker one forbidden transition each.
func TestCheckerCatches(t *testing.T) {
	alive := func(incarnation uint32) wire.Member { return member("b", incarnation, wire.Alive) }
	failed := member("b", 5, wire.Failed)
	older := alive(5)
	older.Epoch = 0
	moved := alive(5)
	moved.Addr = "y"
	for _, test := range []struct {
		want string
		do   func(c *Checker)
	}{
		{"lowered the incarnation of b", func(c *Checker) { c.Event("a", change(alive(5), alive(4))) }},
		{"lowered the incarnation of b", func(c *Checker) { c.Event("a", change(alive(5), older)) }},
		{"resurrected b at the evidence", func(c *Checker) {
			c.Event("a", change(alive(5), failed))
			c.Event("a", change(failed, alive(5)))
		}},
		{"took an accusation of b back", func(c *Checker) { suspectThenAlive(c) }},
		{"under one incarnation", func(c *Checker) { c.Event("a", change(alive(5), moved)) }},
		{"never went beyond incarnation 5", func(c *Checker) { c.Event("a", change(alive(5), alive(6))) }},
		{"never went beyond incarnation 0", func(c *Checker) { c.Packet("a", gossip(wire.Update{Member: member("z", 0, wire.Alive)}), 99, 9) }},
		{"begins at", func(c *Checker) { c.Event("a", change(alive(4), alive(5))) }},
		{"took b for c", func(c *Checker) {
			c.views["a"].members["b"] = member("c", 5, wire.Alive)
			c.Event("a", change(member("c", 5, wire.Alive), alive(5)))
		}},
		{"forgot", func(c *Checker) { c.Event("a", change(alive(5), wire.Member{})) }},
		{"changed its belief about itself", func(c *Checker) {
			self := member("a", 0, wire.Alive)
			c.Event("a", change(self, member("a", 0, wire.Suspect)))
		}},
		{"nobody told it to leave", func(c *Checker) { c.Local("b", 1, false, member("b", 6, wire.Left)) }},
		{"was told to leave", func(c *Checker) { c.Local("b", 1, true, alive(6)) }},
		{"lowered its own incarnation", func(c *Checker) { c.Local("b", 1, false, alive(4)) }},
		{"calls itself", func(c *Checker) { c.Local("b", 1, false, member("z", 5, wire.Alive)) }},
		{"the deadline of a is", func(c *Checker) { c.Tick("a", time.Second, time.Second) }},
		{"sends 100 bytes", func(c *Checker) { c.Packet("a", gossip(), 99, 100) }},
		{"swim: invalid claim: message", func(c *Checker) {
			p := gossip()
			p.Msg.Kind = 0
			c.Packet("a", p, 99, 9)
		}},
		{"swim: invalid claim: state", func(c *Checker) { c.Packet("a", gossip(wire.Update{Member: member("b", 5, 0)}), 99, 9) }},
		{"sends its packet 3", func(c *Checker) {
			c.MaxRate = 3
			c.Rate("a", 1)
			c.Rate("a", 2)
			c.Rate("a", 3)
		}},
		{"the limit is 1", func(c *Checker) { c.Table("a", []wire.Member{member("a", 0, wire.Alive), alive(5)}, 1) }},
		{"was told of 2", func(c *Checker) { c.Table("a", []wire.Member{alive(5)}, 9) }},
		{"its changes led to", func(c *Checker) { c.Table("a", []wire.Member{member("a", 0, wire.Alive), failed}, 9) }},
	} {
		c, problems := told()
		test.do(c)
		if got := strings.Join(*problems, "\n"); !strings.Contains(got, test.want) {
			t.Errorf("%q is not caught; instead: %q", test.want, got)
		}
	}
}

func suspectThenAlive(c *Checker) {
	alive, suspect := member("b", 5, wire.Alive), member("b", 5, wire.Suspect)
	c.Event("a", change(alive, suspect))
	c.Event("a", change(suspect, alive))
}

// TestCheckerPasses is a lawful life: suspected, refuted, failed, returned,
// departed, restarted, forgotten.
func TestCheckerPasses(t *testing.T) {
	c, problems := told()
	at := []wire.Member{
		member("b", 5, wire.Alive), member("b", 5, wire.Suspect), member("b", 6, wire.Alive), member("b", 6, wire.Failed),
		member("b", 7, wire.Alive), member("b", 8, wire.Left),
		{Name: "b", Addr: "y", Epoch: 2, State: wire.Alive},
		{Name: "b", Addr: "y", Epoch: 2, State: wire.Failed},
		{},
	}
	c.Local("b", 1, true, at[5])
	c.Local("b", 2, false, at[6])
	for i := 1; i < len(at); i++ {
		c.Event("a", change(at[i-1], at[i]))
	}
	c.Event("a", &core.Event{Kind: core.Synced})
	c.Tick("a", 1, 2)
	c.MaxRate = 3
	for second := range 3 {
		c.Rate("a", time.Duration(second)*time.Second)
		c.Rate("a", time.Duration(second)*time.Second)
	}
	stream := gossip()
	stream.Stream = true
	c.Packet("a", stream, 99, 1000)
	c.Table("a", []wire.Member{member("a", 0, wire.Alive)}, 1)
	if len(*problems) > 0 {
		t.Errorf("%q", *problems)
	}
	if c.Transitions != len(at) {
		t.Errorf("%d transitions counted, want %d", c.Transitions, len(at))
	}
}

// TestWatchSeesEverything: what the checker judges comes to it from a Sim, and who
// watched before goes on to.
func TestWatchSeesEverything(t *testing.T) {
	s := New(1)
	inputs, ticks, events, packets := 0, 0, 0, 0
	s.OnInput = func(_ *Node, ticked bool) {
		if inputs++; ticked {
			ticks++
		}
	}
	s.OnEvent = func(*Node, *core.Event) { events++ }
	s.OnPacket = func(*Node, *core.Packet) { packets++ }
	var problems []string
	c := Watch(s, func(p string) { problems = append(problems, p) })
	c.MaxRate = 2
	cluster(s, 4)
	s.Run(10 * time.Second)
	if inputs < 100 || ticks < 30 || ticks > inputs/2 || events < 12 || packets < 80 || c.Transitions != 12 {
		t.Errorf("%d inputs, %d ticks, %d events, %d packets, %d transitions", inputs, ticks, events, packets, c.Transitions)
	}
	if len(problems) == 0 || !strings.Contains(problems[0], "sends its packet 2 in one second") {
		t.Errorf("%q", problems)
	}
	c.Tables(s)
}

// TestDisagreement: each way of not agreeing is one that it names.
func TestDisagreement(t *testing.T) {
	cluster := func() *Sim {
		s := New(1)
		for _, name := range []string{"a", "b", "c"} {
			s.Start(name)
		}
		s.Join(s.Node("b"), "a")
		s.Join(s.Node("c"), "a")
		s.Run(time.Second)
		return s
	}
	forge := func(s *Sim, name string, state wire.State) {
		m := s.Node(name).M.Local()
		m.State = state
		msg := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "z"}, Updates: []wire.Update{{Member: m}}}
		s.Inject(s.Node("a"), core.Path{Addr: "10.9.9.9:1"}, &msg)
	}
	for want, spoil := range map[string]func(s *Sim){
		"":               func(*Sim) {},
		"does not know":  func(s *Sim) { s.Start("d") },
		"and b is":       func(s *Sim) { forge(s, "b", wire.Suspect) },
		"which is gone":  func(s *Sim) { s.Crash(s.Node("b")) },
		"others believe": func(s *Sim) { s.Crash(s.Node("b")); s.Run(time.Minute); forge(s, "b", wire.Left) },
	} {
		s := cluster()
		spoil(s)
		if got := Disagreement(s); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("want %q, got %q", want, got)
		}
	}
}
