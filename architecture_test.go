package swim_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/swim-go/swim"

// arrows says what each package may import, beside itself. ARCHITECTURE.md
// draws the same. "std" is the standard library, "+x" the module x.
var arrows = map[string][]string{
	"wire":          {"std"},
	"internal/core": {"wire", "iter", "math/bits", "math/rand/v2", "slices", "strings", "time"},
	"transport":     {"std", "+github.com/hashicorp/go-sockaddr"},
	"codec":         {"std", "wire", "+github.com/klauspost/compress"},
	"selector":      {"math/rand/v2", "slices", "math/bits", "wire"},
	"disseminator":  {"std", "wire"},
	"security":      {"std", "wire", "+golang.org/x/crypto"},
	"ring":          {"std", ""},
	"query":         {"std", "", "tags"},
	"tags":          {"std", "+github.com/hashicorp/go-msgpack"},
	"internal/sim":  {"std", "internal/core", "wire", "codec", "selector", "disseminator"},
}

// forbidden are names that would make the Machine depend on more than its
// inputs, though their packages are allowed.
var forbidden = []string{"time.Now", "time.Since", "time.Until", "time.After", "time.NewTimer", "time.NewTicker", "time.Sleep", "time.Tick", "rand.Int", "rand.N(", "rand.Float", "rand.Perm", "rand.Shuffle", "rand.Uint"}

func TestImportsFollowTheArchitecture(t *testing.T) {
	for pkg, allowed := range arrows {
		files := goFiles(t, pkg)
		if len(files) == 0 {
			t.Errorf("%s: no files; the rule guards nothing", pkg)
		}
		for _, file := range files {
			for _, path := range imports(t, file) {
				if !mayImport(path, allowed) {
					t.Errorf("%s imports %s; it may import %v", file, path, allowed)
				}
			}
		}
	}
}

func TestImportRulesCatch(t *testing.T) {
	for path, allowed := range map[string][]string{
		module:                       {"std", "wire"},
		module + "/transport":        {"std", "wire"},
		"net":                        {"time"},
		"math/rand":                  {"math/rand/v2"},
		"github.com/other/thing":     {"std", "+github.com/hashicorp/go-sockaddr"},
		module + "/internal/coretwo": {"internal/core"},
	} {
		if mayImport(path, allowed) {
			t.Errorf("%s passes for %v", path, allowed)
		}
	}
}

// The Machine depends on its inputs alone: see the comment of package internal/core.
func TestMachineHasNoClockAndNoGlobalRandomness(t *testing.T) {
	for _, file := range goFiles(t, "internal/core") {
		bytes, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := withoutComments(string(bytes))
		for _, name := range forbidden {
			if strings.Contains(text, name) {
				t.Errorf("%s uses %s", file, name)
			}
		}
		for _, word := range []string{"\tgo ", "select {", "chan ", "sync."} {
			if strings.Contains(text, word) {
				t.Errorf("%s uses %q: the Machine has no concurrency", file, strings.TrimSpace(word))
			}
		}
	}
}

func mayImport(path string, allowed []string) bool {
	rest, ours := strings.CutPrefix(path, module)
	if ours && (rest == "" || rest[0] == '/') {
		return slices.Contains(allowed, strings.TrimPrefix(rest, "/"))
	}
	if slices.Contains(allowed, path) {
		return true
	}
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return slices.Contains(allowed, "std")
	}
	return slices.ContainsFunc(allowed, func(a string) bool {
		dep, ok := strings.CutPrefix(a, "+")
		return ok && (path == dep || strings.HasPrefix(path, dep+"/"))
	})
}

// goFiles are the files of a package that users get: tests may import anything.
func goFiles(t *testing.T, pkg string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(pkg, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// withoutComments leaves out what may speak of anything: the prose.
func withoutComments(source string) string {
	var code strings.Builder
	for line := range strings.Lines(source) {
		before, _, _ := strings.Cut(line, "//")
		code.WriteString(before + "\n")
	}
	return code.String()
}
