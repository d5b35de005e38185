package swim_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

func TestLeaveAlone(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		if know, err := a.Leave(t.Context()); know != 0 || err != nil {
			t.Errorf("Leave = %d, %v", know, err)
		}
		if got := a.Local().State; got != swim.Left {
			t.Errorf("afterwards it is %v", got)
		}
		if know, err := a.Leave(t.Context()); know != 0 || err != nil {
			t.Errorf("a second time: %d, %v", know, err)
		}
	})
}

// Leave counts who knows, and is not satisfied with fewer than it takes.
func TestLeaveCountsWhoKnows(t *testing.T) {
	for peers, want := range map[int]int{1: 1, 2: 2, 3: 3, 9: 4} {
		bubble(t, func(t *testing.T, n network) {
			names := []string{"leaver"}
			for i := range peers {
				names = append(names, fmt.Sprint("n", i))
			}
			nodes := n.cluster(names...)
			know, err := nodes[0].Leave(t.Context())
			if know < want || know > peers || err != nil {
				t.Errorf("of %d peers Leave = %d, %v; want at least %d", peers, know, err, want)
			}
			told := 0
			for _, node := range nodes[1:] {
				if m, _ := node.Member("leaver"); m.State == swim.Left {
					told++
				}
			}
			if told < know {
				t.Errorf("%d of %d know, and Leave said %d", told, peers, know)
			}
			_ = nodes[0].Close()
			if again, err := nodes[0].Leave(t.Context()); again < know || err != nil {
				t.Errorf("after Close Leave = %d, %v; it was %d", again, err, know)
			}
		})
	}
}

// Who has left answers still, and begins nothing new.
func TestAfterLeave(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c")
		if _, err := nodes[0].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, joined := nodes[0].Join(t.Context(), "b")
		for what, err := range map[string]error{
			"Join":    joined,
			"Ready":   nodes[0].Ready(t.Context()),
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

// A departure that too few confirm ends with the context, which is said, with how
// many they were.
func TestLeaveUnheard(t *testing.T) {
	for _, test := range []struct {
		cut  []string
		know int
	}{{[]string{"b", "c", "d"}, 0}, {[]string{"c", "d"}, 1}} {
		bubble(t, func(t *testing.T, n network) {
			nodes := n.cluster("a", "b", "c", "d")
			n.Partition([]string{"a"}, test.cut)
			// Later it gives those up who do not answer.
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			know, err := nodes[0].Leave(ctx)
			if know != test.know || !errors.Is(err, context.DeadlineExceeded) ||
				!strings.Contains(err.Error(), fmt.Sprintf("by only %d of 3", test.know)) {
				t.Errorf("Leave = %d, %v, want %d", know, err, test.know)
			}
			n.Heal() // it goes on trying
			if know, err := nodes[0].Leave(t.Context()); know == 0 || err != nil {
				t.Errorf("once heard: %d, %v", know, err)
			}
			n.waitState(nodes[1], "a", swim.Left)
		})
	}
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
		_, left := nodes[0].Leave(t.Context())
		for what, err := range map[string]error{
			"Join":    joined,
			"Ready":   nodes[0].Ready(t.Context()),
			"Leave":   left,
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
		ended := make(chan error, 3)
		go func() {
			_, err := nodes[0].Join(t.Context(), "deaf")
			ended <- err
		}()
		go func() {
			lonely := n.start("lonely", func(c *swim.Config) { c.Seeds = swim.StaticSeeds{"deaf"} })
			timer := time.AfterFunc(3*time.Second, func() { _ = lonely.Close() })
			defer timer.Stop()
			ended <- lonely.Ready(t.Context())
		}()
		n.pass(time.Second)
		go func() {
			_, err := nodes[0].Leave(t.Context())
			ended <- err
		}()
		n.pass(2 * time.Second)
		start := time.Now()
		_ = nodes[0].Close()
		for range 3 {
			if err := <-ended; !errors.Is(err, swim.ErrClosed) {
				t.Errorf("%v, want ErrClosed", err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// Leave announces the departure, or does not say that it did.
func TestLeaveWithAContextThatIsOver(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b", "c")
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // as that of signal.NotifyContext is on SIGTERM
		_, err := nodes[0].Leave(ctx)
		n.pass(10 * time.Second)
		m, _ := nodes[1].Member("a")
		if err != nil && strings.Contains(err.Error(), "departure announced") && m.State != swim.Left {
			t.Errorf("Leave said %q, and 10 s later it is %v", err, m.State)
		}
		_ = nodes[0].Close()
		n.pass(30 * time.Second)
		if m, _ := nodes[1].Member("a"); m.State != swim.Left {
			t.Errorf("after Close it is %v", m.State)
		}
	})
}
