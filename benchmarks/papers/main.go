// Command papers repeats the experiments of the SWIM, Lifeguard and Rapid papers
// in the simulator, with the Machine as published and with our defaults, and
// prints the published figures beside the measured ones. What differs from a
// paper's conditions is said above each table.
//
//	go run ./papers                     everything, one repetition of each grid
//	go run ./papers -reps 10 -run E8    the paper's number of repetitions
//	go run ./papers -run E7 -recv 1ms   where each message costs its receiver so much
//	go run ./papers -largest 2000       without the clusters that take gigabytes
//	go run ./papers -quick              small grids and clusters
package main

import (
	"flag"
	"runtime"
	"sync"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// bench is what every experiment is given.
type bench struct {
	*report.Options
	*report.Report
	reps, thin, largest int
	receive             time.Duration
}

// families are experiments that share runs, in the order in which they are run.
var families = []struct {
	names []string
	run   func(b *bench)
}{
	{[]string{"E7", "E8", "E9"}, lifeguardGrids},
	{[]string{"E10"}, alphaBeta},
	{[]string{"E1"}, swimLoad},
	{[]string{"E2"}, swimDetection},
	{[]string{"E3"}, swimInfection},
	{[]string{"E4"}, swimLoss},
	{[]string{"E5"}, swimMistakes},
	{[]string{"E6"}, swimRoundRobin},
	{[]string{"E12"}, bootstrap},
	{[]string{"E13"}, crashes},
	{[]string{"E14", "E15"}, faultyInput},
	{[]string{"E16"}, sensitivity},
	{[]string{"E17"}, partition},
	{[]string{"restart"}, restart},
	{[]string{"E18"}, antiEntropy},
	{[]string{"E19"}, hazards},
	{[]string{"E20"}, scaling},
}

func main() {
	limitMemory()
	reps := flag.Int("reps", 1, "repetitions of each point of Lifeguard's grids; the paper has 10")
	thin := flag.Int("thin", 1, "take only each such interval of Lifeguard's Interval grid, and 1/thin of the time")
	largest := flag.Int("largest", 10000, "the largest cluster of E1, E2 and E20")
	receive := flag.Duration("recv", 200*time.Microsecond, "what each message costs its receiver in E7's second table")
	var names []string
	for _, f := range families {
		names = append(names, f.names...)
	}
	o := report.Parse(names...)
	b := &bench{Options: o, Report: report.New(o), reps: max(*reps, 1), thin: max(*thin, 1), largest: *largest, receive: *receive}
	for _, f := range families {
		for _, name := range f.names {
			if b.Wants(name) {
				f.run(b)
				b.Flush()
				break
			}
		}
	}
}

// parallel calls run for 0 to n-1, on all processors. Each call has to keep to
// what belongs to its number, so that the order does not matter.
func parallel(n int, run func(i int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(func() {
			for i := range next {
				run(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}

// each is parallel over a list, with the results in its order.
func each[T, R any](list []T, run func(T) R) []R {
	results := make([]R, len(list))
	parallel(len(list), func(i int) { results[i] = run(list[i]) })
	return results
}

// pick is small with -quick and full without.
func pick[T any](b *bench, small, full T) T {
	if b.Quick {
		return small
	}
	return full
}

// seed makes one out of the command's and of what tells one run from others.
func (b *bench) seed(parts ...int) uint64 {
	h := b.Seed
	for _, p := range parts {
		h = (h ^ uint64(p)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}
