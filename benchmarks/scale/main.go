// Command scale runs many nodes in one process with the defaults of LAN, and times
// what a user waits for: until all see all after a join at full speed, until
// all know of a change, a departure and a crash. It counts false suspicions
// meanwhile.
//
//	go run ./scale            128 nodes, two idle minutes
//	go run ./scale -quick     32 nodes, ten idle seconds
//	go run ./scale -largest   how many nodes can one process run without a false suspicion?
//	go run ./scale -simulator what does a node cost in the simulator?
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/transport"
)

func main() {
	var f flags
	flag.IntVar(&f.nodes, "nodes", 0, "how many nodes, at most with -largest and -simulator; 0 takes 128, or 32 with -quick, and there 2048 and 2000, or 64 and 500")
	flag.DurationVar(&f.idle, "idle", 0, "how long to watch them idle; 0 takes 2m, or 10s with -quick, and there 20s, or 5s")
	flag.StringVar(&f.transport, "transport", "", "udp or memory; if empty udp, and with -largest both")
	flag.BoolVar(&f.largest, "largest", false, "look for the largest cluster without a false suspicion")
	flag.BoolVar(&f.simulator, "simulator", false, "measure what a node costs in the simulator")
	flag.DurationVar(&f.limit, "limit", 0, "how long -largest may take on each transport; 0 takes 5m, or 30s with -quick")
	o := report.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := f.run(ctx, o); err != nil {
		report.Exit(err)
	}
}

type flags struct {
	nodes              int
	idle, limit        time.Duration
	transport          string
	largest, simulator bool
}

// run does what the flags ask for.
func (f *flags) run(ctx context.Context, o *report.Options) error {
	names := []string{f.transport}
	switch {
	case f.transport == "":
		names = pick(f.largest, []string{"udp", "memory"}, []string{"udp"})
	case f.transport != "udp" && f.transport != "memory":
		return fmt.Errorf("-transport: no transport %q; there are udp and memory", f.transport)
	}
	if f.largest && f.simulator {
		return errors.New("-largest and -simulator are runs of their own")
	}
	r := report.New(o)
	switch {
	case f.simulator:
		simulate(r, o, or(f.nodes, pick(o.Quick, 500, 2000)), or(f.idle, pick(o.Quick, 5*time.Second, 20*time.Second)))
		return nil
	case f.largest:
		for _, name := range names {
			l := ladder{
				transport: name, network: func() cluster.Listen { return network(name, o.Seed) }, least: 32, most: or(f.nodes, pick(o.Quick, 64, 2048)),
				idle: or(f.idle, pick(o.Quick, 5*time.Second, 20*time.Second)), limit: or(f.limit, pick(o.Quick, 30*time.Second, 5*time.Minute)),
			}
			if err := l.climb(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}
	return measure(ctx, r, names[0], network(names[0], o.Seed), or(f.nodes, pick(o.Quick, 32, 128)), or(f.idle, pick(o.Quick, 10*time.Second, 2*time.Minute)))
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func or[T comparable](given, otherwise T) T {
	var zero T
	if given != zero {
		return given
	}
	return otherwise
}

// network is where the nodes of one cluster meet.
func network(transportName string, seed uint64) cluster.Listen {
	if transportName == "udp" {
		return nil
	}
	n := transport.NewMemoryNetwork(seed)
	return func(name string) (swim.Transport, error) { return n.Listen(name) }
}

// patience is how long each wait may take before the run is given up.
const patience = time.Minute

func idle(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// measure is the plain run: one size, and all that can happen to it.
func measure(ctx context.Context, r *report.Report, transportName string, listen cluster.Listen, nodes int, quiet time.Duration) error {
	r.Title("%d nodes in one process, %s, defaults of LAN", nodes, transportName)
	setting := pick(transportName == "udp", fmt.Sprintf("n=%d", nodes), fmt.Sprintf("%s, n=%d", transportName, nodes))
	add := func(metric string, value float64, unit, reference string) {
		row := report.Row{Experiment: "scale", Setting: setting, Metric: metric, Value: value, Unit: unit, Reference: reference}
		if reference != "" {
			row.Source = "memberlist v0.7.0 on such a machine"
		}
		r.Add(row)
	}
	c, err := cluster.Start(ctx, nodes, listen)
	if err != nil {
		return err
	}
	defer c.Close()

	joining, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	joined, settled, err := c.JoinAll(joining)
	if err != nil {
		return err
	}
	add("joins at full speed", joined.Seconds(), "s", "")
	add("all see all after the last join", (settled - joined).Seconds(), "s", "")
	suspectedBefore := c.Suspicions()
	before := c.Usage()
	idle(ctx, quiet)
	after := c.Usage()
	perNode := quiet.Seconds() * float64(nodes)
	suspicions := c.Suspicions() - suspectedBefore
	add("idle", quiet.Seconds(), "s", "")
	add("suspicions while idle", float64(suspicions), "", "")
	add("idle CPU per node", (after.CPU-before.CPU).Seconds()*1000/perNode, "ms/s", "")
	add("idle garbage per node", float64(after.Allocated-before.Allocated)/perNode/1024, "KiB/s", "")
	add("idle packets per node", float64(after.Packets-before.Packets)/perNode, "/s", "")
	add("idle bytes per node", float64(after.Bytes-before.Bytes)/perNode, "B/s", "")

	for _, change := range changes(c) {
		waiting, cancel := context.WithTimeout(ctx, patience)
		first, last, err := change.do(waiting)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", change.name, err)
		}
		add(change.name+", known to the first", first.Seconds(), "s", "")
		add(change.name+", known to all", last.Seconds(), "s", change.reference[nodes])
	}
	add("suspicions of live nodes in all", float64(c.Suspicions()-suspectedBefore), "", "")
	add("failures of live nodes in all", float64(c.Failures()), "", "")
	r.Flush()
	if suspicions > 0 || c.Failures() > 0 {
		return errors.New("a live node was accused")
	}
	return nil
}

// change is something that all nodes are to hear of.
type change struct {
	name      string
	do        func(context.Context) (first, last time.Duration, err error)
	reference map[int]string // by size
}

func changes(c *cluster.Cluster) []change {
	n := len(c.Nodes)
	return []change{
		{
			"metadata update",
			func(ctx context.Context) (first, last time.Duration, err error) { return c.Update(ctx, n/2, "changed") },
			map[int]string{128: "0.6"},
		},
		{
			"leave",
			func(ctx context.Context) (first, last time.Duration, err error) { return c.Leave(ctx, n/3) },
			map[int]string{128: "0.6"},
		},
		{
			"kill",
			func(ctx context.Context) (first, last time.Duration, err error) { return c.Kill(ctx, n/4) },
			map[int]string{128: "11.9", 32: "7.9"},
		},
	}
}
