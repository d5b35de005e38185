package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/transport"
)

const (
	firstRate = 125
	lastRate  = 1000
	maxRate   = 20_000
	// joinPatience and livePatience are how long the nodes may take to know each other,
	// and deliveries to come after the last broadcast.
	joinPatience = 30 * time.Second
	livePatience = 10 * time.Second
	// Beyond either, twice as many broadcasts would measure the machine.
	spareShare = 40 // percent of all processors
	spareDelay = 50 * time.Millisecond
)

// live lets 64 real nodes broadcast in real time, at a rate or, if that is 0, at as
// many as the machine can take.
func live(ctx context.Context, b *bench, through string, rate int) error {
	length := pick(b, 2*time.Second, 5*time.Second)
	b.Title("%d real nodes in one process, %s, defaults of LAN", nodes, through)
	b.Note("Each node speaks at its share of the rate, for %v, and its Delegate hears. The rate doubles from %d to %d a second as long as the process", length, firstRate, lastRate)
	b.Note("takes at most %d %% of the processors and is seldom late by %v or more, unless -rate fixes it. Times are this machine's, as it is now.", spareShare, spareDelay)
	g, err := gather(ctx, through, b.Seed)
	if err != nil {
		return fmt.Errorf("real, %s: %w", through, err)
	}
	defer g.close()
	last := lastRate
	if rate > 0 {
		last = rate
	} else {
		rate = firstRate
	}
	for ; rate <= last; rate *= 2 {
		spare, err := g.speak(ctx, b, fmt.Sprintf("n=%d, %s, %d a second", nodes, through, rate), rate, length)
		if b.Flush(); err != nil {
			return err
		}
		if !spare && rate < last {
			b.Note("This machine has not enough to spare for %d a second.", 2*rate)
			return nil
		}
	}
	return nil
}

// gathering is nodes that know each other.
type gathering struct {
	nodes    []*swim.Node
	began    time.Time
	audience atomic.Pointer[audience] // of the rate that is tried
	accused  atomic.Int64             // suspicions and failures, all of nodes that run
}

// ear is the Delegate of a node.
type ear struct {
	swim.NopDelegate
	g  *gathering
	at int
}

func (e *ear) NotifyEvent(event swim.Event) {
	if event.Kind == swim.EventSuspected || event.Kind == swim.EventFailed {
		e.g.accused.Add(1)
	}
}

func (e *ear) NotifyBroadcast(_ swim.Member, _ string, payload []byte) {
	e.g.audience.Load().hear(e.at, payload, time.Since(e.g.began))
}

// gather starts the nodes and waits until all know all.
func gather(ctx context.Context, through string, seed uint64) (_ *gathering, err error) {
	ctx, cancel := context.WithTimeout(ctx, joinPatience)
	defer cancel()
	g := &gathering{began: time.Now()}
	g.audience.Store(newAudience(nodes))
	defer func() {
		if err != nil {
			g.close()
		}
	}()
	network := transport.NewMemoryNetwork(seed)
	for i := range nodes {
		cfg := swim.LAN()
		cfg.Name, cfg.Bind, cfg.Delegate = fmt.Sprintf("n%02d", i), "127.0.0.1:0", &ear{g: g, at: i}
		if through == "memory" {
			if cfg.Transport, err = network.Listen(cfg.Name); err != nil {
				return nil, err
			}
			cfg.Bind = ""
		}
		node, err := swim.Start(ctx, cfg)
		if err != nil {
			if cfg.Transport != nil {
				err = errors.Join(err, cfg.Transport.Close())
			}
			return nil, err
		}
		g.nodes = append(g.nodes, node)
	}
	errs := g.each(func(i int, n *swim.Node) error {
		if i > 0 {
			if _, err := n.Join(ctx, g.nodes[0].Local().Addr); err != nil {
				return err
			}
		}
		for len(n.Members(swim.Alive)) < nodes {
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
				return fmt.Errorf("%s knows %d of %d: %w", n.Local().Name, len(n.Members(swim.Alive)), nodes, ctx.Err())
			}
		}
		return nil
	})
	return g, errors.Join(errs...)
}

// each calls f for all nodes at once.
func (g *gathering) each(f func(i int, n *swim.Node) error) []error {
	errs := make([]error, len(g.nodes))
	var all sync.WaitGroup
	for i, n := range g.nodes {
		all.Go(func() { errs[i] = f(i, n) })
	}
	all.Wait()
	return errs
}

func (g *gathering) close() { g.each(func(_ int, n *swim.Node) error { return n.Close() }) }

// speak tries a rate, and tells whether the machine had time to spare.
func (g *gathering) speak(ctx context.Context, b *bench, setting string, rate int, length time.Duration) (spare bool, err error) {
	a := newAudience(nodes)
	g.audience.Store(a)
	g.accused.Store(0)
	before, canary := g.usage(), cluster.StartCanary()
	stop, most := g.watchQueues()
	gap := time.Duration(nodes) * time.Second / time.Duration(rate)
	errs := g.each(func(i int, n *swim.Node) error {
		begin := time.Now().Add(gap * time.Duration(i) / nodes)
		for due := begin; due.Before(begin.Add(length)); due = due.Add(gap) {
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := n.Broadcast(ctx, "chat", a.next(i, time.Since(g.began))); err != nil {
				return err
			}
		}
		return nil
	})
	after := g.usage()
	late, _ := canary.Stop()
	for deadline := time.Now().Add(livePatience); a.missing() > 0 && time.Now().Before(deadline) && ctx.Err() == nil; {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	final := g.usage()
	elapsed := after.At.Sub(before.At).Seconds() * nodes
	share := after.Share(&before.Usage)

	err = errors.Join(append(errs, b.addTally("real", setting, a.tally()))...)
	add := b.adder("real", setting)
	add("packets of a node", float64(after.Packets-before.Packets)/elapsed, "/s", "", "")
	add("bytes of a node", float64(after.Bytes-before.Bytes)/elapsed/1000, "KB/s", "", "")
	add("queued at a node, most", float64(most.queued.Load()), "", "", "")
	add("kept for others at a node, most bytes", float64(most.keptBytes.Load())/1000, "KB", "", "")
	add("shed because a queue was full", float64(final.shed-before.shed), "", "0", "aim")
	add("given up on because it did not come in time", float64(final.missed-before.missed), "", "0", "aim")
	add("suspicions and failures of nodes, all of which run", float64(g.accused.Load()), "", "0", "aim")
	add("processors", share, "%", "", "")
	add("the process is late by, 99 %", float64(late)/1e6, "ms", "", "")
	return share <= spareShare && late < spareDelay, err
}

// usage is what all nodes have used, shed and given up on so far.
type usage struct {
	cluster.Usage
	shed, missed uint64
}

func (g *gathering) usage() (u usage) {
	u.At, u.CPU = time.Now(), cluster.CPU()
	for _, s := range cluster.Stats(g.nodes) {
		u.Packets += s.PacketsOut
		u.Bytes += s.BytesOut + s.FrameBytesOut
		u.shed += s.Broadcasts.Shed + s.Drops.BroadcastsShed
		u.missed += s.Broadcasts.Missed
	}
	return u
}

// queues are the most that was seen at one node.
type queues struct{ queued, keptBytes atomic.Int64 }

// watchQueues looks at all nodes now and then until it is stopped.
func (g *gathering) watchQueues() (stop func(), most *queues) {
	most = new(queues)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-time.After(200 * time.Millisecond):
			case <-done:
				return
			}
			for _, s := range cluster.Stats(g.nodes) {
				most.queued.Store(max(most.queued.Load(), int64(s.Broadcasts.Waiting)))
				most.keptBytes.Store(max(most.keptBytes.Load(), int64(s.Broadcasts.KeptBytes)))
			}
		}
	}()
	return func() { close(done); <-ended }, most
}

var _ swim.BroadcastDelegate = (*ear)(nil)
