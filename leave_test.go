package swim_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

func TestLeaveAlone(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		if err := a.Leave(t.Context()); err != nil {
			t.Error(err)
		}
		if got := a.Local().State; got != swim.Left {
			t.Errorf("afterwards it is %v", got)
		}
		if err := a.Leave(t.Context()); err != nil {
			t.Errorf("a second time: %v", err)
		}
	})
}

// Who has left answers still, and begins nothing new.
func TestAfterLeave(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c")
		if err := nodes[0].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, joined := nodes[0].Join(t.Context(), "b")
		for what, err := range map[string]error{
			"Join":    joined,
			"SetMeta": nodes[0].SetMeta(t.Context(), []byte("x")),
			"Send":    nodes[0].Send(t.Context(), "b", []byte("x")),
		} {
			if !errors.Is(err, swim.ErrLeft) {
				t.Errorf("%s after Leave: %v, want ErrLeft", what, err)
			}
		}
		if got := len(nodes[0].Members()); got != 2 {
			t.Errorf("it sees %d live members, want the 2 others", got)
		}
		select {
		case <-nodes[0].Done():
			t.Error("it is closed")
		default:
		}
	})
}

// A departure that nobody confirms ends with the context, which is said.
func TestLeaveUnheard(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c")
		n.Isolate("a")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		err := nodes[0].Leave(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "confirmed") {
			t.Errorf("Leave = %v", err)
		}
		n.Heal() // it goes on trying
		if err := nodes[0].Leave(t.Context()); err != nil {
			t.Errorf("once heard: %v", err)
		}
		n.waitState(nodes[1], "a", swim.Left)
	})
}

func TestAfterClose(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b")
		for range 2 {
			if err := nodes[0].Close(); err != nil {
				t.Error(err)
			}
		}
		<-nodes[0].Done()
		_, joined := nodes[0].Join(t.Context(), "b")
		for what, err := range map[string]error{
			"Join":    joined,
			"Leave":   nodes[0].Leave(t.Context()),
			"SetMeta": nodes[0].SetMeta(t.Context(), []byte("x")),
			"Send":    nodes[0].Send(t.Context(), "b", []byte("x")),
		} {
			if !errors.Is(err, swim.ErrClosed) {
				t.Errorf("%s after Close: %v, want ErrClosed", what, err)
			}
		}
		if got := len(nodes[0].Members()); got != 2 {
			t.Errorf("it knows %d members, want 2", got)
		}
		if s := nodes[0].Stats(); s.Alive != 2 || s.Protocol.Syncs+s.Protocol.SyncsAnswered == 0 {
			t.Errorf("its numbers are gone: %+v", s)
		}
	})
}

// Whatever waits when the node is closed ends, with ErrClosed.
func TestCloseEndsWhatWaits(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c")
		n.Isolate("a", "deaf")
		ended := make(chan error, 2)
		go func() {
			_, err := nodes[0].Join(t.Context(), "deaf")
			ended <- err
		}()
		n.pass(time.Second)
		go func() { ended <- nodes[0].Leave(t.Context()) }()
		n.pass(time.Second)
		start := time.Now()
		_ = nodes[0].Close()
		for range 2 {
			if err := <-ended; !errors.Is(err, swim.ErrClosed) {
				t.Errorf("%v, want ErrClosed", err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v", took)
		}
	})
}
