// Command chaos runs simulated clusters through random faults, each from a seed,
// with checkers on every transition and a calm end in which all must agree.
//
//	go run ./chaos -seed 1 -seeds 10000
//	go run ./chaos -quick
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/sim"
)

func main() {
	seeds := flag.Uint64("seeds", 0, "how many seeds to run, from -seed on; 0 takes 2000, or 200 with -quick")
	o := report.Parse()
	if *seeds == 0 {
		*seeds = 2000
		if o.Quick {
			*seeds = 200
		}
	}
	if failed := run(report.New(o), o.Seed, *seeds); failed > 0 {
		os.Exit(1)
	}
}

// maxShown is how many failures are told in full.
const maxShown = 10

// run runs the seeds on all processors and returns how many failed.
func run(r *report.Report, first, seeds uint64) uint64 {
	var (
		workers             sync.WaitGroup
		next, judged, fails atomic.Uint64
	)
	begin := time.Now()
	for range runtime.NumCPU() {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < seeds; i = next.Add(1) - 1 {
				n, err := sim.Chaos(first + i)
				judged.Add(uint64(n))
				if err != nil && fails.Add(1) <= maxShown {
					fmt.Fprintf(os.Stderr, "seed %d: %v\nreplay with: go run ./chaos -seed %d -seeds 1\n", first+i, err, first+i)
				}
			}
		})
	}
	workers.Wait()
	r.Title("chaos, seeds %d to %d", first, first+seeds-1)
	for _, row := range []report.Row{
		{Metric: "runs", Value: float64(seeds)},
		{Metric: "changes of belief judged", Value: float64(judged.Load())},
		{Metric: "runs with a violation or without agreement", Value: float64(fails.Load())},
		{Metric: "time", Value: time.Since(begin).Seconds(), Unit: "s"},
	} {
		row.Experiment, row.Setting = "chaos", fmt.Sprintf("%d seeds", seeds)
		r.Add(row)
	}
	r.Flush()
	return fails.Load()
}
