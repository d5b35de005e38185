// Package examples holds one folder per thing to do with swim. Each is a program
// that runs with one command, and whose output this package's test checks.
package examples

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// limit bounds the whole of TestExamples. An example takes about ten seconds.
const limit = 2 * time.Minute

// buildFlags are without symbols, since linking is most of the work.
var buildFlags = []string{"-ldflags=-s -w"}

// drivers run the examples that are not just started, and return what is to be
// compared with their output.txt. All others are just started.
var drivers = map[string]func(ctx context.Context, program string) (string, error){
	"agent":      driveAgent,
	"quickstart": driveQuickstart,
}

// notOnWindows lists the examples that need what it does not have.
var notOnWindows = map[string]string{
	"agent":           "interrupts between processes",
	"customtransport": "Unix datagram sockets",
}

// TestExamples runs all examples at the same time, since they mostly wait, and
// compares what each prints with NAME/output.txt, where * stands for any text
// within a line.
func TestExamples(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	programs := build(t)
	outputs := make(map[string]<-chan output)
	for name, program := range programs {
		outputs[name] = run(ctx, name, program)
	}
	for name, ch := range outputs {
		t.Run(name, func(t *testing.T) {
			if why, ok := notOnWindows[name]; ok && runtime.GOOS == "windows" {
				t.Skip("Windows has no", why)
			}
			want, err := os.ReadFile(filepath.Join(name, "output.txt"))
			if err != nil {
				t.Fatal(err)
			}
			out := <-ch
			if problem := differ(out.text, string(want)); problem != "" || out.err != nil {
				t.Errorf("%s\nerror: %v\nit printed:\n%s", problem, out.err, out.text)
			}
		})
	}
}

// build builds all examples at once, and returns where they are by name.
func build(t *testing.T) map[string]string {
	t.Helper()
	sources, err := filepath.Glob("*/main.go")
	if err != nil || len(sources) == 0 {
		t.Fatal("no examples found", err)
	}
	dir := t.TempDir()
	args := append([]string{"build", "-o", dir + string(filepath.Separator)}, buildFlags...)
	if out, err := exec.CommandContext(t.Context(), "go", append(args, "./...")...).CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
	programs := make(map[string]string)
	for _, source := range sources {
		name := filepath.Dir(source)
		programs[name] = filepath.Join(dir, name)
		if runtime.GOOS == "windows" {
			programs[name] += ".exe"
		}
	}
	return programs
}

type output struct {
	text string
	err  error
}

func run(ctx context.Context, name, program string) <-chan output {
	drive := drivers[name]
	if drive == nil {
		drive = func(ctx context.Context, program string) (string, error) {
			text, err := exec.CommandContext(ctx, program).CombinedOutput()
			return string(text), err
		}
	}
	ch := make(chan output, 1)
	go func() {
		text, err := drive(ctx, program)
		ch <- output{text, err}
	}()
	return ch
}

// differ says how a text differs from a pattern, or nothing.
func differ(text, pattern string) string {
	got, want := lines(text), lines(pattern)
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return "missing: " + want[i]
		case i >= len(want):
			return "not expected: " + got[i]
		case !matches(got[i], want[i]):
			return "got:  " + got[i] + "\nwant: " + want[i]
		}
	}
	return ""
}

func matches(line, pattern string) bool {
	re := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	return regexp.MustCompile("^" + re + "$").MatchString(line)
}

// lines leaves out what cannot be seen: blanks at the end of lines, and empty
// lines at the end.
func lines(text string) []string {
	split := strings.Split(strings.TrimRight(text, "\r\n \t"), "\n")
	for i := range split {
		split[i] = strings.TrimRight(split[i], "\r \t")
	}
	return split
}

func TestDifferCatches(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		same          bool
	}{
		{"a 12 ms b\n", "a * ms b\n", true},
		{"a\nb  \n\n", "a\nb", true},
		{"a (x)", "a (*)", true},
		{"a", "b", false},
		{"ab", "a", false},
		{"a\nb", "a", false},
		{"a", "a\nb", false},
		{"a\nb", "*b", false},
		{"axb", "a.b", false},
		{"", "a", false},
	} {
		if problem := differ(c.text, c.pattern); (problem == "") != c.same {
			t.Errorf("differ(%q, %q) = %q", c.text, c.pattern, problem)
		}
	}
}
