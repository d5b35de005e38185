package main

import (
	"fmt"

	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/internal/core"
)

// table7 are the columns of Lifeguard's Table VII: α, β, and percent of SWIM's
// figures, in the order of latencyMetrics, then FP and FP-.
var table7 = []struct {
	alpha, beta int
	published   [8]float64
}{
	{2, 2, [8]float64{53.14, 69.81, 76.08, 55.12, 73.07, 76.20, 98.37, 31.15}},
	{2, 4, [8]float64{54.10, 72.88, 75.41, 56.28, 76.96, 75.11, 43.64, 22.47}},
	{2, 6, [8]float64{54.34, 75.53, 80.36, 56.74, 79.15, 78.58, 24.16, 13.65}},
	{4, 2, [8]float64{82.96, 94.28, 99.07, 84.42, 97.05, 92.17, 37.72, 20.29}},
	{4, 4, [8]float64{83.04, 96.17, 93.71, 84.03, 96.69, 95.14, 8.04, 9.50}},
	{4, 6, [8]float64{83.12, 96.82, 94.69, 84.42, 96.52, 92.71, 3.18, 4.83}},
	{5, 2, [8]float64{99.76, 104.95, 112.32, 99.92, 105.73, 107.64, 26.61, 15.38}},
	{5, 4, [8]float64{99.52, 102.71, 111.44, 99.61, 105.08, 107.93, 5.43, 5.05}},
	{5, 6, [8]float64{100.08, 105.54, 109.28, 100.08, 106.62, 107.49, 1.53, 1.89}},
}

// alphaBeta is Lifeguard's Table VII.
func alphaBeta(b *bench) {
	g := newGrid(b)
	columns := table7
	if b.Quick {
		columns = columns[2:6:6]
	}
	b.Title("E10: Lifeguard's suspicion timeout by α and β, percent of SWIM's (Lifeguard, Table VII)")
	conditions(b, &g)
	b.Note("K is 3 throughout, as the figures show that it was in the paper.")
	base := measureLatency(g.threshold(b, plainSWIM()))
	swim := base.quantiles()
	accurate := measureAccuracy(g.interval(b, plainSWIM(), variant{}))
	for _, c := range columns {
		p := core.Lifeguard()
		p.Alpha, p.SuspicionMaxMult = c.alpha, c.beta
		l := measureLatency(g.threshold(b, p))
		setting := fmt.Sprintf("α=%d β=%d", c.alpha, c.beta)
		for i, v := range l.quantiles() {
			b.Add(row("E10", setting, latencyMetrics[i], 100*v/swim[i], "%", report.Figure(c.published[i]), "Table VII"))
		}
		a := measureAccuracy(g.interval(b, p, variant{}))
		b.Add(row("E10", setting, "FP", percent(a.fp, accurate.fp), "%", report.Figure(c.published[6]), "Table VII"))
		b.Add(row("E10", setting, "FP-", percent(a.healthy, accurate.healthy), "%", report.Figure(c.published[7]), "Table VII"))
	}
	b.Flush()
}
