package swim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/transport"
)

const (
	// maxParallelJoins is how many seeds one Join asks at a time.
	maxParallelJoins = 16
	// maxSeedAddrs is how many addresses one Join asks in all; a name may have
	// any number of them.
	maxSeedAddrs = 256
)

// Join makes this node a member of the cluster that the seeds belong to. It
// resolves all of them, host names to all their addresses, exchanges tables with
// each, and returns how many distinct members answered. It may be called at any
// time and again, to merge clusters too. Naming this node itself does no harm:
// its own address is skipped, and with no other seed there is nothing to do.
//
// It returns when all seeds have answered or failed, or ctx has ended. As long
// as one has answered there is no error. Otherwise the error wraps [ErrNoAnswer]
// and, one for each seed, what went wrong and what to do about it; the node goes
// on, and Join may be called again. After Leave it is [ErrLeft], after Close
// [ErrClosed].
//
// A seed is host, host:port, ip or ip:port, with port 7946 where it has none. A
// Transport of your own whose addresses are not of the form ip:port is given the
// seeds as they are.
func (n *Node) Join(ctx context.Context, seeds ...string) (int, error) {
	if err := n.driver.usable(ctx); err != nil {
		return 0, err
	}
	found, problems := n.resolve(ctx, seeds)
	if len(found) == 0 && len(problems) == 0 {
		return 0, nil
	}
	answered, silent := n.ask(ctx, found, (*core.Machine).Join)
	problems = append(problems, silent...)
	if len(answered) > 0 {
		if len(problems) > 0 {
			n.log.warn("some seeds did not answer", "answered", len(answered), "error", errors.Join(problems...))
		}
		return len(answered), nil
	}
	if err := n.driver.usable(context.Background()); err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("%w: %w", ErrNoAnswer, errors.Join(problems...))
}

// joining is how the Machine is told to exchange tables: Join or Rejoin.
type joining func(m *core.Machine, now time.Duration, addr string) uint32

// ask exchanges tables with all seeds, and returns who answered.
func (n *Node) ask(ctx context.Context, seeds []seed, how joining) (answered map[string]bool, problems []error) {
	var (
		mu     sync.Mutex
		asking sync.WaitGroup
		slots  = make(chan struct{}, maxParallelJoins)
	)
	answered = make(map[string]bool)
	for _, s := range seeds {
		asking.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			by, err := n.driver.join(ctx, s.addr, how)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				problems = append(problems, n.seedProblem(s, err))
				return
			}
			answered[by] = true
		})
	}
	asking.Wait()
	return answered, problems
}

// seed is one address to ask, and what the user wrote for it.
type seed struct{ text, addr string }

// resolve finds the addresses of all seeds at once, without repeats and without
// our own.
func (n *Node) resolve(ctx context.Context, texts []string) (found []seed, problems []error) {
	addrs := make([][]string, len(texts))
	errs := make([]error, len(texts))
	var resolving sync.WaitGroup
	for i, text := range texts {
		if !n.resolves {
			addrs[i] = []string{text}
			continue
		}
		resolving.Go(func() { addrs[i], errs[i] = transport.Resolve(ctx, text, defaultPort) })
	}
	resolving.Wait()

	seen := make(map[string]bool)
	for i, text := range texts {
		if errs[i] != nil {
			problems = append(problems, fmt.Errorf("seed %q: %w", text, errs[i]))
		}
		for _, addr := range addrs[i] {
			if seen[addr] || n.isOwn(addr) {
				continue
			}
			seen[addr] = true
			if len(found) == maxSeedAddrs {
				problems = append(problems, fmt.Errorf("seed %q: more than %d addresses in all", text, maxSeedAddrs))
				break
			}
			found = append(found, seed{text, addr})
		}
	}
	return found, problems
}

// isOwn reports whether a packet to addr would come to this node.
func (n *Node) isOwn(addr string) bool {
	if addr == n.Local().Addr || addr == n.transport.Addr() {
		return true
	}
	if !n.anyAddr {
		return false
	}
	// Bound to all addresses of the machine, each of them is ours.
	to, err := netip.ParseAddrPort(addr)
	own, err2 := netip.ParseAddrPort(n.transport.Addr())
	if err != nil || err2 != nil || to.Port() != own.Port() {
		return false
	}
	if to.Addr().IsLoopback() {
		return true
	}
	local, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(local, func(a net.Addr) bool {
		p, ok := a.(*net.IPNet)
		return ok && p.IP.Equal(net.IP(to.Addr().AsSlice()))
	})
}

// seedProblem says why a seed did not answer, and what to do.
func (n *Node) seedProblem(s seed, err error) error {
	name := strconv.Quote(s.text)
	if s.addr != s.text {
		name += " (" + s.addr + ")"
	}
	var refused *RefusedError
	remedy := "is a node of this cluster running there, and does the network let UDP and TCP through to it?"
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("seed %s: %w", name, err)
	case errors.Is(err, errUnanswered):
		remedy = fmt.Sprintf("it may be of another cluster than %q, have another Sealer or Codec, be asked by too many at once, or another node may have our name %q",
			n.cluster, n.Local().Name)
	case errors.Is(err, errBusy):
		remedy = "join again in a while, or raise Config.MaxStreams"
	}
	if isLoopback(n.transport.Addr()) && isIPPort(s.addr) && !isLoopback(s.addr) {
		remedy = fmt.Sprintf("this node listens on %s only, which nobody elsewhere reaches: set Config.Bind, or start from LAN()",
			n.transport.Addr())
	}
	return fmt.Errorf("seed %s: %w; %s", name, err, remedy)
}

// answer is how one question of a Join ended: which member answered, or why none.
type answer struct {
	by  string
	err error
}

// waiter is a Join that waits for one answer, until its asker's context ends.
type waiter struct {
	asker context.Context
	ended chan<- answer // has room for it
}

// errUnanswered: the Machine gave the question up.
var errUnanswered = errors.New("swim: no answer")

// usable returns why nothing new can be begun, if so.
func (d *driver) usable(ctx context.Context) error {
	var left bool
	err := d.do(ctx, func(time.Duration) { left = d.hasLeft() })
	if err == nil && left {
		return ErrLeft
	}
	return err
}

// join asks the member at an address for its table, and returns its name.
func (d *driver) join(ctx context.Context, addr string, how joining) (string, error) {
	if err := d.visit(ctx, addr); err != nil {
		return "", err
	}
	ended := make(chan answer, 1)
	var seq uint32
	err := d.input(ctx, func(now time.Duration) {
		seq = how(d.machine, now, addr)
		d.answers[seq] = waiter{ctx, ended}
	})
	if err != nil {
		return "", err
	}
	select {
	case a := <-ended:
		return a.by, a.err
	case <-d.closing:
		return "", ErrClosed
	case <-ctx.Done():
	}
	_ = d.do(context.WithoutCancel(ctx), func(now time.Duration) {
		delete(d.answers, seq)
		d.machine.Abandon(now, seq)
		d.flush()
	})
	return "", ctx.Err()
}

// answer ends the wait for a question. The loop calls it.
func (d *driver) answer(seq uint32, a answer) {
	if w, ok := d.answers[seq]; ok {
		delete(d.answers, seq)
		w.ended <- a
	}
}
