package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// A table of a document stands between two comments, and is made of the rows that were
// saved: those of an experiment whose setting ends as said, one line for each setting
// and one column for each metric, under a heading of its own.
//
//	<!-- table tuning.jsonl RetransmitMult "n=128"
//	messages of a member = messages a second
//	-->
//	| ... |
//	<!-- end -->
var tableMark = regexp.MustCompile(`(?s)(<!-- table (\S+) (\S+) "([^"]*)"\n(.*?)-->\n)(.*?)(<!-- end -->)`)

// rewriteDocs makes the tables of a document again.
func rewriteDocs(results fs.FS, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	fresh, err := withTables(results, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, fresh, 0o644)
}

// withTables returns a document with its tables made again.
func withTables(results fs.FS, text []byte) ([]byte, error) {
	var failure error
	fresh := tableMark.ReplaceAllFunc(text, func(block []byte) []byte {
		parts := tableMark.FindSubmatch(block)
		rows, err := readRows(results, string(parts[2]))
		if err != nil {
			failure = err
			return block
		}
		table, err := makeTable(rows, string(parts[3]), string(parts[4]), string(parts[5]))
		if err != nil {
			failure = err
		}
		return slices.Concat(parts[1], table, parts[7])
	})
	return fresh, failure
}

// plain is a figure as it is printed, but without an exponent.
func plain(v float64) string {
	figure := report.Figure(v)
	if strings.Contains(figure, "e+") {
		if rounded, err := strconv.ParseFloat(figure, 64); err == nil {
			return strconv.FormatFloat(rounded, 'f', 0, 64)
		}
	}
	return figure
}

func readRows(results fs.FS, name string) (rows []report.Row, err error) {
	data, err := fs.ReadFile(results, name)
	if err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var row report.Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// makeTable writes the rows of an experiment whose settings have the wanted part, which
// is at their beginning or their end and is left out of the first column.
func makeTable(rows []report.Row, experiment, part, columns string) ([]byte, error) {
	var metrics, headings []string
	for line := range strings.Lines(columns) {
		metric, heading, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			return nil, fmt.Errorf("table of %s: the column %q is not metric = heading", experiment, line)
		}
		metrics, headings = append(metrics, metric), append(headings, heading)
	}
	var settings []string
	cells := make(map[string][]string)
	for _, row := range rows {
		name, wanted := row.Setting, strings.HasPrefix(row.Setting, part) || strings.HasSuffix(row.Setting, part)
		column := slices.Index(metrics, row.Metric)
		if row.Experiment != experiment || !wanted || column < 0 {
			continue
		}
		name = strings.Trim(strings.TrimSuffix(strings.TrimPrefix(name, part), part), " ,:")
		if cells[name] == nil {
			settings = append(settings, name)
			cells[name] = slices.Repeat([]string{"–"}, len(metrics))
		}
		cells[name][column] = strings.TrimSpace(plain(row.Value) + " " + row.Unit)
	}
	if len(settings) == 0 {
		return nil, fmt.Errorf("no row of %s with %q", experiment, part)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "| | %s |\n|%s\n", strings.Join(headings, " | "), strings.Repeat(" --- |", len(metrics)+1))
	for _, name := range settings {
		fmt.Fprintf(&out, "| %s | %s |\n", name, strings.Join(cells[name], " | "))
	}
	return out.Bytes(), nil
}
