// Command plot draws what the commands papers and peers have measured, from their rows
// and from nothing else.
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
	drawn, err := drawAll(os.Stdin, *dir)
	for _, name := range drawn {
		fmt.Println(filepath.Join(*dir, name))
	}
	if err != nil {
		report.Exit(err)
	}
}

// drawAll draws what there are rows for, and returns the names of the files.
func drawAll(from io.Reader, dir string) (drawn []string, err error) {
	rows, err := read(from)
	if err != nil {
		return nil, err
	}
	for _, d := range drawings(rows) {
		p, err := d.draw(rows)
		if err != nil {
			return drawn, fmt.Errorf("%s: %w", d.file(), err)
		}
		if p == nil {
			continue // an empty drawing says less than none
		}
		if err := p.Save(18*vg.Centimeter, 12*vg.Centimeter, filepath.Join(dir, d.file())); err != nil {
			return drawn, err
		}
		drawn = append(drawn, d.file())
	}
	return drawn, nil
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
