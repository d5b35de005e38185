// Command tuning measures in the simulator what each timing field of a Config buys
// and costs, one at a time around swim.LAN, and what the recipes of docs/tuning.md do
// where they are meant for.
//
//	go run ./tuning                      everything, in up to ten minutes of CPU
//	go run ./tuning -run RetransmitMult  one field
//	go run ./tuning -run recipes         the recipes alone
//	go run ./tuning -quick               small clusters and few trials
//	go run ./tuning -docs                no measuring: results/tuning.jsonl to the tables of the guides
package main

import (
	"flag"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

const ms = time.Millisecond

// bench is what every experiment is given.
type bench struct {
	*report.Options
	*report.Report
	sizes []int
}

// studies are the experiments beside those of the fields.
var studies = []struct {
	name string
	run  func(b *bench)
}{
	{"gossip", gossipAlone},
	{"grid", lifeguardGrid},
	{"heal", healing},
	{"return", returning},
	{"recipes", recipes},
	{"zones", zones},
	{"memory", memory},
}

func main() {
	docs := flag.Bool("docs", false, "only write the tables of the guides again from results/tuning.jsonl")
	var names []string
	for _, k := range knobs() {
		names = append(names, k.field)
	}
	for _, s := range studies {
		names = append(names, s.name)
	}
	o := report.Parse(names...)
	if *docs {
		for _, guide := range guides {
			if err := rewriteDocs(os.DirFS("results"), "../docs/"+guide); err != nil {
				report.Exit(err)
			}
		}
		return
	}
	b := &bench{Options: o, Report: report.New(o), sizes: []int{32, 128, 512}}
	if b.Quick {
		b.sizes = []int{32}
	}
	if slices.ContainsFunc(knobs(), func(k knob) bool { return b.Wants(k.field) }) {
		turnKnobs(b)
	}
	for _, s := range studies {
		if b.Wants(s.name) {
			s.run(b)
			b.Flush()
		}
	}
}

// guides are the documents with tables that are made of results.
var guides = []string{"tuning.md", "operations.md"}

// adder adds rows of one experiment and setting.
func (b *bench) adder(experiment, setting string) func(metric string, value float64, unit string) {
	return func(metric string, value float64, unit string) {
		b.Add(report.Row{Experiment: experiment, Setting: setting, Metric: metric, Value: value, Unit: unit})
	}
}

// pick is small with -quick and full without.
func pick[T any](b *bench, small, full T) T {
	if b.Quick {
		return small
	}
	return full
}

// each calls run for every element, on all processors, and returns the results in
// order. A call has to keep to what belongs to its element.
func each[T, R any](list []T, run func(T) R) []R {
	results := make([]R, len(list))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(func() {
			for i := range next {
				results[i] = run(list[i])
			}
		})
	}
	for i := range list {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}
