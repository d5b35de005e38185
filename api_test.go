package swim_test

import (
	"bytes"
	"cmp"
	"flag"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what is exported into testdata/api")

// public are the packages whose exported names are a promise.
var public = []string{".", "wire", "transport", "codec", "selector", "disseminator", "security", "tags", "ring", "query", "swimtest"}

// What users can name is changed on purpose or not at all: the files in testdata/api
// are what to review. To accept a change:
//
//	go test . -run TestAPI -rewrite
func TestAPI(t *testing.T) {
	for _, pkg := range public {
		got := exported(t, pkg)
		file := filepath.Join("testdata", "api", strings.ReplaceAll(pkg, ".", "swim")+".txt")
		if *rewrite {
			if err := os.WriteFile(file, got, 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s exports something else than %s says; if that is on purpose, go test . -run TestAPI -rewrite\n%s", pkg, file, difference(string(want), string(got)))
		}
	}
}

// A folder is public, or a command, or internal; none is overlooked.
func TestAPIMissesNoPackage(t *testing.T) {
	list, err := exec.Command("go", "list", "-f", "{{.Name}} {{.ImportPath}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		pkg := cmp.Or(strings.TrimPrefix(strings.TrimPrefix(path, module), "/"), ".")
		if name != "main" && !strings.HasPrefix(pkg, "internal/") && !strings.HasPrefix(pkg, "examples") && !slices.Contains(public, pkg) {
			t.Errorf("package %s is in no file of testdata/api", pkg)
		}
	}
}

// A newcomer reads what go doc prints on two screens of 50 lines.
func TestGoDocFitsTwoScreens(t *testing.T) {
	text, err := exec.Command("go", "doc", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines > 100 || lines < 20 {
		t.Errorf("go doc . prints %d lines, want up to 100", lines)
	}
}

func TestAPIDifference(t *testing.T) {
	if d := difference("func A()\nfunc B()\n", "func A(int)\nfunc B()\n"); d != "- func A()\n+ func A(int)\n" {
		t.Errorf("%q", d)
	}
	if d := difference("func A()\n", "func A()\n"); d != "" {
		t.Errorf("%q", d)
	}
}

// exported prints the exported declarations of a package, without comments and bodies,
// methods after their types.
func exported(t *testing.T, pkg string) []byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(pkg, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var decls []string
	fset := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.FileExports(f)
		for _, d := range f.Decls {
			if key := declares(d); key != "" {
				var b bytes.Buffer
				if err := format.Node(&b, fset, d); err != nil {
					t.Fatal(err)
				}
				decls = append(decls, key+"\x00"+b.String())
			}
		}
	}
	slices.Sort(decls)
	var b bytes.Buffer
	for _, d := range slices.Compact(decls) { // the same for several systems
		_, text, _ := strings.Cut(d, "\x00")
		b.WriteString(strings.ReplaceAll(text, "\n\n", "\n") + "\n")
	}
	return b.Bytes()
}

// declares is the first name that d exports, which the declarations are sorted by, and
// strips what is no part of the promise.
func declares(d ast.Decl) string {
	if f, ok := d.(*ast.FuncDecl); ok {
		if f.Body = nil; f.Recv == nil {
			return f.Name.Name
		}
		receiver := f.Recv.List[0].Type
		if star, ok := receiver.(*ast.StarExpr); ok {
			receiver = star.X
		}
		if id := receiver.(*ast.Ident); id.IsExported() {
			return id.Name + "." + f.Name.Name
		}
		return "" // methods of what nobody can name
	}
	for _, spec := range d.(*ast.GenDecl).Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			return s.Name.Name
		case *ast.ValueSpec:
			if s.Names[0].Name != "_" {
				return s.Names[0].Name
			}
		}
	}
	return ""
}

// difference is the lines that one text has and the other has not, to begin looking.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for _, line := range w {
		if !slices.Contains(g, line) {
			b.WriteString("- " + line + "\n")
		}
	}
	for _, line := range g {
		if !slices.Contains(w, line) {
			b.WriteString("+ " + line + "\n")
		}
	}
	return b.String()
}
