package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// accuracy is what the Interval runs of a configuration add up to.
type accuracy struct {
	fp, healthy       int
	fpBy, healthyBy   map[int]int // by C
	fpByNormal        map[time.Duration]int
	packets, bytes    float64
	nodeSeconds, runs float64
}

func measureAccuracy(runs []*anomalies) accuracy {
	a := accuracy{fpBy: make(map[int]int), healthyBy: make(map[int]int), fpByNormal: make(map[time.Duration]int), runs: float64(len(runs))}
	for i, o := range each(runs, (*anomalies).run) {
		a.fp += o.falsePositives
		a.healthy += o.falsePositivesHealthy
		a.fpBy[runs[i].stalled] += o.falsePositives
		a.fpByNormal[runs[i].normal] += o.falsePositives
		a.healthyBy[runs[i].stalled] += o.falsePositivesHealthy
		a.packets += float64(o.packets)
		a.bytes += float64(o.bytes)
		a.nodeSeconds += o.nodeSeconds
	}
	return a
}

// measureAll measures each configuration on the same runs.
func measureAll(b *bench, g *grid, all []configuration, v variant) []accuracy {
	measured := make([]accuracy, len(all))
	for i, c := range all {
		measured[i] = measureAccuracy(g.interval(b, c.params, v))
	}
	return measured
}

func printAccuracy(b *bench, g *grid, all []configuration, measured []accuracy) {
	b.Title("E7: false positives, Interval grid (Lifeguard, Table IV, Figures 2 and 3)")
	conditions(b, g)
	b.Note("Counts are of this grid; the paper's of ten repetitions, so its figures by C are scaled by the number of runs.")
	b.Note("Where this departs from the paper: a released member takes all that waits in its socket at once, but for the table of recv. Nor is there")
	b.Note("memberlist's merge of tables, which makes its own node an accuser. FP- are few and come in bursts, most of a configuration's in one run: their")
	b.Note("shares of SWIM's say what happens, and do not rank the configurations by a single repetition.")
	printTotals(b, all, measured, &variant{})
	for i, c := range all {
		for _, normal := range g.normals {
			fp, whole := measured[i].fpByNormal[normal], measured[0].fpByNormal[normal]
			setting := fmt.Sprintf("%s, I=%d", c.name, normal.Milliseconds())
			b.Add(row("E7", setting, "FP by interval", float64(fp), "", "", ""))
			b.Add(row("E7", setting, "FP by interval, of SWIM's", percent(fp, whole), "%", "", ""))
		}
	}
	b.Flush()
	full := fullGrid(1).stalled
	for _, f := range []struct {
		metric, figure string
		of             func(*accuracy) map[int]int
		published      func(*configuration) []int
	}{
		{"FP", "Figure 2", func(m *accuracy) map[int]int { return m.fpBy }, func(c *configuration) []int { return c.fp }},
		{"FP-", "Figure 3", func(m *accuracy) map[int]int { return m.healthyBy }, func(c *configuration) []int { return c.healthy }},
	} {
		for i, c := range all {
			for j, stalled := range full {
				count, ran := f.of(&measured[i])[stalled]
				if !ran {
					continue
				}
				reference := ""
				if published := f.published(&c); published != nil {
					reference = report.Figure(float64(published[j]) * float64(len(g.stalls)*len(g.normals)*g.reps) / paperRuns)
				}
				b.Add(row("E7", fmt.Sprintf("%s, C=%d", c.name, stalled), f.metric, float64(count), "", reference, f.figure))
			}
		}
	}
	b.Flush()
}

func printTotals(b *bench, all []configuration, measured []accuracy, v *variant) {
	base := &measured[0]
	for i, c := range all {
		m, setting := &measured[i], c.name+v.suffix()
		b.Add(row("E7", setting, "FP", float64(m.fp), "", "", ""))
		b.Add(row("E7", setting, "FP-", float64(m.healthy), "", "", ""))
		b.Add(row("E7", setting, "FP per run", float64(m.fp)/m.runs, "", "", ""))
		b.Add(row("E7", setting, "FP of SWIM's", percent(m.fp, base.fp), "%", at(c.share, 0), "Table IV"))
		b.Add(row("E7", setting, "FP- of SWIM's", percent(m.healthy, base.healthy), "%", at(c.share, 1), "Table IV"))
	}
	b.Flush()
}

// variantThin is which intervals the variants take at most, since each of them is
// as much work as the grid itself.
const variantThin = 4

// printVariants repeats E7 where the paper leaves open what it did, or the simulator
// is kinder than a machine.
func printVariants(b *bench, g grid, all []configuration) {
	if g.reps = 1; b.Quick {
		g.normals = g.normals[:1]
	} else {
		g.normals = everyNth(fullGrid(1).normals, max(b.thin, variantThin))
	}
	for _, v := range []variant{{receive: b.receive}, {rotate: true}} {
		if v == (variant{}) {
			continue
		}
		b.Title("E7%s: false positives", v.suffix())
		conditions(b, &g)
		if v.receive > 0 {
			b.Note("Each message costs its receiver %v, so that a released member does not get through what waits in its socket in 1 to 16 ms, as a real", v.receive)
			b.Note("one does not, and a refutation waits there unread: the paper has FP of LHA-Suspicion at C=1, where nobody can confirm.")
		}
		if v.rotate {
			b.Note("The next C members stall each time, where else the same C do: \"repeats in rotation\" may mean either. A failure of who stalls or has")
			b.Note("stalled within the last %v is no false positive.", aftermath)
		}
		printTotals(b, all, measureAll(b, &g, all, v), &v)
	}
}

func printLoad(b *bench, all []configuration, measured []accuracy) {
	b.Title("E9: messages and bytes, Interval grid (Lifeguard, Table VI)")
	b.Note("From E7's runs. A sync over a stream is one message each way, as in the paper. Bytes are those of our own encoding,")
	b.Note("so only the percentages compare; the paper's SWIM sends 6.2 messages and 2280 bytes per member and second.")
	base := measured[0]
	for i, c := range all {
		m := &measured[i]
		b.Add(row("E9", c.name, "messages per member", m.packets/m.nodeSeconds, "/s", "", ""))
		b.Add(row("E9", c.name, "bytes per member", m.bytes/m.nodeSeconds, "B/s", "", ""))
		b.Add(row("E9", c.name, "messages of SWIM's", 100*(m.packets/m.nodeSeconds)/(base.packets/base.nodeSeconds), "%", at(c.load, 0), "Table VI"))
		b.Add(row("E9", c.name, "bytes of SWIM's", 100*(m.bytes/m.nodeSeconds)/(base.bytes/base.nodeSeconds), "%", at(c.load, 1), "Table VI"))
	}
	b.Flush()
}
