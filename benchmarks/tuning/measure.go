package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
)

// quietTime is the window in which the load of a cluster is measured in which nothing
// changes.
const quietTime = time.Minute

// measureLoad returns what each member sends in a second.
func (c *setting) measureLoad(seed uint64) traffic {
	s := c.start(seed)
	before := sent(s)
	s.Run(s.Now() + quietTime)
	return sent(s).minus(before).per(quietTime.Seconds() * float64(c.n))
}

// detection is how long crashes took to be known to the first and to the last.
type detection struct {
	first, full []time.Duration
	unknown     int // crashes that not everybody knew within crashPatience
	wrong       int // verdicts about members that ran
}

const crashPatience = 2 * time.Minute

// measureCrashes lets an eighth of a cluster crash one by one, and at most so many.
func (c *setting) measureCrashes(seed uint64, most int) (d detection) {
	s := c.start(seed)
	order := s.Rand().Perm(c.n)[:min(max(c.n/8, 1), most)]
	for i, at := range order {
		s.Run(s.Now() + time.Duration(s.Rand().Int64N(int64(c.params.ProbeInterval))))
		victim, begin, seen := s.Nodes()[at], s.Now(), 0
		s.OnEvent = func(_ *sim.Node, e *core.Event) {
			if !failed(e) {
				return
			}
			if e.After.Name != victim.Name {
				d.wrong++
				return
			}
			if seen++; seen == 1 {
				d.first = append(d.first, s.Now()-begin)
			}
		}
		s.Crash(victim)
		if s.RunUntil(begin+crashPatience, func() bool { return seen == c.n-1-i }) {
			d.full = append(d.full, s.Now()-begin)
		} else {
			d.unknown++
		}
		s.Run(s.Now() + 10*c.params.ProbeInterval)
	}
	return d
}

// news is how long changes of metadata took to be known to all.
type news struct {
	took    []time.Duration
	missed  int     // changes that did not reach all
	members int     // whom they did not reach
	sent    traffic // a member, for each change, what probes take included
}

// newsPatience is how long a change may take.
const newsPatience = 2 * time.Minute

// measureNews lets members change their metadata, one at a time and at any phase.
func (c *setting) measureNews(seed uint64, changes int) (r news) {
	s := c.start(seed)
	before := sent(s)
	for i := range changes {
		s.Run(s.Now() + time.Duration(s.Rand().Int64N(int64(c.params.ProbeInterval))))
		meta, begin, known := fmt.Sprint(i), s.Now(), 0
		s.OnEvent = func(_ *sim.Node, e *core.Event) {
			if e.Kind == core.Changed && e.After.Meta == meta && e.Before.Meta != meta {
				known++
			}
		}
		s.SetMeta(s.Nodes()[s.Rand().IntN(c.n)], meta)
		all := func() bool { return known == c.n-1 }
		if !s.RunUntil(begin+newsPatience, all) {
			r.missed++
			r.members += c.n - 1 - known
		}
		r.took = append(r.took, s.Now()-begin)
		s.awaitSilence()
	}
	r.sent = sent(s).minus(before).per(float64(c.n * changes))
	return r
}

// measureGossip is measureNews where nothing but gossip brings news: tables are not
// compared, and who was missed is missed for good.
func (c *setting) measureGossip(seed uint64, changes int) (r news) {
	alone := *c
	alone.params.SyncInterval = 0
	s := alone.start(seed)
	for i := range changes {
		s.Run(s.Now() + time.Duration(s.Rand().Int64N(int64(c.params.ProbeInterval))))
		meta, begin, known, last := fmt.Sprint(i), s.Now(), 0, time.Duration(0)
		s.OnEvent = func(_ *sim.Node, e *core.Event) {
			if e.Kind == core.Changed && e.After.Meta == meta && e.Before.Meta != meta {
				known++
				last = s.Now() - begin
			}
		}
		s.SetMeta(s.Nodes()[s.Rand().IntN(c.n)], meta)
		s.awaitSilence()
		if known < c.n-1 {
			r.missed++
			r.members += c.n - 1 - known
		} else {
			r.took = append(r.took, last)
		}
	}
	return r
}

// measureLoss counts verdicts about members that all run, while each packet is lost
// with a probability, if not with a larger one anyway.
func (c *setting) measureLoss(seed uint64, loss float64, length time.Duration) (v verdicts) {
	s := c.start(seed)
	v.watch(s)
	s.Net.Loss = max(s.Net.Loss, loss)
	s.Run(s.Now() + length)
	return v
}

func seconds(times []time.Duration, q float64) float64 { return report.Quantile(times, q).Seconds() }
