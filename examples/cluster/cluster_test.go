package main

import (
	"context"
	"errors"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// TestMain lets this test program be the nodes, as the example lets itself.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "node" {
		if err := runNode(os.Args[2], os.Args[3]); err != nil {
			log.Fatal(err)
		}
		return
	}
	os.Exit(m.Run())
}

func two(t *testing.T, ctx context.Context) *cluster {
	t.Helper()
	c := newCluster()
	t.Cleanup(c.end)
	for _, name := range []string{"a", "b"} {
		if _, err := c.start(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func alone(p *process) bool { return p.count(swim.Alive) == 1 }

// The example can fail: a process that ends by itself is told.
func TestLostProcessIsAnError(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := two(t, ctx)
	if _, err := c.all(ctx, "are alone", alone); err != nil {
		t.Fatal(err)
	}
	if err := c.process("b").cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, err := c.all(ctx, "know each other", func(p *process) bool { return p.count(swim.Alive) == 2 })
	if err == nil || !strings.Contains(err.Error(), "the process of b ended") {
		t.Errorf("got %v", err)
	}
}

// What does not come to pass ends with ctx, and the error shows who believes what.
func TestNoAgreementIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	c := two(t, ctx)
	enough := errors.New("enough")
	_, err := c.all(ctx, "know each other", func(p *process) bool {
		cancel(enough) // they never joined
		return p.count(swim.Alive) == 2
	})
	if !errors.Is(err, enough) || !strings.Contains(err.Error(), "a says") {
		t.Errorf("got %v", err)
	}
}

// Nodes end when their parent is gone, however it went: their standard input does.
func TestNodesEndWithTheirParent(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := two(t, ctx)
	for _, p := range c.started {
		if err := p.stdin.Close(); err != nil {
			t.Fatal(err)
		}
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("%s ended with %v", p.name, err)
		}
	}
}
