// Command plot draws what the command papers has measured, from its rows and
// from nothing else.
//
//	cat results/*.jsonl | go run ./plot
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	_ "gonum.org/v1/plot/vg/vgsvg" // the format of the files

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// chart is one drawing: a metric over the number that ends the setting. Rows
// whose settings differ before that number are series of their own.
type chart struct {
	file, title, x, y string
	experiment        string
	metrics           []string
	logX, logY        bool
}

// floor is where a logarithmic axis shows 0.
const floor = 0.5

var charts = []chart{
	{"e7-fp.svg", "E7: false positives by stalled members", "stalled members of 128", "FP (0 shown at 0.5)", "E7", []string{"FP"}, false, true},
	{"e7-fp-healthy.svg", "E7: false positives at healthy members", "stalled members of 128", "FP- (0 shown at 0.5)", "E7", []string{"FP-"}, false, true},
	{"e1-load.svg", "E1: messages sent per member and period", "members", "messages", "E1", []string{"sent"}, true, false},
	{"e2-detection.svg", "E2: first suspicion of a crash", "members", "periods", "E2", []string{"first ping, mean", "first suspicion, mean"}, true, false},
	{"e3-infection.svg", "E3: infection", "members", "periods", "E3", []string{"median member, mean", "last member, mean"}, false, false},
	{"e20-time.svg", "E20: detection and dissemination", "members", "s", "E20", []string{"an update reaches all", "a crash is declared by the first", "a crash is known to all"}, true, false},
	{"e20-load.svg", "E20: load per member, syncs left out", "members", "B/s", "E20", []string{"bytes per member, syncs left out"}, true, false},
}

func main() {
	dir := flag.String("dir", "results", "where the drawings go")
	flag.Parse()
	rows, err := read(os.Stdin)
	if err != nil {
		report.Exit(err)
	}
	for _, c := range charts {
		drawn, err := c.draw(rows, *dir)
		if err != nil {
			report.Exit(fmt.Errorf("%s: %w", c.file, err))
		}
		if drawn {
			fmt.Println(filepath.Join(*dir, c.file))
		}
	}
	if err := frontier(rows, *dir); err != nil {
		report.Exit(err)
	}
}

func read(from io.Reader) (rows []report.Row, err error) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var r report.Row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, lines.Err()
}

// line is one series, measured and published.
type line struct {
	name                string
	measured, published plotter.XYs
}

// lines are the series of a chart, in the order of the rows.
func (c *chart) lines(rows []report.Row) (lines []*line) {
	byName := make(map[string]*line)
	for _, metric := range c.metrics {
		for _, r := range rows {
			if r.Experiment != c.experiment || r.Metric != metric {
				continue
			}
			name, x, ok := split(r.Setting)
			if !ok {
				continue
			}
			if name == "" || len(c.metrics) > 1 {
				name = strings.TrimPrefix(name+" "+metric, " ")
			}
			l := byName[name]
			if l == nil {
				l = &line{name: name}
				byName[name] = l
				lines = append(lines, l)
			}
			l.measured = append(l.measured, plotter.XY{X: x, Y: c.clamp(r.Value)})
			if y, err := strconv.ParseFloat(r.Reference, 64); err == nil {
				l.published = append(l.published, plotter.XY{X: x, Y: c.clamp(y)})
			}
		}
	}
	return lines
}

func (c *chart) clamp(y float64) float64 {
	if c.logY {
		return max(y, floor)
	}
	return y
}

// split takes "SWIM, C=4" apart into "SWIM" and 4.
func split(setting string) (name string, x float64, ok bool) {
	at := strings.LastIndexByte(setting, '=')
	if at < 0 {
		return "", 0, false
	}
	x, err := strconv.ParseFloat(setting[at+1:], 64)
	before := strings.LastIndex(setting[:at], ", ")
	return setting[:max(before, 0)], x, err == nil
}

func (c *chart) draw(rows []report.Row, dir string) (bool, error) {
	lines := c.lines(rows)
	if len(lines) == 0 {
		return false, nil
	}
	p := newPlot(c.title, c.x, c.y)
	if c.logX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	if c.logY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	} else {
		p.Y.Min = 0
	}
	for i, l := range lines {
		if err := add(p, l.measured, plotutil.Color(i), nil, l.name); err != nil {
			return false, err
		}
		if len(l.published) > 0 {
			if err := add(p, l.published, plotutil.Color(i), plotutil.Dashes(1), l.name+", published"); err != nil {
				return false, err
			}
		}
	}
	return true, p.Save(18*vg.Centimeter, 12*vg.Centimeter, filepath.Join(dir, c.file))
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

func add(p *plot.Plot, points plotter.XYs, c color.Color, dashes []vg.Length, name string) error {
	l, s, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	l.Color, l.Dashes, s.Color, s.Radius = c, dashes, c, 2
	s.Shape = draw.CircleGlyph{}
	p.Add(l, s)
	p.Legend.Add(name, l, s)
	return nil
}

// frontier sets accuracy against latency, for all of E7 and E8.
func frontier(rows []report.Row, dir string) error {
	var names []string
	points := make(map[string]*[3]float64)
	for _, r := range rows {
		i := 0
		switch {
		case r.Experiment == "E8" && r.Metric == "first detection, median":
		case r.Experiment == "E7" && r.Metric == "FP per run":
			i = 1
		default:
			continue
		}
		if points[r.Setting] == nil {
			points[r.Setting] = new([3]float64)
			names = append(names, r.Setting)
		}
		points[r.Setting][i] = r.Value
		points[r.Setting][2]++
	}
	if len(names) == 0 {
		return nil
	}
	const least = 0.001
	p := newPlot("E7, E8: accuracy against latency", "median first detection, s", "false positives per run (0 shown at 0.001)")
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 15, least/2, 1000
	for i, name := range names {
		if points[name][2] < 2 {
			continue
		}
		s, err := plotter.NewScatter(plotter.XYs{{X: points[name][0], Y: max(points[name][1], least)}})
		if err != nil {
			return err
		}
		s.Color, s.Shape, s.Radius = plotutil.Color(i), plotutil.Shape(i), 4
		p.Add(s)
		p.Legend.Add(name, s)
	}
	file := filepath.Join(dir, "e7-e8-frontier.svg")
	fmt.Println(file)
	return p.Save(18*vg.Centimeter, 12*vg.Centimeter, file)
}
