package examples

import (
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
