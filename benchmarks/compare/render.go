package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// table is all figures, and how ours is beside memberlist's.
func (p *pairs) table() [][]string {
	rows := [][]string{{"experiment", "setting", "metric", libraries[ours], libraries[theirs], libraries[ours] + "'s is"}}
	for _, q := range p.all {
		rows = append(rows, []string{q.experiment, q.setting, q.metric, q.of[ours].format(q.unit), q.of[theirs].format(q.unit), q.relation()})
	}
	return rows
}

// mostTimes is where a ratio says no more than that ours is next to nothing.
const mostTimes = 10_000

// relation is how many times as large ours is, or as small, whichever is above one.
func (q *pair) relation() string {
	o, t := q.of[ours], q.of[theirs]
	if !o.there || !t.there {
		return ""
	}
	r, word := o.value/t.value, "more"
	if r < 1 {
		r, word = 1/r, "less"
	}
	switch {
	case o.value == t.value:
		return "the same"
	case o.negligible(q.unit) || t.negligible(q.unit):
		return word
	case r < 1.05:
		return "about the same"
	case r > mostTimes:
		return fmt.Sprintf("over %s %s", times(mostTimes), word)
	}
	return times(r) + " " + word
}

// text writes the aims, and then everything.
func (p *pairs) text(w io.Writer) error {
	for i, table := range [][][]string{p.aims(), p.table()} {
		if i > 0 {
			if _, err := fmt.Fprintf(w, "\n%s\n\n", strings.Join(p.notes(), "\n")); err != nil {
				return err
			}
		}
		columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range table {
			if _, err := fmt.Fprintln(columns, strings.Join(row, "\t")+"\t"); err != nil {
				return err
			}
		}
		if err := columns.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// markdown writes the aims, and then everything.
func (p *pairs) markdown(w io.Writer) error {
	if err := p.headlines(w); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return markdownTable(w, p.table())
}

func markdownTable(w io.Writer, rows [][]string) error {
	for i, row := range rows {
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | ")); err != nil {
			return err
		}
		if i == 0 {
			if _, err := fmt.Fprintln(w, "|"+strings.Repeat(" --- |", len(row))); err != nil {
				return err
			}
		}
	}
	return nil
}

// csv writes everything as it was measured. What was not is empty.
func (p *pairs) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"experiment", "setting", "metric", "unit"}
	for _, library := range libraries {
		head = append(head, library, library+" least", library+" most")
	}
	rows := [][]string{head}
	for _, q := range p.all {
		row := []string{q.experiment, q.setting, q.metric, q.unit}
		for _, m := range q.of {
			row = append(row, exact(m.value, m.there), exact(m.least, m.spread), exact(m.most, m.spread))
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

func exact(v float64, there bool) string {
	if !there {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
