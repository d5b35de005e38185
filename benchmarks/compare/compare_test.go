package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const someRows = `{"experiment":"machine","setting":"go1.26 linux/amd64","metric":"processors","value":2}
{"experiment":"packet","setting":"swim devel, ping, defaults","metric":"CPU","value":1500,"unit":"ns"}
{"experiment":"packet","setting":"swim devel, ping, defaults","metric":"CPU, least","value":1000,"unit":"ns"}
{"experiment":"packet","setting":"swim devel, ping, defaults","metric":"CPU, most","value":2000,"unit":"ns"}
{"experiment":"packet","setting":"swim devel, ping, defaults","metric":"allocations","value":0.0004}
{"experiment":"packet","setting":"memberlist v0.7.0, ping, defaults","metric":"CPU","value":30000,"unit":"ns"}
{"experiment":"packet","setting":"memberlist v0.7.0, ping, defaults","metric":"allocations","value":60}
{"experiment":"kill","setting":"swim devel, udp, n=32","metric":"known to all, mean","value":4,"unit":"s"}
{"experiment":"kill","setting":"memberlist v0.7.0, udp, n=32","metric":"known to all, mean","value":6,"unit":"s"}
`

func pairsOf(t *testing.T, rows string) *pairs {
	t.Helper()
	p, err := read(strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReadPairs(t *testing.T) {
	p := pairsOf(t, someRows)
	if len(p.all) != 3 || p.versions != [2]string{"swim devel", "memberlist v0.7.0"} || p.machine != "go1.26 linux/amd64, 2 processors" {
		t.Errorf("%d pairs of %q on %q", len(p.all), p.versions, p.machine)
	}
	cpu := p.find(key{"packet", "ping, defaults", "CPU"})
	if cpu == nil || cpu.of[ours] != (measured{true, 1500, 1000, 2000, true}) || cpu.of[theirs] != (measured{there: true, value: 30000}) {
		t.Fatalf("CPU %+v", cpu)
	}
	// A repeated figure takes the place of the first, whose extremes go with it.
	p = pairsOf(t, someRows+`{"experiment":"packet","setting":"swim devel, ping, defaults","metric":"CPU","value":7,"unit":"ns"}`)
	if got := p.find(key{"packet", "ping, defaults", "CPU"}).of[ours]; got != (measured{there: true, value: 7}) {
		t.Errorf("repeated: %+v", got)
	}
	if _, err := read(strings.NewReader("# go run ./peers\n")); err == nil {
		t.Error("what is no row passes")
	}
}

func TestParse(t *testing.T) {
	for setting, want := range map[string]struct {
		library    int
		name, rest string
	}{
		"swim, n=3":                   {ours, "swim", "n=3"}, // a test binary knows no version
		"swim devel, udp, n=3":        {ours, "swim devel", "udp, n=3"},
		"memberlist v0.7.0, a b, n=3": {theirs, "memberlist v0.7.0", "a b, n=3"},
		"swimming, n=3":               {-1, "swimming", "n=3"},
	} {
		if library, name, rest := parse(setting); library != want.library || name != want.name || rest != want.rest {
			t.Errorf("%q: %d, %q, %q", setting, library, name, rest)
		}
	}
}

func TestVerdict(t *testing.T) {
	measure := func(swim, memberlist float64) [2]measured {
		return [2]measured{{there: true, value: swim}, {there: true, value: memberlist}}
	}
	for _, c := range []struct {
		name string
		aim  aim
		both [2]measured
		want string
	}{
		{"reached", aim{times: 10}, measure(2, 20), "10 ×"},
		{"missed", aim{times: 10}, measure(2, 19), "9.5 × (aim: 10 ×)"},
		{"no aim", aim{}, measure(20, 10), "0.50 ×"},
		{"more is better", aim{times: 4, more: true}, measure(40, 10), "4 ×"},
		{"more is better, missed", aim{times: 4, more: true}, measure(10, 40), "0.25 × (aim: 4 ×)"},
		{"none", aim{none: true}, measure(0.001, 60), ""},
		{"some", aim{none: true}, measure(1, 60), "(aim: none)"},
		{"both none", aim{times: 2}, measure(0, 0), "(aim: 2 ×)"},
		{"one is missing", aim{times: 2}, [2]measured{{there: true, value: 1}}, "not measured (aim: 2 ×)"},
		{"ours is missing", aim{none: true}, [2]measured{{}, {there: true}}, "not measured (aim: none)"},
	} {
		if got := c.aim.verdict(c.both); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSum(t *testing.T) {
	got := sum([]measured{{true, 3, 1, 5, true}, {there: true, value: 10}})
	if got != (measured{true, 13, 11, 15, true}) {
		t.Errorf("%+v", got)
	}
	if sum([]measured{{there: true}, {}}).there || sum(nil).there {
		t.Error("a sum of what is not all there")
	}
}

func TestRelation(t *testing.T) {
	for _, c := range []struct {
		swim, memberlist float64
		want             string
	}{
		{2, 40, "20 × less"},
		{40, 2, "20 × more"},
		{3, 3, "the same"},
		{0, 0, "the same"},
		{0, 60, "less"},
		{5, 0, "more"},
		{0.1, 80_000, "over 10,000 × less"},
		{1000, 1040, "about the same"},
		{0.001, 0.002, "less"},
	} {
		q := pair{of: [2]measured{{there: true, value: c.swim}, {there: true, value: c.memberlist}}}
		if got := q.relation(); got != c.want {
			t.Errorf("%v beside %v: %q, want %q", c.swim, c.memberlist, got, c.want)
		}
	}
	if got := (&pair{}).relation(); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

// What is worse is explained.
func TestNotes(t *testing.T) {
	rows := func(swim, memberlist string) string {
		row := `{"experiment":"members","metric":"CPU","setting":"%s, n=10000","value":%s,"unit":"ns"}` + "\n"
		return fmt.Sprintf(row+row, "swim", swim, "memberlist", memberlist)
	}
	for _, c := range []struct {
		rows  string
		notes int
	}{{rows("5", "1"), 2}, {rows("1", "5"), 1}, {"", 1}} {
		if notes := pairsOf(t, c.rows).notes(); len(notes) != c.notes {
			t.Errorf("%d notes, want %d: %q", len(notes), c.notes, notes)
		}
	}
}

func TestFormat(t *testing.T) {
	for want, got := range map[string]string{
		"–":                    measured{}.format("ns"),
		"1.50 (1–2) µs":        measured{true, 1500, 1000, 2000, true}.format("ns"),
		"60":                   measured{true, 60, 60, 60, true}.format(""),
		"494 KB":               measured{there: true, value: 494_191}.format("B"),
		"0":                    measured{there: true, value: 0.0003}.format(""),
		"0 B":                  measured{there: true}.format("B"),
		"0 s":                  measured{there: true}.format("s"),
		"6.73 (6.10–7.30) ms":  measured{true, 0.006731, 0.0061, 0.0073, true}.format("s"),
		"4.10 s":               measured{there: true, value: 4.1}.format("s"),
		"0.500 ns":             measured{there: true, value: 0.5}.format("ns"),
		"12,345 /s":            measured{there: true, value: 12_345}.format("/s"),
		"1.16 (0.980–1.30) KB": measured{true, 1163, 980, 1300, true}.format("B"),
		"0.250":                measured{there: true, value: 0.25}.format(""),
		"1,234,567 allocation": measured{there: true, value: 1_234_567}.format("allocation"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

const page = "before\n" + beginMarker + "old\n" + endMarker + "after\n"

// What is between the markers becomes the table, and all else stays.
func TestReplaced(t *testing.T) {
	p := pairsOf(t, someRows)
	once, err := replaced([]byte(page), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"before\n" + beginMarker, endMarker + "after\n", "| 1.50 (1–2) µs | 30 µs | 20 × |",
		"| 4 s | 6 s | 1.5 × (aim: 2 ×) |", "swim devel beside memberlist v0.7.0", "go1.26 linux/amd64, 2 processors",
	} {
		if !strings.Contains(string(once), want) {
			t.Errorf("%q is not in:\n%s", want, once)
		}
	}
	if strings.Contains(string(once), "old") {
		t.Error("the old table stands")
	}
	if twice, err := replaced(once, p); err != nil || !bytes.Equal(once, twice) {
		t.Errorf("replaced again, it differs: %v", err)
	}
	for _, broken := range []string{"", strings.Replace(page, endMarker, "", 1), strings.Replace(page, beginMarker, "", 1)} {
		if _, err := replaced([]byte(broken), p); !errors.Is(err, errMarkers) {
			t.Errorf("%q: %v", broken, err)
		}
	}
}

// The check finds each edit by hand, and -write ends it.
func TestInReadme(t *testing.T) {
	dir := t.TempDir()
	file, rows := filepath.Join(dir, "README.md"), filepath.Join(dir, "peers.jsonl")
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(file, page)
	put(rows, someRows)
	if err := inReadme(file, rows, false); !errors.Is(err, errStale) {
		t.Errorf("an old table passes: %v", err)
	}
	if err := inReadme(file, rows, true); err != nil {
		t.Fatal(err)
	}
	if err := inReadme(file, rows, false); err != nil {
		t.Errorf("what was just written does not pass: %v", err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	put(file, strings.Replace(string(written), "20 ×", "21 ×", 1))
	if err := inReadme(file, rows, false); !errors.Is(err, errStale) {
		t.Errorf("an edited table passes: %v", err)
	}
}

func TestRender(t *testing.T) {
	p := pairsOf(t, someRows)
	var text, md, values bytes.Buffer
	for _, err := range []error{p.text(&text), p.markdown(&md), p.csv(&values)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(md.String(), "| packet | ping, defaults | allocations | 0 | 60 | less |\n") {
		t.Errorf("Markdown:\n%s", &md)
	}
	if !strings.Contains(text.String(), "30 µs") {
		t.Errorf("text:\n%s", &text)
	}
	records, err := csv.NewReader(&values).ReadAll()
	want := []string{"packet", "ping, defaults", "CPU", "ns", "1500", "1000", "2000", "30000", "", ""}
	if err != nil || len(records) != 4 || !slices.Equal(records[1], want) {
		t.Errorf("%q, %v", records, err)
	}
}

// The README says what the rows that are committed with it give.
func TestReadmeIsWhatTheRowsGive(t *testing.T) {
	const file, rows = "../../README.md", "../results/peers.jsonl"
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(readme, []byte(beginMarker)) && !bytes.Contains(readme, []byte(endMarker)) {
		t.Skip("no table in the README")
	}
	if err := inReadme(file, rows, false); err != nil {
		t.Error(err)
	}
}

// A line of the table that finds no rows would say for ever that it was not measured; and
// one that misses its aim says why.
func TestEachAimFindsItsRows(t *testing.T) {
	from, err := os.Open("../results/peers.jsonl")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no rows yet")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	p, err := read(from)
	if err != nil {
		t.Fatal(err)
	}
	for i := range aims {
		a := &aims[i]
		switch _, both := a.of(p); {
		case !both[ours].there || !both[theirs].there:
			t.Errorf("%s: not measured", a.name)
		case a.why == "" && !a.holds(both):
			t.Errorf("%s: %s, and no word why", a.name, a.verdict(both))
		}
	}
}
