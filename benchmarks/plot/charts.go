package main

import "regexp"

// The axes: where in a setting the number stands.
var (
	members  = regexp.MustCompile(`\b[nN]=([0-9]+)`)
	stalled  = regexp.MustCompile(`\bC=([0-9]+)`)
	loss     = regexp.MustCompile(`\bloss ([0-9.]+) %`)
	failures = regexp.MustCompile(`\bF=([0-9]+)`)
	beta     = regexp.MustCompile(`β=([0-9]+)`)
	duration = regexp.MustCompile(`\b([0-9hms.]+), [0-9]+ runs`)
)

// charts are all drawings but the frontiers. Those without an axis have a place for
// each setting instead.
var charts = []chart{
	{
		name: "e1-load", title: "E1: messages sent per member and period", x: "members", y: "messages",
		experiments: []string{"E1"}, metrics: []string{"sent"}, axis: members, logX: true,
	},
	{
		name: "e2-detection", title: "E2: first suspicion of a crash", x: "members", y: "periods",
		experiments: []string{"E2"}, metrics: []string{"first ping, mean", "first suspicion, mean"}, axis: members, logX: true,
	},
	{
		name: "e3-infection", title: "E3: infection", x: "members", y: "periods",
		experiments: []string{"E3"}, metrics: []string{"median member, mean", "last member, mean"}, axis: members,
	},
	{
		name: "e5-mistakes", title: "E5: probes of healthy members that fail", x: "lost packets, %", y: "failed, of all probes",
		experiments: []string{"E5"}, metrics: []string{"failed"}, axis: loss, floor: 1e-6,
	},
	{
		name: "e7-fp", title: "E7: false positives by stalled members", x: "stalled members of 128", y: "FP (0 shown at 0.5)",
		experiments: []string{"E7"}, metrics: []string{"FP"}, axis: stalled, floor: 0.5,
	},
	{
		name: "e7-fp-healthy", title: "E7: false positives at healthy members", x: "stalled members of 128", y: "FP- (0 shown at 0.5)",
		experiments: []string{"E7"}, metrics: []string{"FP-"}, axis: stalled, floor: 0.5,
	},
	{
		name: "e8-first", title: "E8: first detection of a stalled member", x: "s",
		experiments: []string{"E8"}, metrics: []string{"first detection, median", "first detection, 99 %", "first detection, 99.9 %"},
	},
	{
		name: "e8-full", title: "E8: full detection of a stalled member", x: "s",
		experiments: []string{"E8"}, metrics: []string{"full detection, median", "full detection, 99 %", "full detection, 99.9 %"},
	},
	{
		name: "e10-detection", title: "E10: first detection by α and β", x: "β", y: "median, % of SWIM's",
		experiments: []string{"E10"}, metrics: []string{"first detection, median"}, axis: beta,
	},
	{
		name: "e10-fp", title: "E10: false positives by α and β", x: "β", y: "FP, % of SWIM's (0 shown at 0.1)",
		experiments: []string{"E10"}, metrics: []string{"FP"}, axis: beta, floor: 0.1,
	},
	{
		name: "e12-time", title: "E12: many join one seed at once", x: "members", y: "s until all see all",
		experiments: []string{"E12"}, metrics: []string{"all see all"}, axis: members,
	},
	{
		name: "e12-views", title: "E12: views on the way there", x: "members", y: "distinct view sizes",
		experiments: []string{"E12"}, metrics: []string{"distinct view sizes"}, axis: members, floor: 1,
	},
	{
		name: "e13-crashes", title: "E13: 1 % of the members crash at once", x: "s",
		experiments: []string{"E13"}, metrics: []string{"all removed at the first observer after", "all removed at the last observer after"},
	},
	{
		name: "e14-e15-views", title: "E14, E15: views in the last minute of a lasting fault", x: "members seen",
		experiments: []string{"E14", "E15"}, metrics: []string{"smallest view in the last minute", "largest view in the last minute"},
	},
	{
		name: "e14-e15-sizes", title: "E14, E15: instability of views", x: "distinct view sizes",
		experiments: []string{"E14", "E15"}, metrics: []string{"distinct view sizes"},
	},
	{
		name: "e14-e15-verdicts", title: "E14, E15: verdicts about healthy members", x: "verdicts (0 shown at 0.5)",
		experiments: []string{"E14", "E15"}, metrics: []string{"verdicts about healthy members"}, floor: 0.5,
	},
	{
		name: "e16-conflicts", title: "E16: conflicts of Rapid's cut detection", x: "failures at once", y: "conflicts, %",
		experiments: []string{"E16"}, metrics: []string{"conflicts"}, axis: failures, logX: true,
	},
	{
		name: "e17-time", title: "E17: halves meet again, by themselves or by one Join", x: "minutes apart", y: "s until all agree",
		experiments: []string{"E17"}, metrics: []string{"until all agree, by themselves, max", "until all agree, from that Join, max"}, axis: duration, logX: true,
	},
	{
		name: "e17-views", title: "E17: views across, a minute after the network healed", x: "minutes apart", y: "%",
		experiments: []string{"E17"}, metrics: []string{"views across, a minute later"}, axis: duration, logX: true,
	},
	{
		name: "e20-time", title: "E20: detection and dissemination", x: "members", y: "s",
		experiments: []string{"E20"}, metrics: []string{"an update reaches all", "a crash is declared by the first", "a crash is known to all"}, axis: members, logX: true,
	},
	{
		name: "e20-load", title: "E20: load per member, packets", x: "members", y: "B/s",
		experiments: []string{"E20"}, metrics: []string{"bytes per member in packets"}, axis: members, logX: true,
	},
	{
		name: "peers-idle-cpu", title: "An idle node: processor time", x: "nodes", y: "ms/s",
		experiments: []string{"idle"}, metrics: []string{"CPU per node"}, axis: members, logX: true, floor: 0.01,
	},
	{
		name: "peers-idle-garbage", title: "An idle node: garbage", x: "nodes", y: "KiB/s",
		experiments: []string{"idle"}, metrics: []string{"garbage per node"}, axis: members, logX: true, floor: 0.1,
	},
	{
		name: "peers-kill", title: "A node is killed: known to all others", x: "nodes", y: "s",
		experiments: []string{"kill"}, metrics: []string{"known to all, mean"}, axis: members,
	},
}
