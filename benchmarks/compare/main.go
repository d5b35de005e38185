// Command compare sets what the command peers has measured of the libraries side by
// side, from its rows and from nothing else.
//
//	go run ./compare < results/peers.jsonl          as text
//	go run ./compare -csv < results/peers.jsonl     everything, for a spreadsheet
//	go run ./compare -md < results/peers.jsonl      as Markdown
//	go run ./compare -readme ../README.md           is the table there what results/peers.jsonl gives?
//	go run ./compare -write                         make it so
package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

func main() {
	csv := flag.Bool("csv", false, "print comma-separated values")
	md := flag.Bool("md", false, "print Markdown")
	readme := flag.String("readme", "", "a file with markers, between which the table has to be what the rows give; ../README.md with -write")
	write := flag.Bool("write", false, "replace the table in the file that -readme names")
	rows := flag.String("rows", "results/peers.jsonl", "where -readme and -write find the rows; else they come from standard input")
	flag.Parse()
	var err error
	switch {
	case flag.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case *readme != "" || *write:
		err = inReadme(cmp.Or(*readme, "../README.md"), *rows, *write)
	case *csv:
		err = render((*pairs).csv)
	case *md:
		err = render((*pairs).markdown)
	default:
		err = render((*pairs).text)
	}
	if err != nil {
		report.Exit(err)
	}
}

// render prints what comes in.
func render(as func(*pairs, io.Writer) error) error {
	p, err := read(os.Stdin)
	if err != nil {
		return err
	}
	return as(p, os.Stdout)
}

// errStale: the README says something else than the rows.
var errStale = errors.New("the table was written by hand, or is older than the rows: go run ./compare -write")

// inReadme replaces the table of a file, or only looks whether it is the right one.
func inReadme(file, rows string, write bool) error {
	from, err := os.Open(rows)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // was only read
	pairs, err := read(from)
	if err != nil {
		return fmt.Errorf("%s: %w", rows, err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	after, err := replaced(before, pairs)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", file, err)
	case bytes.Equal(before, after):
		return nil
	case !write:
		return fmt.Errorf("%s: %w", file, errStale)
	}
	return os.WriteFile(file, after, 0o644)
}

// The markers, each a line of its own.
const (
	beginMarker = "<!-- peers: begin (go run ./compare -write) -->\n"
	endMarker   = "<!-- peers: end -->\n"
)

var errMarkers = fmt.Errorf("no table: put the lines %q and %q where it belongs", beginMarker, endMarker)

// replaced is a file with the table that the rows give between the markers.
func replaced(file []byte, p *pairs) ([]byte, error) {
	head, rest, begins := bytes.Cut(file, []byte(beginMarker))
	_, tail, ends := bytes.Cut(rest, []byte(endMarker))
	if !begins || !ends {
		return nil, errMarkers
	}
	var out bytes.Buffer
	out.Write(head)
	out.WriteString(beginMarker + "\n")
	if err := p.headlines(&out); err != nil {
		return nil, err
	}
	out.WriteString("\n" + endMarker)
	out.Write(tail)
	return out.Bytes(), nil
}

// headlines writes the table of the aims as Markdown, and what it was made of.
func (p *pairs) headlines(w io.Writer) error {
	if err := markdownTable(w, p.aims()); err != nil {
		return err
	}
	for _, note := range p.notes() {
		if _, err := fmt.Fprintf(w, "\n%s\n", note); err != nil {
			return err
		}
	}
	return nil
}
