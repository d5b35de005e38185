package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/transport"
)

// climbed lets a ladder over a network with faults be climbed in virtual time, and
// returns its rows by setting and metric.
func climbed(t *testing.T, l ladder, faults transport.Faults) map[string]float64 {
	t.Helper()
	var lines bytes.Buffer
	l.transport = "memory"
	l.network = func() cluster.Listen {
		n := transport.NewMemoryNetwork(1)
		n.SetFaults(faults)
		return func(name string) (swim.Transport, error) { return n.Listen(name) }
	}
	synctest.Test(t, func(t *testing.T) {
		if err := l.climb(t.Context(), report.To(&lines, &report.Options{JSON: true})); err != nil {
			t.Fatal(err)
		}
	})
	rows := make(map[string]float64)
	for line := range strings.Lines(lines.String()) {
		var r report.Row
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		rows[r.Setting+": "+r.Metric] = r.Value
	}
	return rows
}

func TestLadderEndsAtTheLargestAskedFor(t *testing.T) {
	rows := climbed(t, ladder{least: 8, most: 16, idle: time.Second, limit: time.Hour}, transport.Faults{})
	if got := rows["largest, memory: nodes without a false suspicion"]; got != 16 {
		t.Errorf("largest %v, want 16: %v", got, rows)
	}
	if got := rows["largest, memory, n=16: kill, known to all"]; got < 1 || got > 20 {
		t.Errorf("a kill is known after %v s", got)
	}
}

// On a network that takes longer than a period there and back everybody is.
func TestLadderEndsAtASuspicion(t *testing.T) {
	rows := climbed(t, ladder{least: 8, most: 16, idle: time.Minute, limit: time.Hour}, transport.Faults{MinDelay: 1200 * time.Millisecond})
	if got := rows["largest, memory: nodes without a false suspicion"]; got != 0 {
		t.Errorf("largest %v, want none", got)
	}
	if rows["largest, memory, n=8: suspicions"] == 0 {
		t.Errorf("no suspicions: %v", rows)
	}
	if _, went := rows["largest, memory, n=16: suspicions"]; went {
		t.Error("the ladder goes on after a suspicion")
	}
}

func TestLadderEndsAtItsLimit(t *testing.T) {
	rows := climbed(t, ladder{least: 8, most: 16, idle: time.Minute, limit: 90 * time.Second}, transport.Faults{})
	if got := rows["largest, memory: nodes without a false suspicion"]; got != 8 {
		t.Errorf("largest %v, want 8, for which there is time: %v", got, rows)
	}
}

func TestSimulatorForms(t *testing.T) {
	var lines bytes.Buffer
	simulateOne(report.To(&lines, &report.Options{JSON: true}), 1, 16, 5*time.Second)
	for _, want := range []string{`"kill, known to all"`, `"metric":"suspicions","value":0`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("no %s in %s", want, &lines)
		}
	}
}

func TestStain(t *testing.T) {
	for _, c := range []struct {
		suspicions, failures int64
		idle                 strain
		clean                bool
	}{
		{0, 0, strain{exhausted, tooLate}, true},
		{1, 0, strain{}, false},
		{0, 1, strain{}, false},
		{0, 0, strain{exhausted + 1, 0}, false},
		{0, 0, strain{0, tooLate + 1}, false},
	} {
		if got := stain(c.suspicions, c.failures, c.idle); (got == "") != c.clean {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
