// Command peers does the same work through this library and through
// github.com/hashicorp/memberlist, in turn, in one process, over one harness.
//
//	go run ./peers                    all of it, most of an hour
//	go run ./peers -quick             smaller, within two minutes
//	go run ./peers -run idle,kill     some of it
//	go run ./peers -repeat 3          three times, with the least and the most of each figure
//	go run ./peers -run largest -profile DIR    also where the processors' time went
//
// Both have their own numbers for a LAN: both probe each second and gossip each
// 200 ms. All runs in real time on whatever else the machine does, so figures are to be
// compared within one run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/micro"
	"github.com/swim-go/swim/benchmarks/internal/peer"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

// experiments are what there is to run with clusters, in this order, after those of
// package micro with single nodes.
var experiments = []struct {
	name string
	run  func(ctx context.Context, b *bench) error
}{
	{"idle", idle},
	{"variants", variants},
	{"storm", storm},
	{"kill", kill},
	{"news", news},
	{"largest", largest},
}

// bench is what every experiment is given.
type bench struct {
	*report.Options
	*report.Report
	rng     *rand.Rand
	repeat  int
	least   int    // nodes of largest
	most    int    // and these
	profile string // a folder, or empty
	figures figures
}

// libraries are what is compared.
func libraries() []peer.Library { return []peer.Library{new(peer.Swim), new(peer.Memberlist)} }

func main() {
	b := new(bench)
	flag.IntVar(&b.repeat, "repeat", 1, "how often each experiment is done, from 1 to 100; a figure is then the median")
	flag.IntVar(&b.least, "least", 32, "how many nodes largest tries first, from 2")
	flag.IntVar(&b.most, "most", 0, "how many nodes largest tries at most; 0 takes 1024, or 32 with -quick")
	flag.StringVar(&b.profile, "profile", "", "a folder for CPU profiles of largest; none if empty")
	names := slices.Clone(micro.Experiments)
	for _, e := range experiments {
		names = append(names, e.name)
	}
	b.Options = report.Parse(names...)
	if b.repeat < 1 || b.repeat > 100 {
		report.Exit(fmt.Errorf("-repeat: %d is not from 1 to 100", b.repeat))
	}
	if b.least < 2 || b.most < 0 {
		report.Exit(fmt.Errorf("-least and -most: from %d to %d nodes make no cluster", b.least, b.most))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	b.Report = report.New(b.Options)
	b.rng = rand.New(rand.NewPCG(b.Seed, 1))
	if err := b.run(ctx); err != nil {
		report.Exit(err)
	}
}

// run goes on after an experiment failed: what else there is to see helps.
func (b *bench) run(ctx context.Context) error {
	libs := libraries()
	b.Note("%s, %s/%s, %d processors; %s beside %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), libs[0].Name(), libs[1].Name())
	machine := fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	b.Add(report.Row{Experiment: "machine", Setting: machine, Metric: "processors", Value: float64(runtime.NumCPU())})
	peer.Rest(ctx)
	errs := []error{micro.Run(ctx, b.Options, b.Report)}
	for _, e := range experiments {
		if !b.Wants(e.name) || ctx.Err() != nil {
			continue
		}
		b.figures = figures{experiment: e.name}
		err := e.run(ctx, b)
		b.figures.report(b.Report)
		b.Flush()
		if err != nil && ctx.Err() == nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.name, err))
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// pick chooses between the size of a -quick run and that of a full one.
func pick[T any](b *bench, small, full T) T {
	if b.Quick {
		return small
	}
	return full
}

// inTurn does something for each library, as often as -repeat says. Who begins
// changes: what one leaves behind in the process must not always be the other's.
func (b *bench) inTurn(ctx context.Context, libs []peer.Library, do func(l peer.Library) error) error {
	libs = slices.Clone(libs)
	var errs []error
	for range b.repeat {
		for _, l := range libs {
			if ctx.Err() != nil {
				return errors.Join(append(errs, ctx.Err())...)
			}
			if err := do(l); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", l.Name(), err))
			}
		}
		slices.Reverse(libs)
	}
	return errors.Join(errs...)
}

// gather forms a cluster gently. What is measured of it is not how it formed.
func (b *bench) gather(ctx context.Context, l peer.Library, network *peer.Network, n int) (*peer.Cluster, error) {
	c, err := peer.Start(ctx, l, network, n)
	if err != nil {
		return nil, err
	}
	if err := form(ctx, c); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// form lets all nodes of a cluster join gently.
func form(ctx context.Context, c *peer.Cluster) error {
	ctx, cancel := context.WithTimeout(ctx, formPatience(len(c.Nodes)))
	defer cancel()
	_, err := c.Form(ctx, peer.Gently(len(c.Nodes)))
	return err
}

// formPatience is how long a cluster may take until all see all.
// What all have to be told of all grows with the square of their number, but the bound
// need not: it is for a machine that has something else to do, too.
func formPatience(n int) time.Duration { return time.Minute + time.Duration(n)*100*time.Millisecond }

// wait ends early, with an error, if ctx does.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// setting names what a figure was measured of.
func setting(l peer.Library, network *peer.Network, n int) string {
	return fmt.Sprintf("%s, %s, n=%d", l.Name(), network, n)
}
