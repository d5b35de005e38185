package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// TestMain lets this test program be the example and its nodes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "node" || os.Args[1] == "example") {
		main()
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

// Ctrl-C ends the example with an error, and with it all that it started.
func TestInterruptEndsAllProcesses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupts between processes")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "example")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	for out := bufio.NewScanner(stdout); len(pids) < 5 && out.Scan(); {
		if m := regexp.MustCompile(`process (\d+)`).FindStringSubmatch(out.Text()); m != nil {
			pid, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v, want exit status 1", err)
	}
	if len(pids) != 5 {
		t.Errorf("%d processes were started, want 5", len(pids))
	}
	for _, pid := range pids {
		p, err := os.FindProcess(pid)
		if err == nil {
			err = p.Signal(syscall.Signal(0))
		}
		if err == nil {
			t.Errorf("process %d still runs", pid)
		}
	}
}
