package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

// ladder looks for the largest cluster in which nobody is suspected who runs: it
// doubles the size until somebody is, or until the processors have nothing left.
type ladder struct {
	transport   string                // its name
	network     func() cluster.Listen // a new one
	least, most int                   // nodes
	idle, limit time.Duration
}

const (
	// exhausted is how much of all processors an idle cluster may take, in percent,
	// and tooLate how late it may get to run, in one of a hundred cases, whoever else
	// takes them. Above either, what is measured is who gets to run.
	exhausted = 80
	tooLate   = 100 * time.Millisecond
)

func (l *ladder) climb(ctx context.Context, r *report.Report) error {
	r.Title("the largest cluster in one process, %s, defaults of LAN", l.transport)
	r.Note("Each size is joined at full speed through one seed, left alone for %v, and loses one node. Suspicions are those of nodes that run,", l.idle)
	r.Note("reported by any of the others, from the first join on. A size is clean if there are none.")
	ctx, cancel := context.WithTimeout(ctx, l.limit)
	defer cancel()
	largest, why := 0, fmt.Sprintf("none larger than %d was asked for", l.most)
	for n := l.least; n <= l.most; n *= 2 {
		wrong, err := l.rung(ctx, r, n)
		r.Flush()
		switch {
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			wrong = fmt.Sprintf("%d nodes were not through within -limit %v", n, l.limit)
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			wrong = fmt.Sprintf("%d nodes: %v", n, err)
		case wrong != "":
			wrong = fmt.Sprintf("%d nodes: %s", n, wrong)
		}
		if wrong != "" {
			why = wrong
			break
		}
		largest = n
	}
	r.Add(report.Row{Experiment: "scale", Setting: "largest, " + l.transport, Metric: "nodes without a false suspicion", Value: float64(largest)})
	r.Note("Not more, because: %s.", why)
	return nil
}

// rung runs one size and says what is wrong with it, if anything is.
func (l *ladder) rung(ctx context.Context, r *report.Report, n int) (string, error) {
	add := func(metric string, value float64, unit string) {
		setting := fmt.Sprintf("largest, %s, n=%d", l.transport, n)
		r.Add(report.Row{Experiment: "scale", Setting: setting, Metric: metric, Value: value, Unit: unit})
	}
	heap := cluster.HeapBytes()
	c, err := cluster.Start(ctx, n, l.network())
	if err != nil {
		return "", err
	}
	defer c.Close()

	forming := begin(c)
	joining, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	joined, settled, err := c.JoinAll(joining)
	strain := forming.end(c, add, "while joining")
	if joined > 0 {
		add("joins at full speed", joined.Seconds(), "s")
	}
	if err != nil {
		return "", fmt.Errorf("while joining, with %d suspicions and %d failures of nodes that run, and timers %v late: %w",
			c.Suspicions(), c.Failures(), strain.late, err)
	}
	add("all see all after", settled.Seconds(), "s")

	resting := begin(c)
	idle(ctx, l.idle)
	strain = resting.end(c, add, "while idle")

	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, last, err := c.Kill(waiting, n/4)
	if err == nil {
		add("kill, known to all", last.Seconds(), "s")
	}
	add("suspicions", float64(c.Suspicions()), "")
	add("failures of nodes that run", float64(c.Failures()), "")
	add("heap per node", float64(cluster.HeapBytes()-heap)/1024/float64(n), "KiB")
	return stain(c.Suspicions(), c.Failures(), strain), err
}

// stain says what is wrong with a size at which everything came to its end.
func stain(suspicions, failures int64, idle strain) string {
	switch {
	case suspicions > 0 || failures > 0:
		return fmt.Sprintf("%d suspicions and %d failures of nodes that run", suspicions, failures)
	case idle.share > exhausted:
		return fmt.Sprintf("idle, they take %.0f %% of all processors", idle.share)
	case idle.late > tooLate:
		return fmt.Sprintf("idle, one timer in a hundred is %v late", idle.late)
	}
	return ""
}

// phase is a part of a run over which the processors are watched.
type phase struct {
	before     cluster.Usage
	suspicions int64
	canary     *cluster.Canary
}

func begin(c *cluster.Cluster) phase {
	return phase{c.Usage(), c.Suspicions(), cluster.StartCanary()}
}

// strain is which part of all processors the process took, in percent, and how
// late one timer in a hundred was.
type strain struct {
	share float64
	late  time.Duration
}

func (p *phase) end(c *cluster.Cluster, add func(metric string, value float64, unit string), when string) strain {
	rarely, most := p.canary.Stop()
	after := c.Usage()
	s := strain{after.Share(&p.before), rarely.Round(100 * time.Microsecond)}
	add("CPU of all processors "+when, s.share, "%")
	// A percent of a processor is 10 ms a second.
	add("CPU per node "+when, 10*s.share*float64(runtime.NumCPU())/float64(len(c.Nodes)), "ms/s")
	add("timers late "+when+", 99 %", float64(rarely)/1e6, "ms")
	add("timers late "+when+", longest", float64(most)/1e6, "ms")
	add("stalls noticed "+when, float64(after.Stalls-p.before.Stalls), "")
	add("suspicions "+when, float64(c.Suspicions()-p.suspicions), "")
	return s
}
