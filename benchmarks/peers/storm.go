package main

import (
	"context"
	"errors"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/peer"
)

// stormPatience is how long a storm may last.
const stormPatience = time.Minute

// storm lets all nodes join through one of them at full speed.
func storm(ctx context.Context, b *bench) error {
	watched := pick(b, time.Second, time.Minute)
	b.Title("A join storm")
	b.Note("All nodes join through one at the same time, in one process, over sockets, and again after a second where that fails; %v are given to it.", stormPatience)
	b.Note("No node is ever stopped, so each suspicion and failure is wrong. They are counted at each node that holds another for suspect or gone: in swim by")
	b.Note("the node's events and counters, in memberlist by its metric msg.suspect and NotifyLeave. Then the cluster is left alone for %v.", watched)
	var errs []error
	for _, n := range pick(b, []int{32}, []int{64, 256}) {
		errs = append(errs, b.inTurn(ctx, libraries(), func(l peer.Library) error {
			return b.rush(ctx, l, n, watched)
		}))
	}
	return errors.Join(errs...)
}

// rush measures one storm.
func (b *bench) rush(ctx context.Context, l peer.Library, n int, watched time.Duration) error {
	peer.Rest(ctx)
	network := peer.Loopback()
	add := b.figures.of(setting(l, network, n))
	c, err := peer.Start(ctx, l, network, n)
	if err != nil {
		return err
	}
	defer c.Close()
	begin := c.Usage()
	forming, cancel := context.WithTimeout(ctx, stormPatience)
	defer cancel()
	formed, err := c.Form(forming, peer.Storm())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		b.Note("%s: %v", setting(l, network, n), err)
	}
	joined := c.Usage()
	during := joined.Since(&begin)
	add("joins done", formed.Joined.Seconds(), "s")
	add("joins again", float64(formed.Failed), "")
	if formed.Settled > 0 {
		add("all see all", formed.Settled.Seconds(), "s")
	}
	add("nodes that do not see all in time", float64(n-c.Complete()), "")
	add("CPU while joining", during.CPU.Seconds(), "s")
	add("suspicions while joining", float64(during.Suspicions), "")
	add("failures while joining", float64(during.Failures), "")
	if err := wait(ctx, watched); err != nil {
		return err
	}
	rested := c.Usage()
	later := rested.Since(&joined)
	add("suspicions afterwards", float64(later.Suspicions), "")
	add("failures afterwards", float64(later.Failures), "")
	add("nodes that do not see all in the end", float64(n-c.Complete()), "")
	return nil
}
