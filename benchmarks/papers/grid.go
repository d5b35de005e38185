package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
)

// configuration is a set of parameters with the paper's figures for it.
type configuration struct {
	name    string
	params  core.Params
	latency []string // Table V: median, 99 and 99.9 % of first, then of full detection
	share   []string // Table IV: FP and FP- in percent of SWIM
	load    []string // Table VI: messages and bytes in percent of SWIM
	fp      []int    // Figure 2, by C
	healthy []int    // Figure 3, by C
}

// plainSWIM is the paper's baseline: Lifeguard's parameters without its parts.
func plainSWIM() core.Params {
	p := core.Lifeguard()
	p.HealthMax, p.SuspicionMaxMult, p.Confirmations, p.Buddy = 0, 1, 0, false
	return p
}

// configurations are the five of Lifeguard's evaluation, and ours.
func configurations() []configuration {
	probe, suspicion, buddy := plainSWIM(), plainSWIM(), plainSWIM()
	probe.HealthMax = core.Lifeguard().HealthMax
	suspicion.SuspicionMaxMult, suspicion.Confirmations = core.Lifeguard().SuspicionMaxMult, core.Lifeguard().Confirmations
	buddy.Buddy = true
	return []configuration{
		{
			"SWIM", plainSWIM(),
			[]string{"12.44", "16.96", "19.40", "12.90", "16.93", "20.17"},
			[]string{"100", "100"},
			[]string{"100", "100"},
			[]int{906, 5973, 11286, 23144, 34496, 45482, 58950, 77050, 81649},
			[]int{24, 9, 43, 40, 90, 204, 183, 276, 458},
		},
		{
			"LHA-Probe", probe,
			[]string{"12.42", "17.75", "20.10", "12.90", "17.98", "20.56"},
			[]string{"67.72", "32.88"},
			[]string{"98.46", "90.03"},
			[]int{512, 3208, 7225, 15198, 21921, 36469, 41827, 50258, 52920},
			[]int{2, 1, 3, 7, 57, 43, 57, 157, 109},
		},
		{
			"LHA-Suspicion", suspicion,
			[]string{"12.42", "17.47", "25.41", "12.89", "17.33", "23.80"},
			[]string{"3.00", "6.71"},
			[]string{"111.31", "106.52"},
			[]int{49, 311, 142, 581, 1341, 1119, 1762, 2892, 1977},
			[]int{0, 1, 2, 4, 9, 10, 11, 18, 34},
		},
		{
			"Buddy System", buddy,
			[]string{"12.45", "17.12", "19.16", "12.92", "17.18", "19.81"},
			[]string{"94.08", "44.57"},
			[]string{"100.07", "99.01"},
			[]int{950, 6387, 8474, 20186, 34728, 46437, 58439, 71717, 71549},
			[]int{1, 5, 12, 24, 45, 63, 96, 159, 186},
		},
		{
			"Lifeguard", core.Lifeguard(),
			[]string{"12.45", "17.90", "21.20", "12.91", "18.05", "21.68"},
			[]string{"1.53", "1.89"},
			[]string{"110.59", "97.97"},
			[]int{18, 143, 110, 224, 573, 751, 842, 1335, 1197},
			[]int{0, 1, 4, 2, 0, 6, 4, 3, 5},
		},
		{name: "ours", params: core.LAN()},
	}
}

// grid is the points of Lifeguard's evaluation (section V-C).
type grid struct {
	stalled []int           // C
	stalls  []time.Duration // D
	normals []time.Duration // I
	reps    int
}

const ms = time.Millisecond

// members is the size of the paper's cluster.
const members = 128

// newGrid is the paper's grid, or a part of it.
func newGrid(b *bench) grid {
	if b.Quick {
		return quickGrid()
	}
	g := fullGrid(b.reps)
	g.normals = everyNth(g.normals, b.thin)
	return g
}

func everyNth(list []time.Duration, n int) (some []time.Duration) {
	for i := 0; i < len(list); i += n {
		some = append(some, list[i])
	}
	return some
}

func fullGrid(reps int) grid {
	return grid{
		stalled: []int{1, 4, 8, 12, 16, 20, 24, 28, 32},
		stalls:  []time.Duration{128 * ms, 512 * ms, 2048 * ms, 8192 * ms, 16384 * ms, 32768 * ms},
		normals: []time.Duration{1 * ms, 4 * ms, 16 * ms, 64 * ms, 256 * ms, 1024 * ms, 4096 * ms, 16384 * ms},
		reps:    reps,
	}
}

func quickGrid() grid {
	return grid{
		stalled: []int{4, 32},
		stalls:  []time.Duration{2048 * ms, 32768 * ms},
		normals: []time.Duration{4 * ms, 1024 * ms},
		reps:    1,
	}
}

// paperRuns is how many runs of the Interval grid the paper has for each C.
const paperRuns = 480

// threshold are the runs with a single stall. Those which are too short for
// any verdict are part of the paper's grid and have no detection.
func (g *grid) threshold(b *bench, params core.Params) (runs []*anomalies) {
	for rep := range g.reps {
		for _, c := range g.stalled {
			for _, d := range g.stalls {
				runs = append(runs, &anomalies{params: params, members: members, stalled: c, stall: d, seed: b.seed(8, rep, c, int(d))})
			}
		}
	}
	return runs
}

// variant is what else differs between runs of the Interval grid.
type variant struct {
	receive time.Duration // what each message costs its receiver
	rotate  bool          // whether others stall each time
}

func (v *variant) suffix() (suffix string) {
	if v.receive > 0 {
		suffix += fmt.Sprintf(", recv=%v", v.receive)
	}
	if v.rotate {
		suffix += ", rotating"
	}
	return suffix
}

// interval are the runs with stalls again and again.
func (g *grid) interval(b *bench, params core.Params, v variant) (runs []*anomalies) {
	for rep := range g.reps {
		for _, c := range g.stalled {
			for _, d := range g.stalls {
				for _, i := range g.normals {
					runs = append(runs, &anomalies{
						params: params, members: members, stalled: c, stall: d, normal: i, variant: v,
						seed: b.seed(7, rep, c, int(d), int(i)),
					})
				}
			}
		}
	}
	return runs
}

// latency is what the Threshold runs of a configuration add up to.
type latency struct{ first, full []time.Duration }

func measureLatency(runs []*anomalies) (l latency) {
	for _, o := range each(runs, (*anomalies).run) {
		l.first = append(l.first, o.first...)
		l.full = append(l.full, o.full...)
	}
	return l
}

// quantiles are in the order of Table V, in seconds.
func (l *latency) quantiles() (seconds []float64) {
	for _, times := range [][]time.Duration{l.first, l.full} {
		for _, q := range []float64{0.5, 0.99, 0.999} {
			seconds = append(seconds, report.Quantile(times, q).Seconds())
		}
	}
	return seconds
}

var latencyMetrics = []string{
	"first detection, median", "first detection, 99 %", "first detection, 99.9 %",
	"full detection, median", "full detection, 99 %", "full detection, 99.9 %",
}

// lifeguardGrids is Lifeguard's evaluation: the same points and seeds for each
// configuration.
func lifeguardGrids(b *bench) {
	g := newGrid(b)
	all := configurations()
	if b.Wants("E8") {
		printLatency(b, &g, all)
	}
	if !b.Wants("E7") && !b.Wants("E9") {
		return
	}
	measured := measureAll(b, &g, all, variant{})
	if b.Wants("E7") {
		printAccuracy(b, &g, all, measured)
		printVariants(b, g, all)
	}
	if b.Wants("E9") {
		printLoad(b, all, measured)
	}
}

func printLatency(b *bench, g *grid, all []configuration) {
	b.Title("E8: detection of stalled members, Threshold grid (Lifeguard, Table V)")
	conditions(b, g)
	b.Note("Only stalls of 16.4 and 32.8 s are long enough for a verdict of the paper's configurations; 99.9 %% rests on the longest alone.")
	for _, c := range all {
		l := measureLatency(g.threshold(b, c.params))
		for i, v := range l.quantiles() {
			b.Add(row("E8", c.name, latencyMetrics[i], v, "s", at(c.latency, i), "Table V"))
		}
		b.Add(row("E8", c.name, "stalled members detected", float64(len(l.first)), "", "", ""))
	}
	b.Flush()
}

func conditions(b *bench, g *grid) {
	b.Note("Simulator instead of 128 agents on one machine: 50-100 µs one way, no loss, no cost of CPU; stalls as in the paper (sends and")
	b.Note("receives block, timers run). In the paper's configurations the timers of a released member come before its inbox, in ours after, as in")
	b.Note("the Driver. %d members, C of %v, D of %v, I of %v, %d repetitions; the same seeds for each configuration.",
		members, g.stalled, g.stalls, g.normals, g.reps)
}

func row(experiment, setting, metric string, value float64, unit, reference, source string) report.Row {
	r := report.Row{Experiment: experiment, Setting: setting, Metric: metric, Value: value, Unit: unit, Reference: reference}
	if reference != "" {
		r.Source = source
	}
	return r
}

// at is what is published, if anything is.
func at(published []string, i int) string {
	if i < len(published) {
		return published[i]
	}
	return ""
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}
