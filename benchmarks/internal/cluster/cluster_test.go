package cluster

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// memory is a network in the bubble of a test.
func memory() (*transport.MemoryNetwork, Listen) {
	n := transport.NewMemoryNetwork(1)
	return n, func(name string) (swim.Transport, error) { return n.Listen(name) }
}

func started(t *testing.T, n int, listen Listen) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), n, listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if joined, settled, err := c.JoinAll(ctx); err != nil || joined > settled {
		t.Fatalf("joined after %v, settled after %v: %v", joined, settled, err)
	}
	return c
}

func TestChangesReachAllAndNobodyIsAccused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, listen := memory()
		c := started(t, 8, listen)
		time.Sleep(time.Minute)
		for name, do := range map[string]func() (time.Duration, time.Duration, error){
			"update": func() (time.Duration, time.Duration, error) { return c.Update(t.Context(), 1, "new") },
			"leave":  func() (time.Duration, time.Duration, error) { return c.Leave(t.Context(), 2) },
			"kill":   func() (time.Duration, time.Duration, error) { return c.Kill(t.Context(), 3) },
		} {
			first, last, err := do()
			if err != nil || first > last || last > 20*time.Second || name == "kill" && first < time.Second {
				t.Errorf("%s: first %v, last %v, %v", name, first, last, err)
			}
		}
		if got := len(c.Running()); got != 6 {
			t.Errorf("%d nodes run, want 6", got)
		}
		if c.Suspicions() != 0 || c.Failures() != 0 {
			t.Errorf("%d suspicions, %d failures of nodes that run", c.Suspicions(), c.Failures())
		}
	})
}

// What the counts are for: a node that runs and cannot be reached is counted.
func TestAccusationsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, listen := memory()
		c := started(t, 4, listen)
		net.Isolate(name(1))
		time.Sleep(time.Minute)
		if c.Suspicions() < 3 || c.Failures() != 3 {
			t.Errorf("%d suspicions, %d failures; three nodes lost one", c.Suspicions(), c.Failures())
		}
	})
}

// A change that nobody hears of ends with ctx, and says how many did not.
func TestUnheardChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, listen := memory()
		c := started(t, 3, listen)
		net.Isolate(name(0), name(1), name(2))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := c.Update(ctx, 0, "new"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestFailedJoinsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, listen := memory()
		c, err := Start(t.Context(), 3, listen)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		net.Isolate(name(2))
		_, _, err = c.JoinAll(t.Context())
		if !errors.Is(err, swim.ErrNoAnswer) || !strings.Contains(err.Error(), "1 of 2") {
			t.Errorf("error %v", err)
		}
	})
}

func TestQuestionIsAnsweredByAllOthers(t *testing.T) {
	q := question{subject: "a", begin: time.Now(), want: 2, all: make(chan struct{}), told: make(map[string]bool)}
	for _, node := range []string{"b", "a", "b"} {
		q.tell(node)
	}
	select {
	case <-q.all:
		t.Fatal("c has not told it yet")
	default:
	}
	q.tell("c")
	select {
	case <-q.all:
	default:
		t.Fatal("all have told it")
	}
	if q.first <= 0 || q.first > q.last {
		t.Errorf("first %v, last %v", q.first, q.last)
	}
}

func TestListenErrorLeavesNothing(t *testing.T) {
	refused := errors.New("refused")
	count := 0
	net := transport.NewMemoryNetwork(1)
	_, err := Start(t.Context(), 3, func(name string) (swim.Transport, error) {
		if count++; count == 3 {
			return nil, refused
		}
		return net.Listen(name)
	})
	if !errors.Is(err, refused) {
		t.Fatalf("error %v", err)
	}
	if again, err := net.Listen(name(0)); err != nil {
		t.Errorf("the first node runs on: %v, %v", again, err)
	}
}

func TestCanary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := StartCanary()
		time.Sleep(time.Second)
		if rarely, most := c.Stop(); rarely != 0 || most != 0 || len(c.late) < 198 {
			t.Errorf("late by %v and %v, of %d", rarely, most, len(c.late))
		}
		if rarely, most := (&Canary{stop: make(chan struct{}), ended: closed(), late: []time.Duration{1, 3, 2}}).Stop(); rarely != 3 || most != 3 {
			t.Errorf("late by %v and %v, want 3 and 3", rarely, most)
		}
	})
}

func closed() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestShare(t *testing.T) {
	at := time.Now()
	before, after := Usage{At: at}, Usage{At: at.Add(time.Second), CPU: time.Duration(runtime.NumCPU()) * time.Second / 4}
	if got := after.Share(&before); got != 25 {
		t.Errorf("%v %% of all processors, want 25", got)
	}
	if got := before.Share(&before); got != 0 {
		t.Errorf("%v %% in no time", got)
	}
}
