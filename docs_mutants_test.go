package swim_test

import (
	"strings"
	"testing"
	"testing/fstest"
)

// repository is a small one whose documents are all right.
func repository() fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"README.md": "# Top\n" +
			"See [how](docs/how.md#how-it-s-done), [`x`](cmd/x) and [top](#top).\n" +
			"Type `go run ./cmd/x` or, in benchmarks, `go run ./b`.\n\n[how]: docs/how.md\n" +
			"```go\nx := f(1)\n\n  if x > 0 { // why\n    return x\n}\n```\n",
		"docs/how.md": "# How it-s \"done\"\n" +
			"```sh\ngo run ./cmd/x -flag\ncd benchmarks\ngo run ./b\n```\n" +
			"```text\n[no link](nowhere), and no code\n```\n",
		"code.go":           "package p\n\nfunc g() int {\n\tx := f(1)\n\tif x > 0 { // why\n\t\treturn x\n\t}\n\treturn 0\n}\n",
		"cmd/x/main.go":     "// X.\npackage main\n",
		"benchmarks/b/b.go": "package main\n",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// Each check is clean on the repository, and names file and line once something is
// changed in it.
func TestDocsChecksCatch(t *testing.T) {
	problems := func(files fstest.MapFS) string {
		all := append(codeProblems(t, files), commandProblems(t, files)...)
		return strings.Join(append(all, linkProblems(t, files)...), "\n")
	}
	if found := problems(repository()); found != "" {
		t.Fatalf("a clean repository: %s", found)
	}
	const whole = "```go\npackage main\n\nfunc main() { "
	for _, c := range []struct{ file, old, new, want string }{
		{"README.md", "return x\n", "return y\n", "README.md:6: no .go file has this block, as far as: return y"},
		{"README.md", "// why", "// because", "README.md:6: no .go file"},
		{"README.md", "f(1)", "f(2)", "README.md:6: no .go file"},
		{"README.md", "x := f(1)\n\n  if x > 0 { // why\n    return x\n}\n", "\n", "README.md:6: there is no code"},
		{"code.go", "x > 0", "x > 1", "README.md:6: no .go file"},
		{"code.go", "x := f(1)", "x := `\nx := f(1)`", "README.md:6: no .go file"},
		{"code.go", "package p", "//go:build ignore\n\npackage p", "README.md:6: no .go file"},
		{"docs/how.md", "```text", whole + "println(1) }\n```\n```text", ""},
		{"docs/how.md", "```text", whole + "undefined() }\n```\n```text", "docs/how.md:7: does not compile"},
		{"docs/how.md", "./cmd/x -flag", "./cmd/y -flag", "docs/how.md:3: cmd/y is no program"},
		{"docs/how.md", "cd benchmarks\n", "", "docs/how.md:4: b is no program"},
		{"README.md", "`go run ./cmd/x`", "`go run ./cmd`", "README.md:3: ./cmd is no program"},
		{"cmd/x/main.go", "package main", "package x", "cmd/x is no program"},
		{"README.md", "docs/how.md#", "docs/why.md#", "README.md:2: there is no docs/why.md"},
		{"README.md", "#how-it-s-done", "#how-its-done", "README.md:2: docs/how.md has no heading"},
		{"README.md", "[how]: docs/how.md", "[how]: docs", ""}, // a folder is something
		{"README.md", "[how]: docs/how.md", "[how]: how.md", "README.md:5: there is no how.md"},
		{"README.md", "](#top)", "](#bottom)", "README.md:2: README.md has no heading"},
	} {
		files := repository()
		before := string(files[c.file].Data)
		after := strings.Replace(before, c.old, c.new, 1)
		if after == before {
			t.Fatalf("%s has no %q", c.file, c.old)
		}
		files[c.file].Data = []byte(after)
		if found := problems(files); !strings.Contains(found, c.want) || c.want == "" && found != "" {
			t.Errorf("%s with %q for %q: found %q, want %q", c.file, c.new, c.old, found, c.want)
		}
	}
}
