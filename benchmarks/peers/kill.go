package main

import (
	"context"
	"errors"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/peer"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

// killPatience is how long the others may take to know of a kill.
const killPatience = time.Minute

// kill ends nodes without a word.
func kill(ctx context.Context, b *bench) error {
	kills := pick(b, 1, 10)
	b.Title("Until a crash is known")
	b.Note("%d nodes are ended one after the other, at any moment of a period, in a cluster over sockets that is idle otherwise, and has been for %v:", kills, acquainted(b))
	b.Note("what nodes measure of each other takes some periods. A failure is false if it is of a node that runs.")
	var errs []error
	for _, n := range pick(b, []int{8}, []int{32, 128}) {
		errs = append(errs, b.inTurn(ctx, libraries(), func(l peer.Library) error {
			return b.crash(ctx, l, n, kills)
		}))
	}
	return errors.Join(errs...)
}

// acquainted is how long nodes have known each other before the first is ended.
func acquainted(b *bench) time.Duration { return pick(b, 0, 40*time.Second) }

// crash measures some kills in one cluster.
func (b *bench) crash(ctx context.Context, l peer.Library, n, kills int) error {
	peer.Rest(ctx)
	network := peer.Loopback()
	c, err := b.gather(ctx, l, network, n)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := wait(ctx, acquainted(b)); err != nil {
		return err
	}
	var first, all []time.Duration
	missing := 0
	for range kills {
		if err := b.sometime(ctx, b.settling()); err != nil {
			return err
		}
		running := c.Running()
		killing, cancel := context.WithTimeout(ctx, killPatience)
		a, err := c.Kill(killing, running[b.rng.IntN(len(running))])
		cancel()
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		missing += a.Missing
		if len(a.Took) > 0 {
			first = append(first, a.Took[0])
		}
		if a.Missing == 0 {
			all = append(all, a.Took[len(a.Took)-1])
		}
	}
	add := b.figures.of(setting(l, network, n))
	add("known to the first, mean", report.Mean(first)/1e9, "s")
	add("known to the first, worst", report.Quantile(first, 1).Seconds(), "s")
	add("known to all, mean", report.Mean(all)/1e9, "s")
	add("known to all, worst", report.Quantile(all, 1).Seconds(), "s")
	add("kills", float64(kills), "")
	add("nodes not told in time", float64(missing), "")
	add("false failures", float64(c.Failures()), "")
	return nil
}

// sometime waits at least as long, and up to a period more.
func (b *bench) sometime(ctx context.Context, least time.Duration) error {
	return wait(ctx, least+time.Duration(b.rng.Int64N(int64(time.Second))))
}
