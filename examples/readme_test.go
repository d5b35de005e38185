package examples

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the repository, seen from here.
const root = ".."

// quickstartLines is how long the body of the quick start may be.
const quickstartLines = 12

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

// blocks returns the fenced blocks of a language in a Markdown text.
func blocks(markdown, language string) (found []string) {
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(markdown, -1) {
		found = append(found, m[1])
	}
	return found
}

// trimmed is a text without the indentation of its lines, since that of a block
// is not that of the code that it was taken from.
func trimmed(text string) string {
	split := lines(text)
	for i := range split {
		split[i] = strings.TrimSpace(split[i])
	}
	return "\n" + strings.Join(split, "\n") + "\n"
}

// Go code in the README is a region of a file that is compiled, and run, by a
// test of this repository.
func TestReadmeCodeIsCompiled(t *testing.T) {
	var sources strings.Builder
	for _, dir := range []string{".", filepath.Join(root, "swimtest")} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") {
				sources.WriteString(trimmed(read(t, path)))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	code := blocks(read(t, root, "README.md"), "go")
	if len(code) == 0 {
		t.Fatal("no code found")
	}
	for _, block := range code {
		if !strings.Contains(sources.String(), trimmed(block)) {
			t.Errorf("no file of examples or swimtest has:\n%s", block)
		}
	}
}

func TestReadmeShowsTheQuickstart(t *testing.T) {
	_, main, _ := strings.Cut(read(t, "quickstart", "main.go"), "\nfunc main() {\n")
	body, rest, _ := strings.Cut(main, "\n}\n")
	if n := len(lines(body)); n < 2 || n > quickstartLines || rest != "" {
		t.Errorf("the quick start has %d lines and %q behind them, want at most %d and nothing", n, rest, quickstartLines)
	}
	if block := "func main() {\n" + body + "\n}\n"; !strings.Contains(read(t, root, "README.md"), "```go\n"+block+"```\n") {
		t.Errorf("the README does not show:\n%s", block)
	}
}

func TestReadmeShowsWhatClusterPrints(t *testing.T) {
	text := blocks(read(t, root, "README.md"), "text")
	if len(text) != 1 {
		t.Fatalf("%d outputs in the README, want one", len(text))
	}
	if problem := differ(text[0], read(t, "cluster", "output.txt")); problem != "" {
		t.Error(problem)
	}
}

// Commands run what there is, and everything there is has a line in the list.
func TestReadmesNameTheExamples(t *testing.T) {
	list := read(t, "README.md")
	named := regexp.MustCompile(`\./examples/(\w+)`)
	for _, m := range named.FindAllStringSubmatch(read(t, root, "README.md")+list, -1) {
		if _, err := os.Stat(filepath.Join(m[1], "main.go")); err != nil {
			t.Error(err)
		}
	}
	dirs, err := filepath.Glob("*/main.go")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no examples found", err)
	}
	for _, dir := range dirs {
		if command := "`go run ./examples/" + filepath.Dir(dir) + "`"; !strings.Contains(list, command) {
			t.Errorf("examples/README.md has no line for %s", command)
		}
	}
}

func TestReadmeLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, dir := range []string{root, "."} {
		links := link.FindAllStringSubmatch(read(t, dir, "README.md"), -1)
		if len(links) == 0 {
			t.Errorf("no links in %s/README.md", dir)
		}
		for _, m := range links {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(m[1]))); err != nil {
				t.Error(err)
			}
		}
	}
}
