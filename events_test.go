package swim_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

func TestEventsBeginWithTheMembersThereAre(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c")
		_ = nodes[2].Close()
		n.waitState(nodes[0], "c", swim.Failed)
		var heard []swim.Member
		for e := range nodes[0].Events(t.Context()) {
			if e.Kind != swim.EventJoined {
				t.Errorf("heard %+v", e)
			}
			if heard = append(heard, e.Member); len(heard) == 2 {
				break
			}
		}
		if want := nodes[0].Members(); !slices.Equal(heard, want) {
			t.Errorf("heard of %v, want %v", heard, want)
		}
	})
}

func TestEventsEndWithTheirContext(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		heard := 0
		for range a.Events(ctx) {
			heard++
		}
		if heard != 1 || ctx.Err() == nil {
			t.Errorf("ended after %d events with %v", heard, ctx.Err())
		}
		for e := range a.Events(ctx) { // which has ended before
			t.Errorf("heard %+v", e)
		}
	})
}

// What happened before Close is told before the iteration ends.
func TestEventsEndWithTheNode(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b")
		heard := record(nodes[0], t.Context(), "")
		if _, err := nodes[0].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = nodes[0].Close()
		n.pass(time.Millisecond)
		heard.want(t, swim.EventJoined, swim.EventJoined, swim.EventLeft)
		// And one that begins later hears who is known, and ends.
		for range 20 {
			var late []string
			for e := range nodes[0].Events(t.Context()) {
				late = append(late, e.Member.Name)
			}
			if !slices.Equal(late, []string{"b"}) {
				t.Fatalf("after Close, heard of %v", late)
			}
		}
	})
}

// A reader that looks away hears the sum of what it missed.
func TestSlowReaderHearsTheSum(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b")
		var heard []swim.EventKind
		for e := range nodes[0].Events(t.Context()) {
			if e.Member.Name == "a" {
				continue
			}
			heard = append(heard, e.Kind)
			if len(heard) == 2 {
				if e.Kind != swim.EventUpdated || e.Member.Meta != "the last" {
					t.Errorf("heard %+v, want the last metadata", e)
				}
				break
			}
			for _, meta := range []string{"first", "second", "the last"} {
				if err := nodes[1].SetMeta(t.Context(), []byte(meta)); err != nil {
					t.Fatal(err)
				}
				n.pass(2 * time.Second)
			}
			c := n.start("c") // comes and goes unheard
			n.join(c, "a")
			n.waitLive(nodes[0], 3)
			_, _ = c.Leave(t.Context())
			_ = c.Close()
			n.waitState(nodes[0], "c", swim.Left)
		}
		if !slices.Equal(heard, []swim.EventKind{swim.EventJoined, swim.EventUpdated}) {
			t.Errorf("heard %v", heard)
		}
	})
}

func TestMembersByState(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c", "d")
		if _, err := nodes[1].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = nodes[1].Close()
		_ = nodes[2].Close()
		n.waitState(nodes[0], "c", swim.Failed)
		for _, test := range []struct {
			states []swim.State
			want   []string
		}{
			{nil, []string{"a", "d"}},
			{[]swim.State{swim.Alive}, []string{"a", "d"}},
			{[]swim.State{swim.Suspect}, nil},
			{[]swim.State{swim.Failed}, []string{"c"}},
			{[]swim.State{swim.Left, swim.Failed, swim.Left}, []string{"b", "c"}},
			{[]swim.State{swim.Alive, swim.Suspect, swim.Failed, swim.Left}, []string{"a", "b", "c", "d"}},
			{[]swim.State{0, 77}, nil},
		} {
			var got []string
			for _, m := range nodes[0].Members(test.states...) {
				got = append(got, m.Name)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("Members(%v) = %v, want %v", test.states, got, test.want)
			}
		}
		s := nodes[0].Stats()
		if s.Alive != 2 || s.Suspect != 0 || s.Failed != 1 || s.Left != 1 {
			t.Errorf("Stats count %d alive, %d suspect, %d failed, %d left", s.Alive, s.Suspect, s.Failed, s.Left)
		}
	})
}
