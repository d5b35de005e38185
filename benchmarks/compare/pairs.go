package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// The libraries, as settings begin.
const (
	ours = iota
	theirs
)

var libraries = [...]string{"swim", "memberlist"}

// key says what was measured, of whichever library.
type key struct{ experiment, setting, metric string }

// measured is a figure, the median of repeats, and their extremes. A figure that was
// measured once has none.
type measured struct {
	there       bool
	value       float64
	least, most float64
	spread      bool
}

// pair is a figure of both libraries.
type pair struct {
	key
	unit string
	of   [len(libraries)]measured
}

// pairs are all figures, in the order in which they came.
type pairs struct {
	all      []*pair
	versions [len(libraries)]string // the names of the libraries with their versions
	machine  string
}

// read takes one JSON object a line. Of several about the same figure the last
// counts: who repeats an experiment appends to what is there.
func read(from io.Reader) (*pairs, error) {
	p := new(pairs)
	for r, err := range report.Rows(from) {
		if err != nil {
			return nil, err
		}
		p.take(&r)
	}
	return p, nil
}

func (p *pairs) take(r *report.Row) {
	if r.Experiment == "machine" {
		p.machine = fmt.Sprintf("%s, %s %s", r.Setting, report.Figure(r.Value), r.Metric)
		return
	}
	library, name, setting := parse(r.Setting)
	if library < 0 {
		return
	}
	p.versions[library] = name
	metric, extreme := r.Metric, ""
	for _, e := range []string{"least", "most"} {
		if m, ok := strings.CutSuffix(r.Metric, ", "+e); ok {
			metric, extreme = m, e
		}
	}
	found := p.at(key{r.Experiment, setting, metric})
	m := &found.of[library]
	switch extreme {
	case "least":
		m.least, m.spread = r.Value, true
	case "most":
		m.most, m.spread = r.Value, true
	default: // those of an older figure say nothing of this one
		*m = measured{there: true, value: r.Value}
		found.unit = r.Unit
	}
}

// parse takes "memberlist v0.7.0, udp, n=32" apart. A setting of neither library is
// -1.
func parse(setting string) (library int, name, rest string) {
	name, rest, _ = strings.Cut(setting, ", ")
	word, _, _ := strings.Cut(name, " ")
	return slices.Index(libraries[:], word), name, rest
}

// find returns nil where there is none.
func (p *pairs) find(k key) *pair {
	if i := slices.IndexFunc(p.all, func(q *pair) bool { return q.key == k }); i >= 0 {
		return p.all[i]
	}
	return nil
}

func (p *pairs) at(k key) *pair {
	found := p.find(k)
	if found == nil {
		found = &pair{key: k}
		p.all = append(p.all, found)
	}
	return found
}

// sum adds figures up, if they are all there.
func sum(all []measured) (s measured) {
	s = measured{there: len(all) > 0}
	for _, m := range all {
		if !m.spread {
			m.least, m.most = m.value, m.value
		}
		s.there = s.there && m.there
		s.value, s.least, s.most = s.value+m.value, s.least+m.least, s.most+m.most
		s.spread = s.spread || m.spread
	}
	return s
}
