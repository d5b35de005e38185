package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/peer"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

const (
	// newsPatience is how long news may take to be known to all: with a comparison of
	// tables each 30 s, what gossip has missed does not count as missing otherwise.
	newsPatience = 10 * time.Second
	newsBytes    = 200 // of metadata and of a broadcast
)

// news changes metadata, and broadcasts.
func news(ctx context.Context, b *bench) error {
	times := pick(b, 2, 20)
	b.Title("Until news is known")
	b.Note("Of %d bytes, %d times each, one after the other, from any node of a cluster over sockets. The figures are over all other nodes and all", newsBytes, times)
	b.Note("times; what takes longer than %v is missing. A node of memberlist passes on what it hears first, as its users have to do themselves.", newsPatience)
	var errs []error
	for _, n := range pick(b, []int{8}, []int{32, 128}) {
		errs = append(errs, b.inTurn(ctx, libraries(), func(l peer.Library) error {
			return b.tell(ctx, l, n, times)
		}))
	}
	return errors.Join(errs...)
}

// tell measures both kinds of news in one cluster.
func (b *bench) tell(ctx context.Context, l peer.Library, n, times int) error {
	peer.Rest(ctx)
	network := peer.Loopback()
	c, err := b.gather(ctx, l, network, n)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := wait(ctx, b.settling()); err != nil {
		return err
	}
	for _, kind := range []struct {
		name string
		send func(ctx context.Context, from int, text string) (peer.Answer, error)
	}{
		{"metadata", c.Update},
		{"broadcast", c.Broadcast},
	} {
		var took []time.Duration
		missing := 0
		for i := range times {
			if err := b.sometime(ctx, 0); err != nil {
				return err
			}
			text := fmt.Sprintf("%s %d ", kind.name, i)
			text += strings.Repeat("x", newsBytes-len(text))
			telling, cancel := context.WithTimeout(ctx, newsPatience)
			a, err := kind.send(telling, b.rng.IntN(n), text)
			cancel()
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			took = append(took, a.Took...)
			missing += a.Missing
		}
		add := b.figures.of(setting(l, network, n))
		add(kind.name+", mean", report.Mean(took)/1e6, "ms")
		add(kind.name+", 99 %", float64(report.Quantile(took, 0.99))/1e6, "ms")
		add(kind.name+", worst", float64(report.Quantile(took, 1))/1e6, "ms")
		add(kind.name+", missing", float64(missing), "")
	}
	return nil
}
