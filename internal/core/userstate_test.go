package core_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

func states(c *core.Config) {
	c.SyncInterval = core.LAN().SyncInterval
	c.MaxStateBytes = 100
}

// An exchange is due as often as a sync, with one member; and never where users have no
// state.
func TestStateIsDue(t *testing.T) {
	due := func(options ...func(*core.Config)) (count int) {
		b := newBench(t, options...)
		b.meet("b", "c")
		for end := 10 * time.Minute; b.m.Deadline() < end; {
			b.until(b.m.Deadline())
			for _, e := range b.events {
				if e.Kind == core.StateDue {
					count++
					if e.After.Name == "self" || e.After.Addr == "" {
						t.Errorf("due with %+v", e.After)
					}
				}
			}
			for _, p := range of(wire.Ping, b.packets) {
				b.ack(p)
			}
		}
		return count
	}
	if got := due(states); got < 18 || got > 21 {
		t.Errorf("%d exchanges in 10 minutes, want 20", got)
	}
	if got := due(func(c *core.Config) { states(c); c.MaxStateBytes = 0 }); got != 0 {
		t.Errorf("%d exchanges without state", got)
	}
	if got := due(func(c *core.Config) { states(c); c.SyncInterval = 0 }); got != 0 {
		t.Errorf("%d exchanges without syncs", got)
	}
}

// A member over a stream is answered with its question; whoever is none, or comes by
// packet, or means another, or brings too much, is not answered at all.
func TestStateIsForMembers(t *testing.T) {
	stream := core.Path{Addr: "a stream", Stream: true}
	for what, test := range map[string]struct {
		from    core.Path
		sender  wire.Sender
		message wire.Message
		taken   bool
	}{
		"a digest":      {stream, wire.Sender{Name: "b", Epoch: 1}, wire.Message{Kind: wire.UserState, Target: "self"}, true},
		"a state":       {stream, wire.Sender{Name: "b", Epoch: 1}, wire.Message{Kind: wire.UserState, Target: "self", Payload: make([]byte, 100)}, true},
		"a large state": {stream, wire.Sender{Name: "b", Epoch: 1}, wire.Message{Kind: wire.UserState, Target: "self", Payload: make([]byte, 101)}, false},
		"a packet":      {core.Path{Addr: addr("b")}, wire.Sender{Name: "b", Epoch: 1}, wire.Message{Kind: wire.UserState, Target: "self"}, false},
		"for another":   {stream, wire.Sender{Name: "b", Epoch: 1}, wire.Message{Kind: wire.UserState, Target: "c"}, false},
		"a stranger":    {stream, wire.Sender{Name: "x", Epoch: 1}, wire.Message{Kind: wire.UserState, Target: "self"}, false},
		"a later life":  {stream, wire.Sender{Name: "b", Epoch: 2}, wire.Message{Kind: wire.UserState, Target: "self"}, false},
		"who failed":    {stream, wire.Sender{Name: "d", Epoch: 1}, wire.Message{Kind: wire.UserState, Target: "self"}, false},
		"an answer":     {stream, wire.Sender{Name: "b", Epoch: 1}, wire.Message{Kind: wire.UserStateReply, Target: "self"}, false},
	} {
		b := newBench(t, states)
		b.meet("b", "c")
		b.gossip("b", claim("d", 0, wire.Failed, "b"))
		test.message.Sender, test.message.Seq, test.message.Cursor, test.message.Digest = test.sender, 7, 1, 1<<63
		b.receiveFrom(test.from, test.sender.Name, test.message)
		answers := of(wire.UserStateReply, b.packets)
		if !test.taken {
			s := b.m.Stats()
			if len(answers) != 0 || s.MessagesRefused+s.MessagesMisdirected != 1 {
				t.Errorf("%s: %v, %+v", what, describe(b.packets), s)
			}
			continue
		}
		if len(answers) != 1 {
			t.Errorf("%s: %v", what, describe(b.packets))
			continue
		}
		p := answers[0]
		if m := p.Msg; !p.Stream || !p.Reply || m.Seq != 7 || m.Cursor != 1 || m.Digest != 1<<63 ||
			m.Target != test.sender.Name || len(m.Payload) != len(test.message.Payload) || m.Sender.Name != "self" {
			t.Errorf("%s: answered %+v", what, m)
		}
	}
}

// Who left has none to exchange any more.
func TestWhoLeftExchangesNoState(t *testing.T) {
	b := newBench(t, states)
	b.meet("b", "c")
	b.leave()
	for end := b.now + 10*time.Minute; b.m.Deadline() < end; {
		b.until(b.m.Deadline())
		for _, e := range b.events {
			if e.Kind == core.StateDue {
				t.Fatalf("%v: due with %+v", b.now, e.After)
			}
		}
	}
}
