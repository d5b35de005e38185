// Command attack loads a live cluster, over real sockets on the loopback
// interface, with what nobody sends who means well: floods of packets, streams
// that say nothing, requests whose answers are larger than they. Meanwhile a node
// is killed, which has to be found, and nobody else may be suspected: the
// command fails if anybody is.
//
// The attacker can send to the cluster and does not belong to it. It makes no
// claims about members that would have to be believed: whoever can has to be kept
// out, which is what a Sealer is for.
//
//	go run ./attack                       16 nodes, 10 s each, 100,000 packets a second at one of them
//	go run ./attack -quick                3 s each
//	go run ./attack -run pings,silent     some of it
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// plan is what is done to a cluster of its own each time.
type plan struct {
	nodes, rate, streams int
	length               time.Duration
	seed                 uint64
}

func main() {
	var p plan
	flag.IntVar(&p.nodes, "nodes", 16, "how many nodes")
	flag.IntVar(&p.rate, "rate", 100_000, "packets a second of a flood, at most 1000000")
	flag.IntVar(&p.streams, "streams", 300, "streams that are held open at a time, at most 10000")
	names := []string{amplification}
	for _, a := range attacks {
		names = append(names, a.name)
	}
	o := report.Parse(names...)
	p.seed, p.length = o.Seed, 10*time.Second
	if o.Quick {
		p.length = 3 * time.Second
	}
	if err := p.check(); err != nil {
		report.Exit(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := p.run(ctx, o, report.New(o)); err != nil {
		report.Exit(err)
	}
}

// minNodes leaves somebody to be attacked, somebody to be killed and others.
const minNodes = 5

func (p *plan) check() error {
	switch {
	case p.nodes < minNodes || p.nodes > 256:
		return fmt.Errorf("-nodes: %d, want %d to 256", p.nodes, minNodes)
	case p.rate < 1 || p.rate > 1_000_000:
		return fmt.Errorf("-rate: %d, want 1 to 1000000", p.rate)
	case p.streams < 1 || p.streams > 10_000:
		return fmt.Errorf("-streams: %d, want 1 to 10000", p.streams)
	}
	return nil
}

// run goes through all that is asked for, whatever comes of each.
func (p *plan) run(ctx context.Context, o *report.Options, r *report.Report) error {
	var failures []error
	note := func(name string, err error) {
		r.Flush()
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
		}
	}
	for _, a := range attacks {
		if o.Wants(a.name) && ctx.Err() == nil {
			note(a.name, p.trial(ctx, r, &a))
		}
	}
	if o.Wants(amplification) && ctx.Err() == nil {
		note(amplification, p.amplify(ctx, r, o.Quick))
	}
	return errors.Join(append(failures, ctx.Err())...)
}
