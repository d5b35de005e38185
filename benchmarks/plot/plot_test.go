package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

func TestAt(t *testing.T) {
	for _, c := range []struct {
		axis    *regexp.Regexp
		setting string
		rest    string
		x       float64
		ok      bool
	}{
		{stalled, "SWIM, C=4", "SWIM", 4, true},
		{stalled, "Buddy System, C=32", "Buddy System", 32, true},
		{stalled, "Lifeguard, C=8, recv=200us", "Lifeguard, recv=200us", 8, true},
		{stalled, "SWIM", "", 0, false},
		{members, "N=128", "", 128, true},
		{members, "n=128 preloaded", "preloaded", 128, true},
		{loss, "loss 10 %, k=3", "k=3", 10, true},
		{beta, "α=5 β=6", "α=5", 6, true},
		{duration, "ours, 24h0m0s, 2 runs", "ours", 1440, true},
		{duration, "ours, 1m30s, 10 runs", "ours", 1.5, true},
		{duration, "ours, .., 10 runs", "", 0, false},
	} {
		rest, x, ok := at(c.axis, c.setting)
		if rest != c.rest || x != c.x || ok != c.ok {
			t.Errorf("%q: %q, %v, %v; want %q, %v, %v", c.setting, rest, x, ok, c.rest, c.x, c.ok)
		}
	}
}

func TestFigures(t *testing.T) {
	for reference, want := range map[string][]published{
		"":                             nil,
		"12.4":                         {{"", 12.4}},
		"memberlist 45.7, Rapid 29.6":  {{"memberlist", 45.7}, {"Rapid", 29.6}},
		"memberlist 994-996, Rapid 99": {{"Rapid", 99}},
		"<= 3.56":                      nil,
		"2 (analysis)":                 nil,
		"0.8-1.2":                      nil,
		"1.2e-06":                      {{"", 1.2e-6}},
	} {
		if got := figures(reference); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", reference, got, want)
		}
	}
}

// Of a figure that was measured twice the last counts, in the first one's place.
func TestReadTakesTheLast(t *testing.T) {
	rows, err := read(strings.NewReader(`{"experiment":"E8","setting":"a","metric":"m","value":1}
{"experiment":"E8","setting":"b","metric":"m","value":2}
{"experiment":"E8","setting":"a","metric":"m","value":3}
`))
	if err != nil || len(rows) != 2 || rows[0].Setting != "a" || rows[0].Value != 3 {
		t.Errorf("%v, %v", rows, err)
	}
	if _, err := read(strings.NewReader("# go run ./papers\n")); err == nil {
		t.Error("what is no row passes")
	}
}

// A peer's figure is published once, though it is said beside each of ours.
func TestPeersAreDrawnOnce(t *testing.T) {
	c := chart{experiments: []string{"E"}, metrics: []string{"m"}, axis: members}
	s := c.series([]report.Row{
		{Experiment: "E", Setting: "a, N=8", Metric: "m", Value: 1, Reference: "peer 5"},
		{Experiment: "E", Setting: "b, N=8", Metric: "m", Value: 2, Reference: "peer 5"},
		{Experiment: "E", Setting: "b, N=9", Metric: "m", Value: 2, Reference: "7"},
		{Experiment: "E", Setting: "no number", Metric: "m", Value: 2},
		{Experiment: "other", Setting: "b, N=8", Metric: "m", Value: 9},
	})
	var got []string
	for _, l := range s.lines {
		got = append(got, l.name+strings.Repeat("*", len(l.points)))
	}
	if want := []string{"a*", "peer*", "b**", "b*"}; !slices.Equal(got, want) {
		t.Errorf("lines %q, want %q", got, want)
	}
	if s.lines[2].color != s.lines[3].color || s.lines[0].color == s.lines[1].color {
		t.Error("what is published of a line has its color, and nothing else has")
	}
}

// A configuration has a point if both experiments have it, and a published one if
// both papers' figures are there.
func TestFrontierPairsTheExperiments(t *testing.T) {
	slow := func(setting string, v float64, reference string) report.Row {
		return report.Row{Experiment: "E8", Setting: setting, Metric: "first detection, median", Value: v, Reference: reference}
	}
	wrong := func(setting string, v float64, reference string) report.Row {
		return report.Row{Experiment: "E7", Setting: setting, Metric: "FP of SWIM's", Value: v, Reference: reference}
	}
	rows := []report.Row{
		slow("a", 12, "13"), slow("b", 4, ""), slow("c", 5, "6"),
		wrong("b", 0, ""), wrong("a", 100, "90"), wrong("d", 7, "8"), wrong("bb", 7, ""),
		wrong("b, recv=200µs", 2, ""),
	}
	all := frontiers(rows)
	if !slices.Equal(all, []frontier{{""}, {"recv=200µs"}}) {
		t.Errorf("frontiers %q", all)
	}
	if got := (frontier{"recv=200µs"}).file(); got != "e7-e8-frontier-recv-200us.svg" {
		t.Errorf("file %q", got)
	}
	if s := (frontier{"recv=200µs"}).series(rows); len(s.lines) != 1 || s.lines[0].points[0].Y != 2 {
		t.Errorf("the variant's lines: %v", s.lines)
	}
	s := frontier{}.series(rows)
	var got []string
	for _, l := range s.lines {
		got = append(got, fmt.Sprintf("%s %v %v", l.name, l.published, l.points))
	}
	want := []string{"a false [{12 100}]", "a true [{13 90}]", "b false [{4 0.001}]"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// committed are the rows of results.
func committed(t *testing.T) []report.Row {
	t.Helper()
	files, err := filepath.Glob("../results/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, f := range files {
		lines, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(lines)
	}
	rows, err := read(&all)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Every metric of every chart has rows: a command that names one otherwise would
// leave a drawing out, and nobody would miss it.
func TestEveryChartFindsItsRows(t *testing.T) {
	rows := committed(t)
	for _, c := range charts {
		for _, metric := range c.metrics {
			one := c
			one.metrics = []string{metric}
			if len(one.series(rows).lines) == 0 {
				t.Errorf("%s: no rows of %q", c.name, metric)
			}
		}
		for _, experiment := range c.experiments {
			one := c
			one.experiments = []string{experiment}
			if len(one.series(rows).lines) == 0 {
				t.Errorf("%s: no rows of %s", c.name, experiment)
			}
		}
	}
	if s := (frontier{}).series(rows); len(s.lines) < 2 {
		t.Errorf("the frontier has %d configurations", len(s.lines))
	}
	for _, d := range drawings(rows) {
		if p, err := d.draw(rows); err != nil || p == nil {
			t.Errorf("%s: %v, %v", d.file(), p, err)
		}
	}
}

func TestNoRowsNoDrawing(t *testing.T) {
	all := drawings(nil)
	if len(all) != len(charts) {
		t.Errorf("%d drawings of nothing, want %d, without a frontier", len(all), len(charts))
	}
	for _, d := range append(all, frontier{}) {
		if p, err := d.draw(nil); err != nil || p != nil {
			t.Errorf("%s: %v, %v", d.file(), p, err)
		}
	}
}

// The drawings that are committed are those of the rows that are.
func TestDrawingsAreOfTheResults(t *testing.T) {
	const results = "../results"
	if runtime.GOARCH != "amd64" {
		t.Skip("other machines round the last digit otherwise")
	}
	sources, err := filepath.Glob(filepath.Join(results, "*.jsonl"))
	if err != nil || len(sources) == 0 {
		t.Fatal("no rows", err)
	}
	var all []byte
	for _, source := range sources {
		rows, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
	}
	dir := t.TempDir()
	drawn, err := drawAll(bytes.NewReader(all), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range drawn {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(results, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the rows give, %v: cat results/*.jsonl | go run ./plot", name, err)
		}
	}
	committed, err := filepath.Glob(filepath.Join(results, "*.svg"))
	if err != nil || len(committed) != len(drawn) {
		t.Errorf("%d drawings are committed, and %d drawn, %v", len(committed), len(drawn), err)
	}
}
