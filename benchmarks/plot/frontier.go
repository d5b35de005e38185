package main

import (
	"regexp"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// frontier sets accuracy against latency: for each configuration that E7 and E8
// both have, its false positives over its time to the first detection. Whoever
// has another below and to the left of it is beaten. E7 is run in variants, which
// its settings end with; each has a frontier of its own.
type frontier struct{ variant string }

// frontiers are those that rows has the figures of.
func frontiers(rows []report.Row) (all []frontier) {
	for i := range rows {
		for j := range rows {
			if variant, ok := paired(&rows[i], &rows[j]); ok && !slices.Contains(all, frontier{variant}) {
				all = append(all, frontier{variant})
			}
		}
	}
	return all
}

// paired reports whether two rows make a point, and of which variant.
func paired(slow, wrong *report.Row) (variant string, ok bool) {
	if slow.Experiment != "E8" || slow.Metric != "first detection, median" || wrong.Experiment != "E7" || wrong.Metric != "FP of SWIM's" {
		return "", false
	}
	variant, ok = strings.CutPrefix(wrong.Setting, slow.Setting)
	return strings.TrimPrefix(variant, ", "), ok && (variant == "" || strings.HasPrefix(variant, ", "))
}

var notInFiles = regexp.MustCompile(`[^a-z0-9]+`)

func (f frontier) file() string {
	name := strings.TrimSuffix("e7-e8-frontier-"+notInFiles.ReplaceAllString(strings.ReplaceAll(f.variant, "µ", "u"), "-"), "-")
	return name + ".svg"
}

// leastShare is where a frontier shows that there was no false positive.
const leastShare = 0.001

func (f frontier) draw(rows []report.Row) (*plot.Plot, error) {
	s := f.series(rows)
	if len(s.lines) == 0 {
		return nil, nil
	}
	title := strings.TrimSuffix("E7, E8: accuracy against latency, "+f.variant, ", ")
	p := newPlot(title, "median first detection, s", "false positives, % of SWIM's (0 shown at 0.001)")
	logarithmic(&p.Y)
	p.X.Min, p.Y.Min = 0, leastShare/2
	for _, l := range s.lines {
		if err := l.draw(p, false); err != nil {
			return nil, err
		}
	}
	p.X.Max *= 1.1 // most are as slow as the slowest, and should not sit on the edge
	return p, nil
}

func (f frontier) series(rows []report.Row) (s series) {
	for i := range rows {
		for j := range rows {
			slow, wrong := &rows[i], &rows[j]
			if variant, ok := paired(slow, wrong); !ok || variant != f.variant {
				continue
			}
			point := func(seconds, share float64) plotter.XY {
				return plotter.XY{X: seconds, Y: max(share, leastShare)}
			}
			ours := s.add(slow.Setting, false, -1, point(slow.Value, wrong.Value))
			seconds, share := figures(slow.Reference), figures(wrong.Reference)
			if len(seconds) == 1 && len(share) == 1 {
				s.add(slow.Setting, true, ours.color, point(seconds[0].value, share[0].value))
			}
		}
	}
	return s
}
