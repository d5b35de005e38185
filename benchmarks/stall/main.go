// Command stall runs nodes as processes of their own on the loopback interface,
// stops some with SIGSTOP for a while, and continues them, again and again. It
// counts what is said of processes that were never stopped: a node that was
// stopped has missed all answers, and must not blame others for that.
//
//	go run ./stall            32 processes, four stopped for 1, 5 and 20 s, ten rounds
//	go run ./stall -quick     8 processes, one stopped for 1 and 5 s, one round
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == child {
		runNode()
		return
	}
	o := report.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	plan := plan{nodes: 32, stopped: 4, rounds: 10, stops: []time.Duration{time.Second, 5 * time.Second, 20 * time.Second}}
	if o.Quick {
		plan.nodes, plan.stopped, plan.rounds, plan.stops = 8, 1, 1, plan.stops[:2]
	}
	if err := plan.run(ctx, report.New(o), rand.New(rand.NewPCG(o.Seed, 0))); err != nil {
		report.Exit(err)
	}
}

// plan is what is done to whom.
type plan struct {
	nodes, stopped, rounds int
	stops                  []time.Duration
}

// recovery is how long the cluster has to agree again after a stop.
const recovery = 30 * time.Second

func (p *plan) run(ctx context.Context, r *report.Report, rng *rand.Rand) error {
	r.Title("%d processes, %d of them stopped at a time, %d rounds", p.nodes, p.stopped, p.rounds)
	c, err := startCluster(ctx, p.nodes)
	if err != nil {
		return err
	}
	defer c.end()
	falseFailures := 0
	for _, stop := range p.stops {
		var buried, suspected int
		var back []time.Duration
		for range p.rounds {
			o, err := c.stopSome(ctx, rng.Perm(p.nodes)[:p.stopped], stop)
			if err != nil {
				return err
			}
			buried += o.failures
			suspected += o.suspicions
			back = append(back, o.recovered)
		}
		falseFailures += buried
		setting := fmt.Sprintf("stopped %v", stop)
		add := func(metric string, value float64, unit string) {
			r.Add(report.Row{Experiment: "stall", Setting: setting, Metric: metric, Value: value, Unit: unit})
		}
		add("stops", float64(p.rounds*p.stopped), "")
		add("failures of processes that ran all the time", float64(buried), "")
		add("suspicions of processes that ran all the time", float64(suspected), "")
		add("all agree again after, median", report.Quantile(back, 0.5).Seconds(), "s")
		add("all agree again after, longest", report.Quantile(back, 1).Seconds(), "s")
	}
	r.Flush()
	if falseFailures > 0 {
		return fmt.Errorf("%d times a process that was never stopped was declared failed", falseFailures)
	}
	return nil
}
