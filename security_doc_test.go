package swim

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// The table of limits in SECURITY.md says what holds: the defaults, and counters
// that there are.
func TestSecurityLimitsAreTrue(t *testing.T) {
	text, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{}.filled()
	named := map[string]any{
		"wire.MaxNameBytes": wire.MaxNameBytes, "wire.MaxAddrBytes": wire.MaxAddrBytes,
		"wire.MaxMetaBytes": wire.MaxMetaBytes, "wire.MaxTokenBytes": wire.MaxTokenBytes,
		"wire.MaxReasonBytes": wire.MaxReasonBytes, "wire.MaxUpdates": wire.MaxUpdates,
		"codec.MaxRatio": codec.MaxRatio, "security.MaxKeys": security.MaxKeys,
		"security.DefaultMaxSkew": security.DefaultMaxSkew, "security.DefaultMaxSessions": security.DefaultMaxSessions,
	}
	_, table, _ := strings.Cut(string(text), "| limit | default | counted in |")
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)`[^|]*\\| ([^|]+) \\| ([^|]*)\\|$").FindAllStringSubmatch(table, -1)
	if len(rows) < 20 {
		t.Fatalf("%d rows found", len(rows))
	}
	for _, row := range rows {
		name, says := row[1], row[2]
		is, ok := named[name]
		if field, of := strings.CutPrefix(name, "Config."); of {
			is, ok = fieldOf(reflect.ValueOf(c), field)
		}
		if !ok || strings.TrimSuffix(fmt.Sprint(is), "0m0s") != strings.TrimSuffix(says, "0m0s") {
			t.Errorf("%s is %v, and SECURITY.md says %s", name, is, says)
		}
	}
	counters := regexp.MustCompile("`(Drops|Protocol)\\.([A-Za-z]+)`((?:, `[A-Z][A-Za-z]+`)*)").FindAllStringSubmatch(string(text), -1)
	if len(counters) < 20 {
		t.Fatalf("%d counters found", len(counters))
	}
	for _, m := range counters {
		for _, name := range append([]string{m[2]}, regexp.MustCompile("[A-Za-z]+").FindAllString(m[3], -1)...) {
			if _, ok := reflect.TypeFor[Stats]().FieldByName(m[1]); !ok {
				t.Errorf("no Stats.%s", m[1])
			} else if f, _ := reflect.TypeFor[Stats]().FieldByName(m[1]); !has(f.Type, name) {
				t.Errorf("SECURITY.md names a counter %s.%s", m[1], name)
			}
		}
	}
}

func has(t reflect.Type, field string) bool {
	_, ok := t.FieldByName(field)
	return ok
}

// fieldOf is the default of a field, which may be a rate.
func fieldOf(v reflect.Value, path string) (any, bool) {
	for name := range strings.SplitSeq(path, ".") {
		if v = v.FieldByName(name); !v.IsValid() {
			return nil, false
		}
	}
	if rate, ok := v.Interface().(security.Rate); ok {
		return rate.PerSecond, true
	}
	return v.Interface(), true
}

// Tests that are named, in SECURITY.md or where tests are listed, exist.
func TestNamedTestsExist(t *testing.T) {
	var defined strings.Builder
	for _, dir := range []string{".", "internal/core", "security", "transport"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), "_test.go") {
				text, err := os.ReadFile(dir + "/" + e.Name())
				if err != nil {
					t.Fatal(err)
				}
				defined.Write(text)
			}
		}
	}
	named := 0
	for _, file := range []string{"SECURITY.md", "hostile_operation_test.go", "hostile_packets_test.go", "hostile_streams_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(string(text), -1) {
			named++
			if !strings.Contains(defined.String(), "\nfunc "+name) {
				t.Errorf("%s names %s, which there is not", file, name)
			}
		}
	}
	if named < 15 {
		t.Errorf("%d names found", named)
	}
}
