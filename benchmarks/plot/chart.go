package main

import (
	"cmp"
	"image/color"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	_ "gonum.org/v1/plot/vg/vgsvg" // the format of the files

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// chart is one drawing of some metrics. With an axis each row is drawn at the
// number that axis finds in its setting, and what is left of the setting names its
// line. Without one each setting has a place, from the top down, and the
// values go to the right.
type chart struct {
	name, title, x, y    string
	experiments, metrics []string
	axis                 *regexp.Regexp // with one group
	logX                 bool
	// floor makes the axis of the values logarithmic, and is where that shows
	// 0; else it is linear.
	floor float64
}

func (c *chart) file() string { return c.name + ".svg" }

// line is one series. A published one is drawn dashed, with hollow points.
type line struct {
	name      string
	published bool
	color     int
	points    plotter.XYs
}

// series are the lines of a chart and, if it has no axis, the settings.
type series struct {
	lines    []*line
	settings []string
	colors   int
}

// add adds a point to the line of that name, or begins it in a color of its own.
func (s *series) add(name string, published bool, color int, p plotter.XY) *line {
	i := slices.IndexFunc(s.lines, func(l *line) bool { return l.name == name && l.published == published })
	if i < 0 {
		i = len(s.lines)
		if color < 0 {
			color = s.colors
			s.colors++
		}
		s.lines = append(s.lines, &line{name: name, published: published, color: color})
	}
	l := s.lines[i]
	if !slices.Contains(l.points, p) { // a peer's figure is said of each of ours
		l.points = append(l.points, p)
	}
	return l
}

// series are the lines in the order of the metrics, and then of the rows.
func (c *chart) series(rows []report.Row) (s series) {
	for _, metric := range c.metrics {
		for i := range rows {
			if r := &rows[i]; r.Metric == metric && slices.Contains(c.experiments, r.Experiment) {
				c.take(&s, r)
			}
		}
	}
	return s
}

// take draws one row, and what is published about it.
func (c *chart) take(s *series, r *report.Row) {
	name := ""
	point := func(v float64) plotter.XY { return plotter.XY{X: max(v, c.floor), Y: float64(s.place(r.Setting))} }
	if c.axis != nil {
		rest, x, ok := at(c.axis, r.Setting)
		if !ok {
			return
		}
		name = rest
		point = func(v float64) plotter.XY { return plotter.XY{X: x, Y: max(v, c.floor)} }
	}
	if name == "" || len(c.metrics) > 1 {
		name = strings.TrimPrefix(name+", "+r.Metric, ", ")
	}
	ours := s.add(name, false, -1, point(r.Value))
	for _, f := range figures(r.Reference) {
		if f.peer == "" {
			s.add(name, true, ours.color, point(f.value))
		} else {
			s.add(f.peer, true, -1, point(f.value))
		}
	}
}

// place is which setting this is: the first is the highest, so they count down.
func (s *series) place(setting string) int {
	i := slices.Index(s.settings, setting)
	if i < 0 {
		i = len(s.settings)
		s.settings = append(s.settings, setting)
	}
	return -i
}

// at takes "SWIM, C=4" apart into "SWIM" and 4. A duration is in minutes.
func at(axis *regexp.Regexp, setting string) (rest string, x float64, ok bool) {
	m := axis.FindStringSubmatchIndex(setting)
	if m == nil {
		return "", 0, false
	}
	number := setting[m[2]:m[3]]
	x, err := strconv.ParseFloat(number, 64)
	if err != nil {
		d, err := time.ParseDuration(number)
		if err != nil {
			return "", 0, false
		}
		x = d.Minutes()
	}
	before, after := strings.Trim(setting[:m[0]], ", "), strings.Trim(setting[m[1]:], ", ")
	return strings.Trim(before+", "+after, ", "), x, true
}

// published is one figure of a row's reference.
type published struct {
	peer  string
	value float64
}

// figure is a reference that says one number, of a peer or of nobody.
var figure = regexp.MustCompile(`^(?:([A-Za-z]+) )?([0-9.]+(?:e-?[0-9]+)?)$`)

// figures takes a reference apart: "12.4", or "memberlist 45.7, Rapid 29.6". What
// is no figure, such as a range or a bound, is left out.
func figures(reference string) (all []published) {
	for part := range strings.SplitSeq(reference, ", ") {
		m := figure.FindStringSubmatch(part)
		if m == nil {
			continue
		}
		if v, err := strconv.ParseFloat(m[2], 64); err == nil {
			all = append(all, published{m[1], v})
		}
	}
	return all
}

// draw returns nil if no row belongs to the chart.
func (c *chart) draw(rows []report.Row) (*plot.Plot, error) {
	s := c.series(rows)
	if len(s.lines) == 0 {
		return nil, nil
	}
	p := newPlot(c.title, c.x, c.y)
	values := &p.Y
	if c.axis == nil {
		values = &p.X
		places(p, s.settings)
	}
	if c.logX {
		logarithmic(&p.X)
	}
	if c.floor > 0 {
		logarithmic(values)
	} else if c.axis != nil {
		values.Min = 0
	}
	for _, l := range s.lines {
		slices.SortStableFunc(l.points, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
		if err := l.draw(p, c.axis != nil); err != nil {
			return nil, err
		}
	}
	if c.axis != nil && c.floor == 0 {
		p.Y.Max *= 1 + legendShare*float64(len(s.lines))
	}
	return p, nil
}

// legendShare is which part of a drawing's height one line of the legend takes.
// Only ticks beyond the last point make room for it by themselves, as those of a
// logarithmic axis do.
const legendShare = 0.04

// draw adds the line to a plot, connected or as points alone.
func (l *line) draw(p *plot.Plot, connected bool) error {
	lines, points, err := plotter.NewLinePoints(l.points)
	if err != nil {
		return err
	}
	name := l.name
	lines.Color, points.Color, points.Radius, points.Shape = plotutil.Color(l.color), plotutil.Color(l.color), 2.5, draw.CircleGlyph{}
	if l.published {
		name += ", published"
		lines.Dashes, points.Shape = plotutil.Dashes(1), draw.RingGlyph{}
	}
	if !connected {
		p.Add(points)
		p.Legend.Add(name, points)
		return nil
	}
	p.Add(lines, points)
	p.Legend.Add(name, lines, points)
	return nil
}

func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.BackgroundColor = color.White
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.TextStyle.Font.Size = 8
	p.Add(plotter.NewGrid())
	return p
}

func logarithmic(a *plot.Axis) {
	a.Scale, a.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: 6}
}

// places writes the settings beside the plot, from the top down, with room for
// the legend above them.
func places(p *plot.Plot, settings []string) {
	var ticks plot.ConstantTicks
	for i, s := range settings {
		ticks = append(ticks, plot.Tick{Value: -float64(i), Label: s})
	}
	p.Y.Tick.Marker = ticks
	p.Y.Tick.Label.Font.Size = vg.Points(8)
	p.Y.Min, p.Y.Max = 0.5-float64(len(settings)), max(1, float64(len(settings))/3)
}
