package swim

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const operationsGuide = "docs/operations.md"

// The operations guide tells of every counter, and no document of one that there is not.
func TestGuideNamesEveryCounter(t *testing.T) {
	for _, problem := range counterProblems(readDocument(t, operationsGuide)) {
		t.Error(problem)
	}
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(documents, "README.md", "ARCHITECTURE.md", "SECURITY.md") {
		for _, problem := range unknownCounters(readDocument(t, name)) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// Whichever counter is left out of the guide, or made up, is found.
func TestGuideOfCountersIsChecked(t *testing.T) {
	guide := readDocument(t, operationsGuide)
	counters := countersOf(reflect.TypeFor[Stats](), "Stats")
	if len(counters) < 100 {
		t.Fatalf("%d counters found", len(counters))
	}
	for _, c := range counters {
		row := regexp.MustCompile("(?m)^(\\|[^|]*)`" + c.field + "`") // in a table, as against the text
		if c.isStruct {
			row = regexp.MustCompile("()`Stats\\." + c.field + "`")
		}
		if !slices.Contains(counterProblems(row.ReplaceAllString(guide, "$1")), c.missing()) {
			t.Errorf("without %s.%s the guide would pass", c.of, c.field)
		}
	}
	if invented := strings.Replace(guide, "| `Panics` |", "| `Panics`, `Fears` |", 1); len(counterProblems(invented)) != 1 {
		t.Error("a counter that there is not passes")
	}
	for _, bad := range []string{"`Stats.Dropped`", "`Stats().Sleeps`", "`Stats.Drops.Oversize`", "`Drops.Probes`", "`Protocol.Oversized > 1`", "`Node.Stats().Broadcasts.Alive`"} {
		if len(unknownCounters("see "+bad)) != 1 {
			t.Errorf("%s passes", bad)
		}
	}
	for _, good := range []string{"`Stats.Isolated`", "`Stats().Drops`", "`Stats.Drops.Oversized`", "`Node.Stats`", "`TCP.Stats`", "`Broadcasts.Missed`"} {
		if problems := unknownCounters(good); len(problems) > 0 {
			t.Error(problems)
		}
	}
}

func readDocument(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// counter is a field of Stats, or of a struct in it.
type counter struct {
	of, field string
	isStruct  bool
}

func (c *counter) missing() string {
	return fmt.Sprintf("%s says nothing about %s.%s", operationsGuide, c.of, c.field)
}

// countersOf lists the exported fields of a struct, which the guide calls so, and of
// the structs in it, which it calls as their fields.
func countersOf(of reflect.Type, name string) (all []counter) {
	for _, f := range reflect.VisibleFields(of) {
		if !f.IsExported() {
			continue
		}
		isStruct := f.Type.Kind() == reflect.Struct
		all = append(all, counter{name, f.Name, isStruct})
		if isStruct {
			all = append(all, countersOf(f.Type, f.Name)...)
		}
	}
	return all
}

var (
	counterTable = regexp.MustCompile("(?m)^\\| `(\\w+)` field \\|.*\n\\|[ |-]*\n((?:\\|.*\n)*)")
	counterCell  = regexp.MustCompile(`(?m)^\|([^|]*)\|`)
	counterName  = regexp.MustCompile("`(\\w+)`")
)

// counterProblems compares the tables of the guide with the fields that there are. The
// head of a table names the struct, and the first cell of each row its fields.
func counterProblems(guide string) (problems []string) {
	named := make(map[counter]bool)
	for _, table := range counterTable.FindAllStringSubmatch(guide, -1) {
		for _, cell := range counterCell.FindAllStringSubmatch(table[2], -1) {
			for _, name := range counterName.FindAllStringSubmatch(cell[1], -1) {
				named[counter{table[1], name[1], false}] = true
			}
		}
	}
	for _, c := range countersOf(reflect.TypeFor[Stats](), "Stats") {
		if !named[c] && (!c.isStruct || !strings.Contains(guide, "`Stats."+c.field+"`")) {
			problems = append(problems, c.missing())
		}
		delete(named, c)
	}
	for c := range named {
		problems = append(problems, fmt.Sprintf("%s tells of %s.%s, which there is not", operationsGuide, c.of, c.field))
	}
	return problems
}

// counterPath is a counter as text names it: Stats.Isolated, Drops.Stale,
// Stats.Drops.Stale or Node.Stats().Drops.
var (
	counterPath = regexp.MustCompile(`\b(?:Stats(?:\(\))?\.)?(?:(Drops|Protocol|Broadcasts)\.)?([A-Z]\w*)`)
	inCode      = regexp.MustCompile("`[^`\n]+`")
)

// unknownCounters are those which a document names in code and which there are not.
func unknownCounters(text string) (problems []string) {
	counters := countersOf(reflect.TypeFor[Stats](), "Stats")
	for _, code := range inCode.FindAllString(text, -1) {
		for _, m := range counterPath.FindAllStringSubmatch(code, -1) {
			of, field := m[1], m[2]
			if of == "" {
				of = "Stats"
			}
			if !strings.Contains(m[0], ".") {
				continue // a name by itself may be anything
			}
			if !slices.ContainsFunc(counters, func(c counter) bool { return c.of == of && c.field == field }) {
				problems = append(problems, fmt.Sprintf("there is no %s", m[0]))
			}
		}
	}
	return problems
}
