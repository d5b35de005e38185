package main

import (
	"fmt"
	"math/rand/v2"
)

// cut are the parameters of Rapid's almost-everywhere agreement, and how many
// members fail: each is reported by k observers, those with low to high-1 reports
// hold a proposal back, and one with high reports is part of it.
type cut struct{ k, high, low, failed int }

// sensitivity is Rapid's Figure 11. It has no Machine in it: it shows that the
// published figures follow from the rule, for whoever builds a view on ours.
func sensitivity(b *bench) {
	const n, reps = 1000, 20
	b.Title("E16: conflicts of Rapid's cut detection by H and L (Rapid, Figure 11)")
	b.Note("Monte Carlo of the rule alone: K=10 reports of each of F failed members reach each of %d members in a uniformly random order, %d", n, reps)
	b.Note("repetitions. A conflict is a first proposal that lacks one of the F. Rapid's figures are read off its bars, to within 0.5.")
	b.Note("All K observers of a member are taken to be alive and distinct.")
	published := map[cut]string{
		{10, 6, 4, 2}: "37", {10, 6, 4, 4}: "37", {10, 6, 4, 8}: "24", {10, 6, 4, 16}: "13",
		{10, 7, 4, 2}: "18.5", {10, 7, 4, 4}: "12", {10, 7, 4, 8}: "4", {10, 7, 4, 16}: "1.5",
		{10, 8, 4, 2}: "6.9", {10, 8, 4, 4}: "2.3", {10, 8, 4, 8}: "0.4", {10, 8, 4, 16}: "0.1",
		{10, 9, 4, 2}: "2.0", {10, 9, 4, 4}: "0.2", {10, 9, 4, 8}: "0", {10, 9, 4, 16}: "0",
		{10, 9, 3, 2}: "0.5",
	}
	var cuts []cut
	for high := 6; high <= 9; high++ {
		for low := 4; low >= 3; low-- {
			for failed := 2; failed <= 16; failed *= 2 {
				cuts = append(cuts, cut{10, high, low, failed})
			}
		}
	}
	for i, conflicts := range each(cuts, func(c cut) int {
		return c.conflicts((n-c.failed)*reps, b.seed(16, c.high, c.low, c.failed))
	}) {
		c := cuts[i]
		setting := fmt.Sprintf("H=%d, L=%d, F=%d", c.high, c.low, c.failed)
		b.Add(row("E16", setting, "conflicts", percent(conflicts, (n-c.failed)*reps), "%", published[c], "Figure 11"))
	}
}

// conflicts counts the observers whose first proposal lacks a failed member.
func (c cut) conflicts(observers int, seed uint64) (count int) {
	rng := rand.New(rand.NewPCG(seed, 16))
	reports := make([]int, c.k*c.failed) // about which member
	for i := range reports {
		reports[i] = i % c.failed
	}
	for range observers {
		rng.Shuffle(len(reports), func(i, j int) { reports[i], reports[j] = reports[j], reports[i] })
		if c.proposal(reports) < c.failed {
			count++
		}
	}
	return count
}

// proposal is how many members the first proposal holds.
func (c cut) proposal(reports []int) (proposed int) {
	tally := make([]int, c.failed)
	unstable := 0
	for _, member := range reports {
		tally[member]++
		if tally[member] == c.low {
			unstable++
		}
		if tally[member] == c.high {
			unstable--
			proposed++
		}
		if proposed > 0 && unstable == 0 {
			break
		}
	}
	return proposed
}
