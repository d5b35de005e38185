package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/benchmarks/internal/peer"
	"github.com/swim-go/swim/benchmarks/internal/report"
)

// Of several values a row has the median, and two more have the least and the most.
func TestFiguresTellTheSpread(t *testing.T) {
	f := figures{experiment: "e"}
	add := f.of("s")
	for _, v := range []float64{3, 1, 2} {
		add("often", v, "ms")
	}
	f.of("other")("often", 7, "")
	add("once", 5, "")
	var lines bytes.Buffer
	f.report(report.To(&lines, &report.Options{JSON: true}))
	var got []report.Row
	for line := range strings.Lines(lines.String()) {
		var r report.Row
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	want := []report.Row{
		{Experiment: "e", Setting: "s", Metric: "often", Value: 2, Unit: "ms"},
		{Experiment: "e", Setting: "s", Metric: "often, least", Value: 1, Unit: "ms"},
		{Experiment: "e", Setting: "s", Metric: "often, most", Value: 3, Unit: "ms"},
		{Experiment: "e", Setting: "other", Metric: "often", Value: 7},
		{Experiment: "e", Setting: "s", Metric: "once", Value: 5},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{4}, 4}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 4}, 4}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

// Neither is always first, and what fails for one does not keep the other from its turn.
func TestInTurn(t *testing.T) {
	var who []string
	b := &bench{repeat: 2}
	err := b.inTurn(t.Context(), libraries(), func(l peer.Library) error {
		name, _, _ := strings.Cut(l.Name(), " ")
		who = append(who, name)
		return errors.New("no good")
	})
	if want := []string{"swim", "memberlist", "memberlist", "swim"}; !slices.Equal(who, want) {
		t.Errorf("in turn: %v", who)
	}
	if err == nil || strings.Count(err.Error(), "no good") != 4 {
		t.Errorf("errors: %v", err)
	}
}

// The rendering of the comparison finds rows by the names of the libraries.
func TestSettingsBeginWithTheLibrary(t *testing.T) {
	for i, want := range []string{"swim", "memberlist"} {
		if got := setting(libraries()[i], peer.Loopback(), 8); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ", udp, n=8") {
			t.Errorf("setting %q of %s", got, want)
		}
	}
}
