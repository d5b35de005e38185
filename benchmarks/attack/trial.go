package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

// attack is one kind of hostility.
type attack struct {
	name, title string
	// wage attacks until ctx ends.
	wage func(ctx context.Context, p *plan, v *victim) error
}

// attacks are all but amplification, in the order in which they are run.
var attacks = []attack{
	{"random", "a flood of random bytes", flood(randomPackets)},
	{"foreign", "a flood of well-formed packets of another cluster", flood(foreignPackets)},
	{"pings", "a flood of well-formed pings from an unknown sender", flood(pingPackets)},
	{"joins", "a flood of questions for the table, in packets", flood(joinPackets)},
	{"joinstreams", "joins over streams, without end", joinStreams},
	{"silent", "streams that are opened and say nothing", slowStreams(0)},
	{"trickle", "streams that say one byte a second", slowStreams(time.Second)},
}

// victim is the node under attack, and what was done to it so far.
type victim struct {
	addr, name string
	rng        *rand.Rand
	did        atomic.Int64 // packets sent or streams opened
	own        atomic.Int64 // goroutines of the attack
}

const (
	// patience is how long each wait may take: an attack lasts no longer than its
	// time and this.
	patience = 30 * time.Second
	// calm is how long a cluster is left alone before an attack, and after it.
	calm = time.Second
	// early is how long after the attack's begin a node is killed, and another
	// one joins.
	early = 500 * time.Millisecond
	// doomed is who is killed; the victim is the first.
	doomed = 3
)

// errAccused: what must never happen did.
var errAccused = errors.New("nodes that run were accused")

// trial attacks a cluster of its own. The error says what the attack achieved.
func (p *plan) trial(ctx context.Context, r *report.Report, a *attack) error {
	r.Title("%s: %s, at one of %d nodes", a.name, a.title, p.nodes)
	c, err := p.form(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	survivors := append(c.Nodes[:doomed:doomed], c.Nodes[doomed+1:]...)
	v := &victim{addr: c.Nodes[0].Local().Addr, name: c.Nodes[0].Local().Name, rng: rand.New(rand.NewPCG(p.seed, 0))}

	rest(ctx, calm)
	heap, goroutines := cluster.HeapBytes(), runtime.NumGoroutine()
	before, shedBefore, read := c.Usage(), shed(survivors), c.Nodes[0].Stats().PacketsIn

	canary := cluster.StartCanary()
	attacking, stop := context.WithTimeout(ctx, p.length+patience)
	defer stop()
	var waging sync.WaitGroup
	var failed error
	begin := time.Now()
	waging.Go(func() { failed = a.wage(attacking, p, v) })
	rest(attacking, early)
	var joined time.Duration
	var refused error
	waging.Go(func() { joined, refused = newcomer(attacking, v.addr) })
	_, known, undetected := c.Kill(attacking, doomed)
	rest(attacking, p.length-time.Since(begin))

	during, open := c.Usage(), c.Nodes[0].Stats().StreamsIn
	busy, lasted, did := runtime.NumGoroutine()-int(v.own.Load()), time.Since(begin), v.did.Load()
	rarely, most := canary.Stop()
	stop()
	waging.Wait()
	rest(ctx, calm)

	add := func(metric string, value float64, unit string) { p.add(r, a.name, metric, value, unit) }
	add("attack", lasted.Seconds(), "s")
	add("packets sent or streams opened", float64(did), "")
	add("and a second", float64(did)/lasted.Seconds(), "/s")
	add("packets that the victim read", float64(c.Nodes[0].Stats().PacketsIn-read), "")
	add("suspicions of nodes that run", float64(c.Suspicions()), "")
	add("failures of nodes that run", float64(c.Failures()), "")
	if undetected == nil {
		add("kill, known to all", known.Seconds(), "s")
	}
	if refused == nil {
		add("join through the victim", joined.Seconds(), "s")
	} else {
		add("joins through the victim that failed", 1, "")
	}
	add("CPU of all processors, the attack's included", during.Share(&before), "%")
	add("timers late, 99 %", float64(rarely)/1e6, "ms")
	add("timers late, longest", float64(most)/1e6, "ms")
	add("stalls noticed", float64(during.Stalls-before.Stalls), "")
	add("heap before", float64(heap)/1024, "KiB")
	add("heap after", float64(cluster.HeapBytes())/1024, "KiB")
	add("goroutines before", float64(goroutines), "")
	add("goroutines during, the attack's left out", float64(busy), "")
	add("goroutines after", float64(runtime.NumGoroutine()), "")
	add("streams open at the victim", float64(open), "")
	for _, s := range shed(survivors).since(shedBefore) {
		add(s.name, float64(s.count), "")
	}
	r.Flush()
	if refused != nil {
		r.Note("A join through the victim failed: %v.", refused)
	}
	return errors.Join(failed, undetected, accused(c))
}

// form makes a cluster in which all see all.
func (p *plan) form(ctx context.Context) (*cluster.Cluster, error) {
	c, err := cluster.Start(ctx, p.nodes, nil)
	if err != nil {
		return nil, err
	}
	joining, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, _, err := c.JoinAll(joining); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func accused(c *cluster.Cluster) error {
	if s, f := c.Suspicions(), c.Failures(); s > 0 || f > 0 {
		return fmt.Errorf("%w: %d suspicions, %d failures", errAccused, s, f)
	}
	return nil
}

// newcomer joins through the victim, as others must be able to meanwhile, and
// tells how long that took.
func newcomer(ctx context.Context, through string) (time.Duration, error) {
	node, err := cluster.StartNode(ctx, "newcomer", nil)
	if err != nil {
		return 0, err
	}
	defer func() { <-ctx.Done(); _ = node.Close() }() // a member that fails is not what is looked at
	begin := time.Now()
	joining, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = node.Join(joining, through)
	return time.Since(begin), err
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (p *plan) add(r *report.Report, name, metric string, value float64, unit string) {
	r.Add(report.Row{Experiment: "attack", Setting: fmt.Sprintf("%s, n=%d", name, p.nodes), Metric: metric, Value: value, Unit: unit})
}
