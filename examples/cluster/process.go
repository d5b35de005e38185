package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/swim-go/swim"
)

// process is one node, as its parent sees it.
type process struct {
	name, addr string
	cmd        *exec.Cmd
	stdin      io.WriteCloser
	// members is what the node believed when it last spoke.
	members map[string]swim.Member
}

// cluster is the processes. One goroutine uses it.
type cluster struct {
	name    string
	started []*process
	running []*process // that neither were killed nor told to leave
	heard   chan heard
}

// heard is what a process said and when, or that it says no more.
type heard struct {
	from    *process
	at      time.Time
	members []swim.Member
	err     error
}

func newCluster() *cluster {
	// A name of its own per run keeps two runs at the same time apart, even
	// when a port that one of them freed comes to the other.
	return &cluster{name: fmt.Sprintf("example-%d", os.Getpid()), heard: make(chan heard)}
}

// start starts this very program once more, as a node, and waits until it says
// that it listens. The process ends when ctx does, or its standard input.
func (c *cluster) start(ctx context.Context, name string) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{name: name, cmd: exec.CommandContext(ctx, program, "node", name, c.name)}
	p.cmd.Stderr = os.Stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	c.started = append(c.started, p)
	c.running = append(c.running, p)
	go c.listen(p, stdout)
	_, err = c.until(ctx, name+" listens", func() bool {
		p.addr = p.members[name].Addr
		return p.addr != ""
	})
	return p, err
}

// listen hears what a process says, for as long as it does.
func (c *cluster) listen(p *process, stdout io.Reader) {
	reports := json.NewDecoder(stdout)
	for {
		h := heard{from: p}
		h.err = reports.Decode(&h.members)
		h.at = time.Now()
		c.heard <- h
		if h.err != nil {
			return
		}
	}
}

func (c *cluster) process(name string) *process {
	i := slices.IndexFunc(c.started, func(p *process) bool { return p.name == name })
	return c.started[i]
}

// count counts the members that the node believes to be in a state.
func (p *process) count(state swim.State) int {
	n := 0
	for _, m := range p.members {
		if m.State == state {
			n++
		}
	}
	return n
}

// order tells a node what to do.
func (p *process) order(o order) error {
	return json.NewEncoder(p.stdin).Encode(o)
}

// dismiss makes the opinion of a process count no more, and its end no failure.
func (c *cluster) dismiss(p *process) {
	c.running = slices.DeleteFunc(c.running, func(r *process) bool { return r == p })
}

// all waits until something holds for all that run, and returns since when.
func (c *cluster) all(ctx context.Context, what string, holds func(*process) bool) (time.Time, error) {
	return c.until(ctx, "all "+what, func() bool {
		return !slices.ContainsFunc(c.running, func(p *process) bool { return !holds(p) })
	})
}

// any waits until something holds for one that runs, and returns since when.
func (c *cluster) any(ctx context.Context, what string, holds func(*process) bool) (time.Time, error) {
	return c.until(ctx, "one "+what, func() bool { return slices.ContainsFunc(c.running, holds) })
}

func (c *cluster) until(ctx context.Context, what string, holds func() bool) (since time.Time, err error) {
	since = time.Now()
	for !holds() {
		select {
		case h := <-c.heard:
			if h.err != nil && slices.Contains(c.running, h.from) {
				return since, fmt.Errorf("the process of %s ended: %w", h.from.name, h.err)
			}
			since = h.at
			h.from.members = make(map[string]swim.Member)
			for _, m := range h.members {
				// A refuted suspicion leaves the beliefs as they were, but for
				// this, and nodes do not print their members for it.
				m.Incarnation = 0
				h.from.members[m.Name] = m
			}
		case <-ctx.Done():
			return since, fmt.Errorf("%w, while waiting until %s:\n%s", context.Cause(ctx), what, c.beliefs())
		}
	}
	return since, nil
}

// beliefs is a table: a row for each member, a column for each who believes.
func (c *cluster) beliefs() string {
	var b strings.Builder
	row := func(head string, cell func(*process) string) {
		text := fmt.Sprintf("  %-8s", head)
		for _, p := range c.running {
			text += fmt.Sprintf(" %-12s", cell(p))
		}
		fmt.Fprintln(&b, strings.TrimRight(text, " "))
	}
	row("", func(p *process) string { return p.name + " says" })
	for _, subject := range c.started {
		row(subject.name, func(p *process) string {
			m, ok := p.members[subject.name]
			if !ok {
				return "-"
			}
			return m.State.String()
		})
	}
	return b.String()
}

// end ends all processes that still run, and returns when they have.
func (c *cluster) end() {
	for _, p := range c.started {
		// Without standard input a node ends by itself. That of some is closed,
		// and one has been killed: how they ended was looked at where it mattered.
		_ = p.stdin.Close()
		_ = p.cmd.Wait()
	}
}
