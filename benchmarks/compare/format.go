package main

import (
	"math"
	"strconv"
	"strings"
)

// scales are how large figures of a unit are written.
var scales = map[string][]struct {
	from float64
	unit string
}{
	"ns": {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}},
	"s":  {{1, "s"}, {1e-3, "ms"}},
	"B":  {{1e6, "MB"}, {1e3, "KB"}, {1, "B"}},
}

// format is a figure with its unit, and its spread.
func (m measured) format(unit string) string {
	if !m.there {
		return "–"
	}
	if m.negligible(unit) {
		return strings.TrimSpace("0 " + unit)
	}
	scale := 1.0
	for _, s := range scales[unit] {
		if scale, unit = s.from, s.unit; math.Abs(m.value) >= s.from {
			break
		}
	}
	text := figure(m.value/scale, 3)
	if m.spread {
		if least, most := figure(m.least/scale, 3), figure(m.most/scale, 3); least != most {
			text += " (" + least + "–" + most + ")"
		}
	}
	return strings.TrimSpace(text + " " + unit)
}

// negligible reports whether a figure is nothing, or a count below one in a hundred:
// the measuring itself allocates, now and then.
func (m measured) negligible(unit string) bool {
	return m.value == 0 || (unit == "" || unit == "B") && math.Abs(m.value) < 0.01
}

// figure writes a value with so many digits that count, never as 1.2e+03.
func figure(v float64, digits int) string {
	if v == 0 {
		return "0"
	}
	before := int(math.Floor(math.Log10(math.Abs(v)))) + 1
	after := max(min(digits-before, digits), 0)
	if v == math.Trunc(v) {
		after = 0
	}
	return grouped(strconv.FormatFloat(v, 'f', after, 64))
}

// grouped sets commas between thousands.
func grouped(s string) string {
	end := len(s)
	for i, c := range s {
		if c == '.' {
			end = i
		}
	}
	first := 0
	if s[0] == '-' {
		first = 1
	}
	for i := end - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// times writes a ratio.
func times(r float64) string { return figure(r, 2) + " ×" }
