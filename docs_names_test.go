package swim_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/swim-go/swim"
)

// Names in the documents are those of the code: what a reader copies is there.
func TestDocsNamesExist(t *testing.T) {
	problems, found := nameProblems(t, os.DirFS("."))
	report(t, problems)
	if found < 100 {
		t.Errorf("%d names found; the rule guards next to nothing", found)
	}
}

// named are packages by the folder they are in, and types whose fields and methods
// the documents speak of.
var (
	namedPackages = map[string]string{
		"swim": ".", "wire": "wire", "transport": "transport", "codec": "codec", "selector": "selector",
		"disseminator": "disseminator", "security": "security", "tags": "tags", "ring": "ring", "query": "query", "swimtest": "swimtest",
	}
	namedTypes = map[string]reflect.Type{
		"Config": reflect.TypeFor[swim.Config](), "Node": reflect.TypeFor[*swim.Node](), "Drops": reflect.TypeFor[swim.Drops](),
		"Stats": reflect.TypeFor[swim.Stats](), "Limits": reflect.TypeFor[swim.Limits](), "Protocol": reflect.TypeFor[swim.ProtocolStats](),
	}
	codeName = regexp.MustCompile(`(?:^|[^\w./])([A-Za-z]+)\.([A-Z]\w*)`)
)

func nameProblems(t *testing.T, fsys fs.FS) (problems []string, found int) {
	t.Helper()
	exported := make(map[string]bool)
	for name, dir := range namedPackages {
		for _, symbol := range exports(t, fsys, dir) {
			exported[name+"."+symbol] = true
		}
	}
	for _, file := range documents(t, fsys, codeDocs...) {
		for number, line := range prose(contents(t, fsys, file)) {
			for _, span := range codeSpan.FindAllString(line, -1) {
				for _, m := range codeName.FindAllStringSubmatch(strings.Trim(span, "`"), -1) {
					exists, ours := false, true
					if typ, ok := namedTypes[m[1]]; ok {
						exists = has(typ, m[2])
					} else if _, ours = namedPackages[m[1]]; ours {
						exists = exported[m[1]+"."+m[2]]
					}
					if !ours {
						continue
					}
					if found++; !exists {
						problems = append(problems, fmt.Sprintf("%s:%d: there is no %s.%s", file, number, m[1], m[2]))
					}
				}
			}
		}
	}
	return problems, found
}

func has(t reflect.Type, name string) bool {
	if _, ok := t.MethodByName(name); ok {
		return true
	}
	if t.Kind() == reflect.Pointer {
		return false
	}
	_, ok := t.FieldByName(name)
	return ok
}

// exports are the exported names that a package declares, but for methods.
func exports(t *testing.T, fsys fs.FS, dir string) (names []string) {
	t.Helper()
	files, err := fs.Glob(fsys, path.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, contents(t, fsys, file), parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names = append(names, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						names = append(names, s.Name.Name)
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names = append(names, n.Name)
						}
					}
				}
			}
		}
	}
	return names
}

func TestDocsNamesCatch(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"`wire.Self`, `net.Nothing`, `Config.Name`, `Node.Join(ctx)` and `Drops.Replayed` exist, Config.Nothing is prose", ""},
		{"`wire.Other`", "README.md:1: there is no wire.Other"},
		{"`f(wire.Self, &wire.Other{})`", "README.md:1: there is no wire.Other"},
		{"`wire.unexported` and `example.com/wire.Other`", ""},
		{"text\n`Config.Nothing`", "README.md:2: there is no Config.Nothing"},
		{"`Node.Nothing(ctx)`", "README.md:1: there is no Node.Nothing"},
		{"`Drops.Nothing`", "README.md:1: there is no Drops.Nothing"},
	} {
		files := repository()
		files["README.md"].Data = []byte(c.text)
		files["wire/wire.go"] = &fstest.MapFile{Data: []byte("package wire\n\nconst Self, unexported = 0, 1\n")}
		problems, _ := nameProblems(t, files)
		if got := strings.Join(problems, "\n"); got != c.want {
			t.Errorf("%q: found %q, want %q", c.text, got, c.want)
		}
	}
}
