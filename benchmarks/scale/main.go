// Command scale runs many nodes in one process, over real sockets on the
// loopback interface with the defaults of LAN, and times what a user waits for:
// until all see all after a join at full speed, until all know of a change, a
// departure and a crash. It counts false suspicions while nothing happens.
//
//	go run ./scale            128 nodes, two idle minutes
//	go run ./scale -quick     32 nodes, ten idle seconds
package main

import (
	"context"
	"flag"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

func main() {
	nodes := flag.Int("nodes", 0, "how many nodes; 0 takes 128, or 32 with -quick")
	idle := flag.Duration("idle", 0, "how long to watch them idle; 0 takes 2m, or 10s with -quick")
	o := report.Parse()
	if *nodes == 0 {
		*nodes = pick(o.Quick, 32, 128)
	}
	if *idle == 0 {
		*idle = pick(o.Quick, 10*time.Second, 2*time.Minute)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, report.New(o), *nodes, *idle); err != nil {
		report.Exit(err)
	}
}

func pick[T any](quick bool, small, full T) T {
	if quick {
		return small
	}
	return full
}

// How long each wait may take before the run is given up.
const patience = time.Minute

func run(ctx context.Context, r *report.Report, nodes int, idle time.Duration) error {
	r.Title("%d nodes in one process, loopback, defaults of LAN", nodes)
	setting := fmt.Sprintf("n=%d", nodes)
	add := func(metric string, value float64, unit, reference string) {
		row := report.Row{Experiment: "scale", Setting: setting, Metric: metric, Value: value, Unit: unit, Reference: reference}
		if reference != "" {
			row.Source = "memberlist v0.7.0 on such a machine"
		}
		r.Add(row)
	}
	c, err := start(ctx, nodes)
	if err != nil {
		return err
	}
	defer c.close()

	joining, settled, err := c.joinAll(ctx)
	if err != nil {
		return err
	}
	add("joins at full speed", joining.Seconds(), "s", "")
	add("all see all after the last join", settled.Seconds(), "s", "")

	before := c.usage()
	c.watchIdle(ctx, idle)
	after := c.usage()
	perNode := idle.Seconds() * float64(nodes)
	add("idle", idle.Seconds(), "s", "")
	add("suspicions while idle", float64(after.suspicions-before.suspicions), "", "")
	add("idle CPU per node", (after.cpu-before.cpu).Seconds()*1000/perNode, "ms/s", "")
	add("idle garbage per node", float64(after.allocated-before.allocated)/perNode/1024, "KiB/s", "")
	add("idle packets per node", float64(after.packets-before.packets)/perNode, "/s", "")
	add("idle bytes per node", float64(after.bytes-before.bytes)/perNode, "B/s", "")

	for _, change := range []struct {
		name      string
		do        func(context.Context) (func(*watcher) bool, error)
		reference map[int]string
	}{
		{"metadata update", c.update, map[int]string{128: "0.6"}},
		{"leave", c.leave, map[int]string{128: "0.6"}},
		{"kill", c.kill, map[int]string{128: "11.9", 32: "7.9"}},
	} {
		first, last, err := c.measure(ctx, change.do)
		if err != nil {
			return fmt.Errorf("%s: %w", change.name, err)
		}
		add(change.name+", known to the first", first.Seconds(), "s", "")
		add(change.name+", known to all", last.Seconds(), "s", change.reference[nodes])
	}
	end := c.usage()
	add("suspicions of live nodes in all", float64(end.suspicions-before.suspicions), "", "")
	add("failures of live nodes in all", float64(end.failures-before.failures), "", "")
	r.Flush()
	if after.suspicions > before.suspicions || end.failures > before.failures {
		return fmt.Errorf("a live node was accused")
	}
	return nil
}
