package main

import (
	"slices"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// figures are those of one experiment, over its repeats, in the order in which each
// was first added.
type figures struct {
	experiment string
	all        []*figure
}

// figure is what was measured each time.
type figure struct {
	setting, metric, unit string
	values                []float64
}

// of returns a function that adds figures of a setting.
func (f *figures) of(setting string) func(metric string, value float64, unit string) {
	return func(metric string, value float64, unit string) {
		at := slices.IndexFunc(f.all, func(g *figure) bool { return g.setting == setting && g.metric == metric })
		if at < 0 {
			at = len(f.all)
			f.all = append(f.all, &figure{setting: setting, metric: metric, unit: unit})
		}
		f.all[at].values = append(f.all[at].values, value)
	}
}

// addAll adds those of a part of the experiment.
func (f *figures) addAll(part *figures) {
	for _, g := range part.all {
		for _, v := range g.values {
			f.of(g.setting)(g.metric, v, g.unit)
		}
	}
}

// report adds a row for each: the median, and of several values the least and the most
// too, as metrics of their own.
func (f *figures) report(r *report.Report) {
	for _, g := range f.all {
		row := report.Row{Experiment: f.experiment, Setting: g.setting, Metric: g.metric, Value: median(g.values), Unit: g.unit}
		r.Add(row)
		if len(g.values) < 2 {
			continue
		}
		row.Metric, row.Value = g.metric+", least", slices.Min(g.values)
		r.Add(row)
		row.Metric, row.Value = g.metric+", most", slices.Max(g.values)
		r.Add(row)
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
