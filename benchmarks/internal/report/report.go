// Package report is the one face of all benchmark commands: their flags, and
// the rows that they print. Tables and plots are drawn from rows and from
// nothing else.
package report

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Row is one measured figure.
type Row struct {
	Experiment string  `json:"experiment"`
	Setting    string  `json:"setting"`
	Metric     string  `json:"metric"`
	Value      float64 `json:"value"`
	Unit       string  `json:"unit"`
	// Reference is the published figure, or a peer's, as text: it may be a range.
	Reference string `json:"reference,omitempty"`
	// Source says where Reference is from.
	Source string `json:"source,omitempty"`
}

// Options are the flags that every command has.
type Options struct {
	Quick bool
	Seed  uint64
	JSON  bool
	// Save names a file that takes the rows as JSON beside what is printed.
	Save string
	only []string
}

// Parse reads the flags of the command line. experiments are the names that
// -run may list; none means that the command has no -run.
func Parse(experiments ...string) *Options {
	o := new(Options)
	flag.BoolVar(&o.Quick, "quick", false, "a smaller run that ends within a minute")
	flag.Uint64Var(&o.Seed, "seed", 1, "where all chance comes from")
	flag.BoolVar(&o.JSON, "json", false, "print one JSON object a line instead of tables")
	flag.StringVar(&o.Save, "save", "", "also write the rows as JSON lines to this file")
	run := ""
	if len(experiments) > 0 {
		flag.StringVar(&run, "run", "", "comma-separated experiments out of "+strings.Join(experiments, ",")+"; all if empty")
	}
	flag.Parse()
	if flag.NArg() > 0 {
		Exit(fmt.Errorf("unexpected argument %q", flag.Arg(0)))
	}
	for name := range strings.SplitSeq(run, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.Contains(experiments, name) {
			Exit(fmt.Errorf("-run: no experiment %q; there are %s", name, strings.Join(experiments, ", ")))
		}
		o.only = append(o.only, name)
	}
	return o
}

// Wants reports whether -run asks for an experiment.
func (o *Options) Wants(experiment string) bool {
	return len(o.only) == 0 || slices.Contains(o.only, experiment)
}

// Exit ends the command because of err.
func Exit(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Report prints rows as they come, and remarks between them.
type Report struct {
	out  io.Writer
	save io.Writer // nil for none
	json bool
	rows []Row
}

// New makes a Report that prints to standard output. The command itself comes
// first, so that what is kept of its output says how it was made.
func New(o *Options) *Report { return To(os.Stdout, o) }

// To makes a Report that prints elsewhere.
func To(out io.Writer, o *Options) *Report {
	r := &Report{out: out, json: o.JSON}
	if o.Save != "" {
		file, err := os.Create(o.Save)
		if err != nil {
			Exit(err)
		}
		r.save = file
	}
	r.print("# go run ./%s\n", strings.Join(append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...), " "))
	return r
}

// Add takes a figure. With -json it is printed at once.
func (r *Report) Add(row Row) {
	line, err := json.Marshal(row)
	if err != nil {
		Exit(err)
	}
	line = append(line, '\n')
	if r.save != nil {
		if _, err := r.save.Write(line); err != nil {
			Exit(err)
		}
	}
	if !r.json {
		r.rows = append(r.rows, row)
	} else if _, err := r.out.Write(line); err != nil {
		Exit(err)
	}
}

// Title begins an experiment. It and Note are left out of JSON.
func (r *Report) Title(format string, args ...any) {
	r.Flush()
	r.print("\n== "+format+"\n", args...)
}

// Note prints a remark, such as what differs from a paper's conditions.
func (r *Report) Note(format string, args ...any) {
	r.Flush()
	r.print("   "+format+"\n", args...)
}

func (r *Report) print(format string, args ...any) {
	if !r.json {
		fmt.Fprintf(r.out, format, args...)
	}
}

// Flush prints the table of the rows since the last one.
func (r *Report) Flush() {
	if len(r.rows) == 0 {
		return
	}
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "   setting\tmetric\tvalue\tunit\treference\t")
	for _, row := range r.rows {
		reference := row.Reference
		if reference != "" && row.Source != "" {
			reference += " (" + row.Source + ")"
		}
		fmt.Fprintf(w, "   %s\t%s\t%s\t%s\t%s\t\n", row.Setting, row.Metric, Figure(row.Value), row.Unit, reference)
	}
	if err := w.Flush(); err != nil {
		Exit(err)
	}
	r.rows = r.rows[:0]
}

// Figure prints a value with four significant digits.
func Figure(v float64) string {
	if v == float64(int64(v)) {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
