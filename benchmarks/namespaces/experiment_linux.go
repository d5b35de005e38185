package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

// healLimit is how long a cluster may take to be one again once it can.
const healLimit = time.Minute

// experiment is the lab's: it cuts and heals, for several times and, for each, with
// the others remembering the one that is cut off, and having forgotten it.
func experiment(ctx context.Context, o *report.Options) error {
	cuts := []time.Duration{15 * time.Second, time.Minute}
	if o.Quick {
		cuts = cuts[:1]
	}
	r := report.New(o)
	r.Title("%d hosts in network namespaces, the cable of one pulled out and plugged in again", hosts)
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	wrong := 0
	for _, cut := range cuts {
		for _, forgetAfter := range []time.Duration{time.Hour, time.Second} {
			t := trial{cut: cut, forgetAfter: forgetAfter, victim: rng.IntN(hosts)}
			if err := t.run(ctx); err != nil {
				return fmt.Errorf("cut of %v, forgotten after %v: %w", cut, forgetAfter, err)
			}
			t.report(r)
			wrong += t.wrong
		}
	}
	r.Flush()
	if wrong > 0 {
		return fmt.Errorf("%d times a node that was reachable was declared failed", wrong)
	}
	return nil
}

// trial is one cut and what came of it.
type trial struct {
	cut, forgetAfter time.Duration
	victim           int

	formed, detected, healed time.Duration
	wrong                    int // verdicts on who was reachable, or by who was cut off
	stats                    *swim.Stats
}

func (t *trial) run(ctx context.Context) error {
	l, err := startLab(ctx, t.forgetAfter)
	if err != nil {
		return err
	}
	ended := false
	defer func() {
		if !ended {
			l.end(context.WithoutCancel(ctx))
		}
	}()
	if t.formed, err = l.until(ctx, healLimit, "the cluster forms", l.allLive); err != nil {
		return err
	}
	cut := l.hosts[t.victim].name
	if err := l.cable(ctx, t.victim, "down"); err != nil {
		return err
	}
	begin := time.Now()
	t.detected, err = l.until(ctx, t.cut, "the others hold "+cut+" for failed", func() bool {
		for _, p := range l.hosts {
			if p.name != cut && p.view[cut] != swim.EventFailed {
				return false
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	select {
	case <-time.After(t.cut - time.Since(begin)):
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := l.cable(ctx, t.victim, "up"); err != nil {
		return err
	}
	if t.healed, err = l.until(ctx, healLimit, "it is one cluster again", l.allLive); err != nil {
		return err
	}
	ended = true
	l.end(ctx) // so that the readers are done, and all have said what they counted
	for _, s := range l.heard {
		if s.kind == swim.EventFailed && (s.by == cut || s.name != cut) {
			t.wrong++
		}
	}
	t.stats = l.hosts[t.victim].stats
	return nil
}

func (t *trial) report(r *report.Report) {
	setting := fmt.Sprintf("cut of %v, remembered for %v", t.cut, t.forgetAfter)
	add := func(metric string, value float64, unit string) {
		r.Add(report.Row{Experiment: "namespaces", Setting: setting, Metric: metric, Value: value, Unit: unit})
	}
	add("one cluster, by seeds alone, after", t.formed.Seconds(), "s")
	add("the others hold it for failed after", t.detected.Seconds(), "s")
	add("one cluster again after", t.healed.Seconds(), "s")
	add("verdicts on nodes that were reachable, or by the one cut off", float64(t.wrong), "")
	if s := t.stats; s != nil {
		add("packets to the one cut off, by UDP", float64(s.PacketsIn), "")
		add("frames to it, by TCP", float64(s.FramesIn), "")
		add("seeds it asked", float64(s.SeedsAsked), "")
	}
}
