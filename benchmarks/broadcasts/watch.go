package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/internal/sim"
	"github.com/swim-go/swim/wire"
)

// watch times how long changes of members take to be known to all.
type watch struct {
	s                *sim.Sim
	open             map[change]*waiting
	updates, crashes []time.Duration
	suspicions       int
}

// change is news about a member: its metadata or, without, its failure.
type change struct{ name, meta string }

// waiting is a change that some have not heard of.
type waiting struct {
	begin time.Duration
	left  int
	times *[]time.Duration
}

func newWatch(s *sim.Sim) *watch { return &watch{s: s, open: make(map[change]*waiting)} }

func (w *watch) update(n *sim.Node) {
	meta := fmt.Sprint("since ", w.s.Now())
	w.open[change{n.Name, meta}] = &waiting{w.s.Now(), nodes - 1, &w.updates}
	w.s.SetMeta(n, meta)
}

func (w *watch) crash(n *sim.Node) {
	w.open[change{name: n.Name}] = &waiting{w.s.Now(), nodes, &w.crashes}
	w.s.Crash(n)
}

func (w *watch) changed(e *core.Event) {
	switch {
	case e.After.State == wire.Failed && e.Before.State.Live():
		w.tell(change{name: e.After.Name})
	case e.After.Meta != e.Before.Meta:
		w.tell(change{e.After.Name, e.After.Meta})
	case e.After.State == wire.Suspect && w.s.Node(e.After.Name).Up():
		w.suspicions++
	}
}

func (w *watch) tell(c change) {
	open := w.open[c]
	if open == nil {
		return
	}
	if open.left--; open.left == 0 {
		*open.times = append(*open.times, w.s.Now()-open.begin)
		delete(w.open, c)
	}
}

func (w *watch) done() bool { return len(w.open) == 0 }
