package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/swim-go/swim"
)

const (
	hosts = 3
	// hostCable is the end of a cable at a host, labCable the other, with the
	// host's number.
	hostCable = "cable"
	labCable  = "host"
	bridge    = "bridge"
)

// runLab starts this program again as the lab, in namespaces of its own: of users,
// where it is root; of networks, where the bridge is; and of processes, so that all
// are killed when it ends in whatever way.
func runLab(ctx context.Context) error {
	if _, err := exec.LookPath("ip"); err != nil {
		return fmt.Errorf("%w: %w", errUnsupported, err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), role+"=lab")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	if _, err := cmd.StdinPipe(); err != nil { // its end is our end
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", errUnsupported, err)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("the lab ended: %w", err)
	}
	return nil
}

// lab is the hosts and what their nodes have said. mu guards what their readers
// write.
type lab struct {
	mu      sync.Mutex
	hosts   []*process
	heard   []saying
	changed chan struct{}
	readers sync.WaitGroup
}

// process is one host.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *json.Decoder
	view  map[string]swim.EventKind // the last event of each member
	stats *swim.Stats               // once it has ended
}

// saying is one event that a node told of.
type saying struct {
	at       time.Time
	by, name string
	kind     swim.EventKind
}

// startLab makes a bridge and starts the hosts on it.
func startLab(ctx context.Context, forgetAfter time.Duration) (*lab, error) {
	if err := errors.Join(ip(ctx, "link add "+bridge+" type bridge"), ip(ctx, "link set "+bridge+" up")); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnsupported, err)
	}
	l := &lab{changed: make(chan struct{}, 1)}
	var seeds []string
	for i := range hosts {
		seeds = append(seeds, address(i))
	}
	for i := range hosts {
		h := host{Name: fmt.Sprint("host", i), Addr: address(i), Seeds: seeds, ForgetAfter: forgetAfter}
		if err := l.start(ctx, i, h); err != nil {
			l.end(ctx)
			return nil, err
		}
	}
	return l, nil
}

func address(i int) string { return fmt.Sprint("10.77.0.", i+1) }

// start starts the process of a host in a namespace, and lays its cable there.
func (l *lab) start(ctx context.Context, i int, h host) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	told, err := json.Marshal(h)
	if err != nil {
		return err
	}
	p := &process{name: h.Name, cmd: exec.CommandContext(ctx, self), view: make(map[string]swim.EventKind)}
	p.cmd.Env = append(os.Environ(), role+"="+string(told))
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.lines = json.NewDecoder(bufio.NewReader(stdout))
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", errUnsupported, err)
	}
	l.hosts = append(l.hosts, p)
	var first line
	if err := p.lines.Decode(&first); err != nil || !first.Ready {
		return fmt.Errorf("%s does not begin: %w", p.name, err)
	}
	cable := fmt.Sprint(labCable, i)
	for _, args := range []string{
		fmt.Sprintf("link add %s type veth peer name %s netns %d", cable, hostCable, p.cmd.Process.Pid),
		fmt.Sprintf("link set %s master %s", cable, bridge),
		fmt.Sprintf("link set %s up", cable),
	} {
		if err := ip(ctx, args); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(p.stdin, "plugged\n"); err != nil {
		return err
	}
	l.readers.Go(func() { l.read(p) })
	return nil
}

func (l *lab) read(p *process) {
	for {
		var said line
		if p.lines.Decode(&said) != nil {
			return // it ended
		}
		l.mu.Lock()
		if said.Stats != nil {
			p.stats = said.Stats
		} else {
			p.view[said.Name] = said.Kind
			l.heard = append(l.heard, saying{time.Now(), p.name, said.Name, said.Kind})
		}
		l.mu.Unlock()
		select {
		case l.changed <- struct{}{}:
		default:
		}
	}
}

// cable pulls out the cable of a host, or plugs it in.
func (l *lab) cable(ctx context.Context, i int, state string) error {
	return ip(ctx, fmt.Sprintf("link set %s%d %s", labCable, i, state))
}

// until waits until something holds, with mu held, and returns how long that took.
func (l *lab) until(ctx context.Context, limit time.Duration, what string, holds func() bool) (time.Duration, error) {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		l.mu.Lock()
		ok := holds()
		l.mu.Unlock()
		if ok {
			return time.Since(begin), nil
		}
		select {
		case <-l.changed:
		case <-ctx.Done():
			return 0, fmt.Errorf("%s: not within %v: %w", what, limit, ctx.Err())
		}
	}
}

// allLive reports whether every node holds every node for live.
func (l *lab) allLive() bool {
	for _, p := range l.hosts {
		live := 0
		for _, kind := range p.view {
			if kind == swim.EventJoined || kind == swim.EventRecovered || kind == swim.EventUpdated {
				live++
			}
		}
		if live != hosts {
			return false
		}
	}
	return true
}

// end ends all hosts, and with them their cables. The bridge is the lab's, which may
// start again.
func (l *lab) end(ctx context.Context) {
	for _, p := range l.hosts {
		_ = p.stdin.Close()
	}
	l.readers.Wait()
	for i, p := range l.hosts {
		_ = p.cmd.Wait()
		// It ends with the namespace of its other end, but not at once.
		_ = ip(ctx, fmt.Sprint("link del ", labCable, i))
	}
	_ = ip(ctx, "link del "+bridge)
}
