// Command broadcasts shows that user broadcasts come to everybody exactly once, at a
// thousand a second in a cluster of 64 and in the order of each sender, and that the
// news about members is not delayed meanwhile.
//
//	go run ./broadcasts                  in the simulator, the bound of one node, 64 real nodes
//	go run ./broadcasts -quick           shorter, within a minute
//	go run ./broadcasts -run simulator   one of them alone
//	go run ./broadcasts -run real -rate 1000 -transport udp
//
// It ends with status 1 if a broadcast is missing, repeated or out of order.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// nodes is the size of the cluster, and payloadBytes that of a broadcast.
const (
	nodes        = 64
	payloadBytes = 200
)

// bench is what every experiment is given.
type bench struct {
	*report.Options
	*report.Report
}

func main() {
	var f flags
	flag.IntVar(&f.rate, "rate", 0, "how many broadcasts a second real nodes send; 0 begins with 125 and doubles as long as the machine has time to spare")
	flag.StringVar(&f.transport, "transport", "", "between real nodes: memory or udp; both, one after the other, if empty")
	o := report.Parse("simulator", "relay", "real")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	b := &bench{o, report.New(o)}
	err := f.run(ctx, b)
	if b.Flush(); err != nil {
		report.Exit(err)
	}
}

type flags struct {
	rate      int
	transport string
}

// run goes on after a failure: what else there is to see helps to understand it.
func (f *flags) run(ctx context.Context, b *bench) error {
	transports := []string{"memory", "udp"}
	if f.transport != "" {
		if !slices.Contains(transports, f.transport) {
			return fmt.Errorf("-transport: no transport %q; there are memory and udp", f.transport)
		}
		transports = []string{f.transport}
	}
	if f.rate < 0 || f.rate > maxRate {
		return fmt.Errorf("-rate: %d is not from 0 to %d", f.rate, maxRate)
	}
	var errs []error
	if b.Wants("simulator") {
		errs = append(errs, simulate(b))
	}
	if b.Wants("relay") {
		relays(b)
	}
	for _, transport := range transports {
		if b.Wants("real") {
			errs = append(errs, live(ctx, b, transport, f.rate))
		}
	}
	return errors.Join(errs...)
}

func pick[T any](b *bench, small, full T) T {
	if b.Quick {
		return small
	}
	return full
}

// adder adds rows of one experiment and setting.
func (b *bench) adder(experiment, setting string) func(metric string, value float64, unit, reference, source string) {
	return func(metric string, value float64, unit, reference, source string) {
		if reference == "" {
			source = ""
		}
		b.Add(report.Row{Experiment: experiment, Setting: setting, Metric: metric, Value: value, Unit: unit, Reference: reference, Source: source})
	}
}

// addTally adds what all listeners heard, and fails if that is not everything once
// and in order.
func (b *bench) addTally(experiment, setting string, t *tally) error {
	add := b.adder(experiment, setting)
	add("broadcasts sent", float64(t.sent), "", "", "")
	add("deliveries", float64(len(t.took)), "", fmt.Sprint(t.sent*(nodes-1)), "each to all others")
	add("missing", float64(t.missing), "", "0", "aim")
	add("repeated", float64(t.repeated), "", "0", "aim")
	add("out of order", float64(t.unordered), "", "0", "aim")
	add("until delivered, mean", milliseconds(report.Mean(t.took)), "ms", "", "")
	add("until delivered, 99 %", milliseconds(float64(report.Quantile(t.took, 0.99))), "ms", "", "")
	add("until delivered, worst", milliseconds(float64(report.Quantile(t.took, 1))), "ms", "", "")
	if t.missing+t.repeated+t.unordered > 0 {
		return fmt.Errorf("%s, %s: %d deliveries are missing, %d repeated, %d out of order", experiment, setting, t.missing, t.repeated, t.unordered)
	}
	return nil
}

func milliseconds(ns float64) float64 { return ns / float64(time.Millisecond) }
