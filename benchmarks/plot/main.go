// Command plot draws what the command papers has measured, from its rows and
// from nothing else.
//
//	cat results/*.jsonl | go run ./plot
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

func main() {
	dir := flag.String("dir", "results", "where the drawings go")
	flag.Parse()
	rows, err := read(os.Stdin)
	if err != nil {
		report.Exit(err)
	}
	for _, d := range drawings(rows) {
		p, err := d.draw(rows)
		if err != nil {
			report.Exit(fmt.Errorf("%s: %w", d.file(), err))
		}
		if p == nil {
			continue // an empty drawing says less than none
		}
		file := filepath.Join(*dir, d.file())
		if err := p.Save(18*vg.Centimeter, 12*vg.Centimeter, file); err != nil {
			report.Exit(err)
		}
		fmt.Println(file)
	}
}

// drawing is one file. Its plot is nil if there are no rows for it.
type drawing interface {
	file() string
	draw(rows []report.Row) (*plot.Plot, error)
}

func drawings(rows []report.Row) (all []drawing) {
	for _, f := range frontiers(rows) {
		all = append(all, f)
	}
	for i := range charts {
		all = append(all, &charts[i])
	}
	return all
}

// read takes one JSON object a line. Of several rows about the same figure the
// last counts: who repeats an experiment appends to what is there.
func read(from io.Reader) (rows []report.Row, err error) {
	type figure struct{ experiment, setting, metric string }
	at := make(map[figure]int)
	for r, err := range report.Rows(from) {
		if err != nil {
			return nil, err
		}
		f := figure{r.Experiment, r.Setting, r.Metric}
		if i, again := at[f]; again {
			rows[i] = r
			continue
		}
		at[f] = len(rows)
		rows = append(rows, r)
	}
	return rows, nil
}
