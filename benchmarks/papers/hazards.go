package main

import (
	"fmt"
	"os"

	"github.com/swim-go/swim/internal/sim"
)

// hazards runs random schedules of faults with a checker on each transition.
func hazards(b *bench) {
	seeds := pick(b, 50, 200)
	b.Title("E19: the known hazards of SWIM, under random schedules")
	b.Note("Each seed is a cluster of 12 to 24 members under one to two minutes of crashes, restarts, departures, partitions, loss, duplicates,")
	b.Note("clogged paths, broken streams and stalls, and then calm, in which all have to agree. Every change of belief is judged by rules apart from the Machine's own. Hazards H1 to")
	b.Note("H16 have a test each, with the schedule that shows it, in internal/core/hazards_test.go and hazards_cluster_test.go.")
	transitions, violations := judge(b.Seed, seeds, sim.Chaos)
	setting := fmt.Sprintf("ours, %d seeds", seeds)
	b.Add(row("E19", setting, "runs with a violation or without agreement", float64(violations), "", "0", "aim"))
	b.Add(row("E19", setting, "changes of belief judged", float64(transitions), "", "", ""))
}

// judge runs so many seeds from the first on, and tells how to repeat those that fail.
func judge(first uint64, seeds int, run func(seed uint64) (transitions int, err error)) (transitions, violations int) {
	list := make([]uint64, seeds)
	for i := range list {
		list[i] = first + uint64(i)
	}
	type result struct {
		transitions int
		err         error
	}
	for i, r := range each(list, func(seed uint64) result {
		n, err := run(seed)
		return result{n, err}
	}) {
		transitions += r.transitions
		if r.err != nil {
			violations++
			fmt.Fprintf(os.Stderr, "seed %d: %v\nreplay with: go run ./chaos -seed %d -seeds 1\n", list[i], r.err, list[i])
		}
	}
	return transitions, violations
}
