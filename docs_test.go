package swim_test

import (
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// codeDocs are the documents that show code and commands.
var codeDocs = []string{"README.md", "SECURITY.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "examples/README.md", "docs/*.md"}

// Go code in the documents is code that the compiler sees: each block stands in a
// .go file of the repository too, or is one by itself.
func TestDocsCodeCompiles(t *testing.T) {
	report(t, codeProblems(t, os.DirFS(".")))
}

// Commands in the documents run something that is there.
func TestDocsCommandsExist(t *testing.T) {
	report(t, commandProblems(t, os.DirFS(".")))
}

// Links in all documents lead to a file, and to a heading in it.
func TestDocsLinksLeadSomewhere(t *testing.T) {
	report(t, linkProblems(t, os.DirFS(".")))
}

func TestQuickstartIsShort(t *testing.T) {
	const most = 12
	fsys := os.DirFS(".")
	program := tokens(contents(t, fsys, "examples/quickstart/main.go"))
	for _, b := range fences("README.md", contents(t, fsys, "README.md")) {
		body, ok := strings.CutPrefix(b.text, "func main() {\n")
		if !ok || !strings.Contains(program, tokens(b.text)) {
			continue
		}
		if n := strings.Count(body, "\n") - 1; n > most { // the last is the brace
			t.Errorf("%s:%d: the quick start has %d lines within main, want at most %d", b.file, b.line, n, most)
		}
		return
	}
	t.Error("README.md does not show main of examples/quickstart")
}

// A page about a layer shows one that is complete, and short.
func TestPagesShowShortLayers(t *testing.T) {
	const most, pages = 100, 7
	fsys, found := os.DirFS("."), 0
	for _, file := range documents(t, fsys, "docs/*.md") {
		_, section, ok := strings.Cut(contents(t, fsys, file), "\n## A complete one\n")
		if !ok {
			continue
		}
		found++
		source := link.FindStringSubmatch(section)
		if source == nil || !strings.HasSuffix(source[1], ".go") {
			t.Errorf("%s does not say where its layer is", file)
			continue
		}
		name := path.Join(path.Dir(file), source[1])
		if n := strings.Count(contents(t, fsys, name), "\n"); n >= most {
			t.Errorf("%s, which %s shows, has %d lines, want less than %d", name, file, n, most)
		}
	}
	if found != pages {
		t.Errorf("%d pages show a layer, want %d", found, pages)
	}
}

func report(t *testing.T, problems []string) {
	t.Helper()
	for _, p := range problems {
		t.Error(p)
	}
}

func codeProblems(t *testing.T, fsys fs.FS) (problems []string) {
	t.Helper()
	sources, found := goSources(t, fsys), 0
	for _, file := range documents(t, fsys, codeDocs...) {
		for _, b := range fences(file, contents(t, fsys, file)) {
			if b.language != "go" {
				continue
			}
			found++
			if problem := b.compiles(t, sources); problem != "" {
				problems = append(problems, fmt.Sprintf("%s:%d: %s", b.file, b.line, problem))
			}
		}
	}
	if found == 0 {
		problems = append(problems, "no Go code in any document; the rule guards nothing")
	}
	return problems
}

// compiles says why a block is no code that the compiler sees, or nothing.
func (b *block) compiles(t *testing.T, sources []string) string {
	t.Helper()
	if strings.HasPrefix(b.text, "package ") {
		file := filepath.Join(t.TempDir(), "block.go")
		if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, file).CombinedOutput(); err != nil {
			return fmt.Sprintf("does not compile: %v\n%s", err, out)
		}
		return ""
	}
	switch code := tokens(b.text); {
	case code == tokens(""):
		return "there is no code in it"
	case anyContains(sources, code):
		return ""
	}
	// The first line that makes it differ is the one to mend.
	var head strings.Builder
	for line := range strings.Lines(b.text) {
		head.WriteString(line)
		if !anyContains(sources, tokens(head.String())) {
			return "no .go file has this block, as far as: " + strings.TrimSpace(line)
		}
	}
	return "no .go file has this block"
}

func anyContains(sources []string, part string) bool {
	for _, s := range sources {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// tokens is code as the compiler reads it, comments included: blanks and empty
// lines make no difference, and what stands in a string is no code.
func tokens(code string) string {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(code)), []byte(code), nil, scanner.ScanComments)
	var all strings.Builder
	all.WriteString("\n")
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return all.String()
		case tok == token.SEMICOLON:
			text = ";" // where the scanner adds one, its text is the end of the line
		case text == "":
			text = tok.String()
		}
		all.WriteString(strconv.Quote(text) + "\n")
	}
}

// goSources are the tokens of each file that is compiled, tests included.
func goSources(t *testing.T, fsys fs.FS) (sources []string) {
	t.Helper()
	walk(t, fsys, ".go", func(file string) {
		if code := contents(t, fsys, file); !strings.Contains(code, "//go:build ignore") {
			sources = append(sources, tokens(code))
		}
	})
	return sources
}

var (
	runs = regexp.MustCompile(`go run (\./[\w./-]*\w)`)
	moto = regexp.MustCompile(`\bcd ([\w./-]+)`)
)

func commandProblems(t *testing.T, fsys fs.FS) (problems []string) {
	t.Helper()
	for _, file := range documents(t, fsys, codeDocs...) {
		for _, b := range fences(file, contents(t, fsys, file)) {
			if b.language != "sh" {
				continue
			}
			dir, number := ".", b.line
			for line := range strings.Lines(b.text) {
				number++
				if to := moto.FindStringSubmatch(line); to != nil {
					dir = path.Join(dir, to[1])
				}
				for _, m := range runs.FindAllStringSubmatch(line, -1) {
					if program := path.Join(dir, m[1]); !isProgram(fsys, program) {
						problems = append(problems, fmt.Sprintf("%s:%d: %s is no program", file, number, program))
					}
				}
			}
		}
		// In running text the folder is said in words, if at all.
		for number, line := range prose(contents(t, fsys, file)) {
			for _, m := range runs.FindAllStringSubmatch(line, -1) {
				if !isProgram(fsys, path.Clean(m[1])) && !isProgram(fsys, path.Join("benchmarks", m[1])) {
					problems = append(problems, fmt.Sprintf("%s:%d: %s is no program, nor is it in benchmarks", file, number, m[1]))
				}
			}
		}
	}
	return problems
}

func isProgram(fsys fs.FS, dir string) bool {
	files, err := fs.Glob(fsys, dir+"/*.go")
	if err != nil {
		return false
	}
	for _, file := range files {
		if data, err := fs.ReadFile(fsys, file); err == nil && strings.Contains("\n"+string(data), "\npackage main\n") {
			return true
		}
	}
	return false
}

var (
	codeSpan = regexp.MustCompile("`[^`]*`")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)`)
)

func linkProblems(t *testing.T, fsys fs.FS) (problems []string) {
	t.Helper()
	walk(t, fsys, ".md", func(file string) {
		for number, line := range prose(contents(t, fsys, file)) {
			for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, ""), -1) {
				target := m[1] + m[2]
				if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
					continue
				}
				if problem := leads(t, fsys, file, target); problem != "" {
					problems = append(problems, fmt.Sprintf("%s:%d: %s", file, number, problem))
				}
			}
		}
	})
	return problems
}

// leads says why a link in a file leads nowhere, or nothing.
func leads(t *testing.T, fsys fs.FS, file, target string) string {
	t.Helper()
	to, heading, anchored := strings.Cut(target, "#")
	name := file
	if to != "" {
		name = path.Join(path.Dir(file), to)
	}
	if _, err := fs.Stat(fsys, name); err != nil {
		return fmt.Sprintf("there is no %s", name)
	}
	if !anchored {
		return ""
	}
	for _, line := range prose(contents(t, fsys, name)) {
		if title := strings.TrimLeft(line, "#"); title != line && anchor(title) == heading {
			return ""
		}
	}
	return fmt.Sprintf("%s has no heading #%s", name, heading)
}

// anchor is what a heading is linked by.
func anchor(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(title))
}

// block is a fenced block in a document. Its line is that of the fence.
type block struct {
	file, language, text string
	line                 int
}

// fences returns the blocks of a document. One that has no end has all the rest.
func fences(file, text string) (blocks []block) {
	open := false
	number := 0
	for line := range strings.Lines(text) {
		number++
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && !open:
			blocks = append(blocks, block{file: file, line: number, language: language})
			open = true
		case fence:
			open = false
		case open:
			blocks[len(blocks)-1].text += line
		}
	}
	return blocks
}

// prose iterates over the numbered lines of a document that are in no block.
func prose(text string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		number, open := 0, false
		for line := range strings.Lines(text) {
			number++
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				open = !open
			} else if !open && !yield(number, line) {
				return
			}
		}
	}
}

// documents are the files that match any of the patterns.
func documents(t *testing.T, fsys fs.FS, patterns ...string) (files []string) {
	t.Helper()
	for _, p := range patterns {
		matches, err := fs.Glob(fsys, p)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, matches...)
	}
	return files
}

// walk visits the files with an ending, but for those that tools pass over.
func walk(t *testing.T, fsys fs.FS, ending string, visit func(file string)) {
	t.Helper()
	err := fs.WalkDir(fsys, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != "." && (d.Name() == "testdata" || strings.ContainsAny(d.Name()[:1], "._")):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(file, ending):
			visit(file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, fsys fs.FS, file string) string {
	t.Helper()
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}
