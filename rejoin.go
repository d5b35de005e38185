package swim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// A cluster that was cut for so long that its parts have forgotten each other has
// nothing left in its tables to heal from (see Config.HealInterval for what it does
// until then). What lasts is where a node was told to begin: its seeds, resolved anew,
// and the snapshot of whom it knew.

const (
	// minRejoinPause is how soon a node that knows nobody asks again. The pause
	// doubles up to Config.RejoinInterval: at a start the seeds may be a second
	// late, and later they may be gone for a day.
	minRejoinPause = time.Second
	// maxRejoinInterval bounds Config.RejoinInterval.
	maxRejoinInterval = 24 * time.Hour
	// maxRejoinAsks is how many addresses a node that knows nobody asks at a time.
	// Others ask one.
	maxRejoinAsks = 3
	// defaultRejoinInterval is the default of Config.RejoinInterval.
	defaultRejoinInterval = 30 * time.Second
	// rejoinShare is how many members of a cluster, of whatever size, ask a seed
	// within a RejoinInterval, on average: each draws whether it is one of them.
	rejoinShare = 4
	// seedsTimeout bounds a call of a SeedProvider, and rejoinTimeout a round with
	// all that it asks.
	seedsTimeout  = 10 * time.Second
	rejoinTimeout = time.Minute
)

// errSeedsBusy: the SeedProvider has not returned from its last call.
var errSeedsBusy = errors.New("swim: the SeedProvider is still busy with the call before")

// rejoin is the goroutine that looks for members at the seeds: when the node has
// started, when it is alone or cut off, and else, seldom, at those of the seeds where
// no live member is. The last joins clusters that came about apart: two nodes that
// began with each other for a seed would be content, and never look at a third.
type rejoin struct {
	node     *Node
	provider SeedProvider // nil without
	snapshot *snapshot    // nil without
	interval time.Duration
	calling  chan struct{} // holds a token while the provider is called

	// nobody says that there is none but this node at the seeds, and none in the
	// snapshot: this node is the cluster.
	nobody        atomic.Bool
	asked, failed atomic.Uint64
}

func newRejoin(n *Node, c *Config, s *snapshot) *rejoin {
	return &rejoin{
		node: n, provider: c.Seeds, snapshot: s, interval: c.RejoinInterval,
		calling: make(chan struct{}, 1),
	}
}

// run asks until the node is closed or has left, or, where the interval is negative,
// has met somebody.
func (r *rejoin) run() {
	pause, quiet, was := minRejoinPause, false, company
	for {
		now := r.standing()
		switch {
		case now == gone || now == company && r.interval < 0:
			return
		case now == company && was != cutOff:
			quiet = false
			r.lookAround()
		default:
			// Who was cut off, and is not any more, knows addresses that answer, and
			// may not be known there.
			quiet = !r.findSomebody(quiet)
		}
		was = now
		wait := r.mostPause()
		if now = r.standing(); now == alone || now == cutOff {
			wait = min(pause, wait)
			pause = min(2*pause, r.mostPause())
		} else {
			pause = minRejoinPause
		}
		if !r.sleep(wait*3/4 + rand.N(wait/2+1)) {
			return
		}
	}
}

// mostPause is how long a round may be from the next, but for the jitter.
func (r *rejoin) mostPause() time.Duration {
	if r.interval < 0 {
		return defaultRejoinInterval
	}
	return r.interval
}

// sleep returns false if the node closes meanwhile.
func (r *rejoin) sleep(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.node.driver.closing:
		return false
	}
}

// standing is how a node stands among the others.
type standing int

const (
	gone    standing = iota + 1 // it takes part no more
	alone                       // it knows of nobody else that lives
	cutOff                      // it hears nothing of any of them
	company                     // neither
)

func (r *rejoin) standing() (s standing) {
	d := r.node.driver
	err := d.do(d.context, func(time.Duration) {
		switch {
		case d.hasLeft():
			s = gone
		case d.machine.Len() <= 1:
			s = alone
		case d.machine.Isolated():
			s = cutOff
		default:
			s = company
		}
	})
	if err != nil {
		return gone
	}
	return s
}

// findSomebody asks a few of the seeds and of the members in the snapshot. It
// returns false if nobody answered, and says so, unless it is to be quiet.
func (r *rejoin) findSomebody(quiet bool) bool {
	ctx, cancel := context.WithTimeout(r.node.driver.context, rejoinTimeout)
	defer cancel()
	found, problems := r.seeds(ctx)
	remembered := r.remembered(ctx)
	if r.nobody.Store(len(found)+len(remembered)+len(problems) == 0); r.nobody.Load() {
		return true
	}
	answered, failed := r.ask(ctx, alternate(found, remembered, maxRejoinAsks))
	problems = append(problems, failed...)
	switch {
	case answered > 0:
		r.node.log.info("found the cluster", "answered", answered)
	case !quiet:
		r.node.log.warn("alone, and no seed answers: goes on asking", "error", errors.Join(problems...))
	}
	return answered > 0
}

// lookAround asks one of the seeds where no live member is, if it is this node's
// turn.
func (r *rejoin) lookAround() {
	if r.provider == nil || rand.N(max(len(r.node.Members()), 1)) >= rejoinShare {
		return
	}
	ctx, cancel := context.WithTimeout(r.node.driver.context, rejoinTimeout)
	defer cancel()
	found, problems := r.seeds(ctx)
	live := make(map[string]bool)
	for _, m := range r.node.Members() {
		live[m.Addr] = true
	}
	for _, s := range found {
		if !live[s.addr] {
			_, failed := r.ask(ctx, []seed{s})
			problems = append(problems, failed...)
			break
		}
	}
	if len(problems) > 0 && r.node.log.debugs() {
		r.node.log.debug("seeds without a live member", "error", errors.Join(problems...))
	}
}

// ask asks for tables, and counts who answered.
func (r *rejoin) ask(ctx context.Context, seeds []seed) (int, []error) {
	r.asked.Add(uint64(len(seeds)))
	answered, problems := r.node.ask(ctx, seeds, (*core.Machine).Rejoin)
	r.failed.Add(uint64(len(problems)))
	return len(answered), problems
}

// seeds returns the addresses of all seeds but our own, in random order.
func (r *rejoin) seeds(ctx context.Context) ([]seed, []error) {
	if r.provider == nil {
		return nil, nil
	}
	texts, err := r.call(ctx)
	if err != nil {
		return nil, []error{err}
	}
	return r.resolve(ctx, texts)
}

// remembered returns the addresses in the snapshot, in random order.
func (r *rejoin) remembered(ctx context.Context) []seed {
	if r.snapshot == nil {
		return nil
	}
	found, _ := r.resolve(ctx, r.snapshot.addrs())
	return found
}

// resolve may be given more than it looks at. Which it takes is left to chance, so
// that all have their turn.
func (r *rejoin) resolve(ctx context.Context, texts []string) ([]seed, []error) {
	texts = append([]string{}, texts...) // the provider's own
	rand.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
	found, problems := r.node.resolve(ctx, texts[:min(len(texts), maxSeedAddrs)])
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	return found, problems
}

// call asks the provider, which is not ours: it may block for ever, and then it
// is left to itself, or panic.
func (r *rejoin) call(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, seedsTimeout)
	defer cancel()
	select {
	case r.calling <- struct{}{}:
	default:
		return nil, errSeedsBusy
	}
	var (
		texts  []string
		err    error
		called = make(chan struct{})
	)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				r.node.driver.counters.panics.Add(1)
				err = fmt.Errorf("swim: the SeedProvider panicked: %v", p)
			}
			<-r.calling
			close(called)
		}()
		texts, err = r.provider.Seeds(ctx)
	}()
	select {
	case <-called:
	case <-ctx.Done():
		return nil, fmt.Errorf("swim: the SeedProvider took too long: %w", ctx.Err())
	}
	if err != nil {
		return nil, err
	}
	return texts, nil
}

// alternate takes up to n of a and b in turn, without repeats.
func alternate(a, b []seed, n int) []seed {
	var taken []seed
	seen := make(map[string]bool)
	for len(taken) < n && len(a)+len(b) > 0 {
		if len(a) > 0 {
			if !seen[a[0].addr] {
				taken, seen[a[0].addr] = append(taken, a[0]), true
			}
			a = a[1:]
		}
		a, b = b, a
	}
	return taken
}
