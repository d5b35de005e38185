package main

import (
	"fmt"
	"math"
	"strings"
)

// aim is one line of the table in the README.
type aim struct {
	name       string
	experiment string
	setting    string
	metrics    []string // their sum
	more       bool     // more is better; else less is
	// times is how many times better it shall be than the other, 0 for no aim; and
	// none says that it shall not happen at all.
	times float64
	none  bool
	// why is said where the aim is not reached, or we are worse.
	why string
}

// aims are all lines, in their order.
var aims = []aim{
	{
		name: "a ping in, its ack out: CPU", experiment: "packet", setting: "ping, defaults", metrics: []string{"CPU"}, times: 10,
	},
	{
		name: "the same: allocations", experiment: "packet", setting: "ping, defaults", metrics: []string{"allocations"}, none: true,
	},
	{
		name: "the same, memberlist's compression off: CPU", experiment: "packet", setting: "ping, no compression", metrics: []string{"CPU"},
	},
	{
		name: "a ping with 8 updates in, its ack out: CPU", experiment: "packet", setting: "ping with 8 updates, defaults", metrics: []string{"CPU"},
	},
	{
		name: "64 idle nodes: CPU, each", experiment: "idle", setting: "udp, n=64", metrics: []string{"CPU per node"},
		why: "where next to nothing happens, to wake goroutines is most of what a packet costs, and swim wakes three for a ping and its answer, so that neither decoding nor a slow network holds the protocol up; " +
			"the more there is to do, the less that weighs, as the lines above show, and 256 nodes in one process",
	},
	{
		name: "the same: garbage, each", experiment: "idle", setting: "udp, n=64", metrics: []string{"garbage per node"}, times: 10,
	},
	{
		name: "10,000 members compared, nothing changed: traffic", experiment: "sync", setting: "n=10000, nothing changed", metrics: []string{"bytes"}, times: 100,
	},
	{
		name: "the same, 10 changed", experiment: "sync", setting: "n=10000, 10 rows changed", metrics: []string{"bytes"},
	},
	{
		name: "broadcasts passed on by a node, 1,000 members", experiment: "relay", setting: "broadcasts of 200 bytes, n=1000", metrics: []string{"relayed"}, more: true, times: 20,
	},
	{
		name: "changes of members passed on, 1,000 members", experiment: "relay", setting: "members with 200 bytes of metadata, n=1000", metrics: []string{"relayed"}, more: true,
	},
	{
		name: "one of 32 killed: known to all after", experiment: "kill", setting: "udp, n=32", metrics: []string{"known to all, mean"}, times: 2,
	},
	{
		name: "the same: others declared failed", experiment: "kill", setting: "udp, n=32", metrics: []string{"false failures"}, none: true,
	},
	{
		name: "one of 128 killed: known to all after", experiment: "kill", setting: "udp, n=128", metrics: []string{"known to all, mean"}, times: 2,
	},
	{
		name: "the same: others declared failed", experiment: "kill", setting: "udp, n=128", metrics: []string{"false failures"}, none: true,
	},
	{
		name: "256 join at once: false suspicions", experiment: "storm", setting: "udp, n=256", metrics: []string{"suspicions while joining", "suspicions afterwards"}, none: true,
	},
	{
		name: "largest cluster in one process without a false suspicion, UDP", experiment: "largest", setting: "udp", metrics: []string{"nodes without a false suspicion"}, more: true, times: 4,
	},
	{
		name: "looking at each of 10,000 members", experiment: "look", setting: "n=10000", metrics: []string{"CPU"},
	},
	{
		name: "`Members()` of 10,000", experiment: "members", setting: "n=10000", metrics: []string{"CPU"},
		why: "swim returns copies, sorted by name; memberlist returns pointers to the nodes of its own table; to look at them, see the line above",
	},
}

// of is the figure of both libraries that an aim is about.
func (a *aim) of(p *pairs) (unit string, both [len(libraries)]measured) {
	for library := range both {
		var parts []measured
		for _, metric := range a.metrics {
			part := p.find(key{a.experiment, a.setting, metric})
			if part == nil {
				return "", [len(libraries)]measured{}
			}
			unit = part.unit
			parts = append(parts, part.of[library])
		}
		both[library] = sum(parts)
	}
	return unit, both
}

// holds reports whether an aim is reached. One that was not measured is not.
func (a *aim) holds(both [len(libraries)]measured) bool {
	switch {
	case !both[ours].there, a.times > 0 && !both[theirs].there:
		return false
	case a.none:
		return both[ours].negligible("")
	}
	return a.times == 0 || a.ratio(both) >= a.times
}

// ratio is how many times better we are, below 1 if we are worse.
func (a *aim) ratio(both [len(libraries)]measured) float64 {
	if a.more {
		return both[ours].value / both[theirs].value
	}
	return both[theirs].value / both[ours].value
}

// verdict is the last column of the table.
func (a *aim) verdict(both [len(libraries)]measured) string {
	text := ""
	switch r := a.ratio(both); {
	case !both[ours].there || !both[theirs].there:
		text = "not measured"
	case !a.none && !math.IsInf(r, 0) && !math.IsNaN(r):
		text = times(r)
	}
	switch {
	case a.none && !a.holds(both):
		text += " (aim: none)"
	case a.times > 0 && !a.holds(both):
		text += fmt.Sprintf(" (aim: %s)", times(a.times))
	}
	return strings.TrimSpace(text)
}

// aims is the table in the README.
func (p *pairs) aims() [][]string {
	table := [][]string{{"", libraries[ours], libraries[theirs], "better by"}}
	for i := range aims {
		a := &aims[i]
		unit, both := a.of(p)
		table = append(table, []string{a.name, both[ours].format(unit), both[theirs].format(unit), a.verdict(both)})
	}
	return table
}

// notes stand below the table: why it is not as it should be, and what was run.
func (p *pairs) notes() (notes []string) {
	for i := range aims {
		a := &aims[i]
		_, both := a.of(p)
		known := both[ours].there && both[theirs].there
		if known && a.why != "" && (!a.holds(both) || a.ratio(both) < 1) {
			notes = append(notes, fmt.Sprintf("Of “%s”: %s.", a.name, a.why))
		}
	}
	return append(notes, fmt.Sprintf("%s beside %s, each with its defaults for a LAN, in turn in one process (%s). "+
		"Medians, with the least and the most of the repeats in brackets; the ratios carry over to other machines, the figures do not. "+
		"`go run ./peers -save results/peers.jsonl` in [`benchmarks`](benchmarks) measures it all, and "+
		"`go run ./compare < results/peers.jsonl` prints the rest.", p.versions[ours], p.versions[theirs], p.machine))
}
