package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/swim-go/swim"
)

// process is one node and what it has reported.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
	live  map[string]bool // whom it holds for live and not suspect
}

// cluster is all processes. mu guards what their readers write.
type cluster struct {
	mu        sync.Mutex
	processes []*process
	stopped   map[string]bool // now, or a moment ago
	o         outcome
	changed   chan struct{}
	readers   sync.WaitGroup
}

// outcome is what was said of processes that ran all the time.
type outcome struct {
	failures, suspicions int
	recovered            time.Duration
}

func startCluster(ctx context.Context, n int) (*cluster, error) {
	c := &cluster{stopped: make(map[string]bool), changed: make(chan struct{}, 1)}
	seed := ""
	for i := range n {
		addr, err := c.start(ctx, fmt.Sprintf("node%02d", i), seed)
		if err != nil {
			c.end()
			return nil, err
		}
		if seed == "" {
			seed = addr
		}
	}
	if _, err := c.agree(ctx); err != nil {
		c.end()
		return nil, fmt.Errorf("the cluster does not form: %w", err)
	}
	return c, nil
}

// start starts one process and returns its address.
func (c *cluster) start(ctx context.Context, name, seed string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	args := []string{child, name}
	if seed != "" {
		args = append(args, seed)
	}
	p := &process{name: name, cmd: exec.CommandContext(ctx, self, args...), live: make(map[string]bool)}
	p.cmd.Stderr = os.Stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := p.cmd.Start(); err != nil {
		return "", err
	}
	p.stdin = stdin
	c.mu.Lock()
	c.processes = append(c.processes, p)
	c.mu.Unlock()
	lines := json.NewDecoder(bufio.NewReader(stdout))
	var first line
	if err := lines.Decode(&first); err != nil {
		return "", fmt.Errorf("%s said nothing: %w", name, err)
	}
	c.readers.Go(func() { c.read(p, lines) })
	return first.Addr, nil
}

func (c *cluster) read(p *process, lines *json.Decoder) {
	for {
		var l line
		if lines.Decode(&l) != nil {
			return // it ended
		}
		c.mu.Lock()
		switch l.Kind {
		case swim.EventJoined, swim.EventRecovered:
			p.live[l.Name] = true
		case swim.EventSuspected, swim.EventFailed, swim.EventLeft:
			delete(p.live, l.Name)
			if !c.stopped[l.Name] && l.Kind == swim.EventFailed {
				c.o.failures++
			}
			if !c.stopped[l.Name] && l.Kind == swim.EventSuspected {
				c.o.suspicions++
			}
		}
		c.mu.Unlock()
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
}

// stopSome stops processes for a while, continues them, and waits until all
// processes see all again.
func (c *cluster) stopSome(ctx context.Context, which []int, d time.Duration) (outcome, error) {
	c.mu.Lock()
	c.o = outcome{}
	clear(c.stopped)
	for _, i := range which {
		c.stopped[c.processes[i].name] = true
	}
	c.mu.Unlock()
	if err := c.signal(which, syscall.SIGSTOP); err != nil {
		return outcome{}, err
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	if err := c.signal(which, syscall.SIGCONT); err != nil {
		return outcome{}, err
	}
	recovered, err := c.agree(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.o.recovered = recovered
	return c.o, err
}

func (c *cluster) signal(which []int, s syscall.Signal) error {
	for _, i := range which {
		if err := c.processes[i].cmd.Process.Signal(s); err != nil {
			return fmt.Errorf("%v to %s: %w", s, c.processes[i].name, err)
		}
	}
	return nil
}

// quiet is for how long all must have agreed before it is believed.
const quiet = 3 * time.Second

// agree waits until every process has held all for live for a while, and returns
// how long it took until it began to.
func (c *cluster) agree(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, recovery)
	defer cancel()
	begin := time.Now()
	since := time.Time{}
	for {
		switch {
		case !c.allLive():
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		case time.Since(since) >= quiet:
			return since.Sub(begin), nil
		}
		select {
		case <-c.changed:
		case <-time.After(quiet / 10):
		case <-ctx.Done():
			return 0, fmt.Errorf("no agreement: %w", ctx.Err())
		}
	}
}

func (c *cluster) allLive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.processes {
		if len(p.live) != len(c.processes) {
			return false
		}
	}
	return true
}

// end ends all processes that were started here.
func (c *cluster) end() {
	for i, p := range c.processes {
		_ = c.signal([]int{i}, syscall.SIGCONT) // it may have ended
		_ = p.stdin.Close()
	}
	for _, p := range c.processes {
		_ = p.cmd.Wait()
	}
	c.readers.Wait()
}
