package core_test

import (
	"errors"
	"testing"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// A visitor sees the whole table and leaves no trace.
func TestVisit(t *testing.T) {
	stream := core.Path{Addr: "a stream", Stream: true}
	admit := func(c *core.Config) {
		c.Admit = func(m wire.Member) error {
			if m.Token != "good" {
				return errors.New("no good token")
			}
			return nil
		}
	}
	visit := func(token string, claims ...string) wire.Message {
		m := wire.Message{Kind: wire.Visit, Seq: 7}
		for _, name := range claims {
			u := claim(name, 0, wire.Alive, "")
			u.Token = token
			m.Updates = append(m.Updates, u)
		}
		return m
	}
	for what, test := range map[string]struct {
		filter  bool
		from    core.Path
		message wire.Message
		answer  wire.Kind
		reason  string
	}{
		"of anybody":             {false, stream, visit(""), wire.SyncReply, ""},
		"by packet":              {false, core.Path{Addr: addr("x")}, visit(""), 0, ""},
		"of one who is admitted": {true, stream, visit("good", "x"), wire.SyncReply, ""},
		"of one who is not":      {true, stream, visit("bad", "x"), wire.Refusal, "no good token"},
		"for another":            {true, stream, visit("good", "y"), wire.Refusal, "nothing is known of it"},
		"of nobody in question":  {true, stream, visit(""), wire.Refusal, "nothing is known of it"},
	} {
		b := newBench(t)
		if test.filter {
			b = newBench(t, admit)
			u := claim("b", 0, wire.Alive, "")
			u.Token = "good"
			b.gossip("b", u)
		} else {
			b.meet("b")
		}
		before := len(b.table())
		b.receiveFrom(test.from, "x", test.message)
		if len(b.table()) != before {
			t.Errorf("a visit %s leaves %+v", what, b.table())
		}
		if test.answer == 0 {
			if len(b.packets) != 0 {
				t.Errorf("a visit %s is answered: %v", what, describe(b.packets))
			}
			continue
		}
		p := b.only(test.answer)
		if !p.Stream || !p.Reply || p.Msg.Seq != 7 || string(p.Msg.Payload) != test.reason || test.reason == "" && len(p.Msg.Updates) != 2 {
			t.Errorf("a visit %s is answered %+v", what, p.Msg)
		}
	}
}
