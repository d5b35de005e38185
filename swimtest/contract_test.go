package swimtest

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// broken is a layer with one fault, for the suite to catch.
type broken[L any] struct {
	fault string
	// sentence is the sub-test that has to fail, and also are others that cannot but fail
	// with it. Those in perhaps may, and no other.
	sentence string
	also     []string
	perhaps  []string
	bind     func(t *testing.T) L
}

// catches fails t unless each of the broken layers is caught by its sentence and no other,
// and each sentence catches one. inBubble has all checks run in virtual time, in which
// what is waited for in vain costs nothing.
func catches[L any](t *testing.T, sentences []sentence[L], inBubble bool, all []broken[L]) {
	t.Helper()
	caught := make(map[string]bool)
	for _, b := range all {
		caught[b.sentence] = true
		t.Run(b.fault, func(t *testing.T) {
			for _, s := range sentences {
				t.Run(s.name, func(t *testing.T) {
					w := new(witness)
					judge := func(t *testing.T) { hear(w, t, &s, b.bind) }
					if s.bubble || inBubble {
						synctest.Test(t, judge)
					} else {
						judge(t)
					}
					want := s.name == b.sentence || slices.Contains(b.also, s.name)
					if w.Failed() != want && !slices.Contains(b.perhaps, s.name) {
						t.Errorf("failed: %v, want %v; it said:\n%s", w.Failed(), want, w.said())
					}
					if w.Failed() && s.name == b.sentence && !strings.Contains(w.said(), fmt.Sprintf("%q", s.says)) {
						t.Errorf("what is said does not cite the contract:\n%s", w.said())
					}
				})
			}
		})
	}
	for _, s := range sentences {
		if !caught[s.name] {
			t.Errorf("no broken layer is caught by %q", s.name)
		}
	}
	for name := range caught {
		if !slices.ContainsFunc(sentences, func(s sentence[L]) bool { return s.name == name }) {
			t.Errorf("there is no sentence %q", name)
		}
	}
}

// witness is a testing.TB that notes a failure instead of failing.
type witness struct {
	testing.TB
	mu     sync.Mutex
	failed bool
	lines  []string
}

// hear runs a check on a layer that may be broken, in a goroutine that Fatalf may end.
func hear[L any](w *witness, t *testing.T, s *sentence[L], bind func(*testing.T) L) {
	w.TB = t
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				w.Errorf("the check panicked: %v", p)
			}
		}()
		s.judge(w, bind(t))
	}()
	<-done
}

func (w *witness) note(failed bool, line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = w.failed || failed
	w.lines = append(w.lines, line)
}

func (w *witness) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.lines, "\n")
}

func (w *witness) Helper() {}

func (w *witness) Failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

func (w *witness) Log(args ...any)                   { w.note(false, fmt.Sprint(args...)) }
func (w *witness) Logf(format string, args ...any)   { w.note(false, fmt.Sprintf(format, args...)) }
func (w *witness) Error(args ...any)                 { w.note(true, fmt.Sprint(args...)) }
func (w *witness) Errorf(format string, args ...any) { w.note(true, fmt.Sprintf(format, args...)) }

func (w *witness) Skip(args ...any) {
	w.note(false, fmt.Sprint(args...))
	runtime.Goexit()
}

func (w *witness) Fatal(args ...any) {
	w.note(true, fmt.Sprint(args...))
	runtime.Goexit()
}

func (w *witness) Fatalf(format string, args ...any) {
	w.note(true, fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// A layer that panics fails its sub-test, in whatever goroutine of the suite it does, and
// the tests go on.
func TestPanicFails(t *testing.T) {
	where := map[string]func(t testing.TB){
		"in the check":     func(testing.TB) { explode() },
		"in what is timed": func(t testing.TB) { within(t, patience, "a layer", explode) },
		"in a goroutine": func(t testing.TB) {
			var wg sync.WaitGroup
			beside(t, &wg, explode)
			wg.Wait()
		},
	}
	for name, check := range where {
		t.Run(name, func(t *testing.T) {
			w := new(witness)
			s := sentence[int]{name: "It lasts", says: "It does not explode.", check: func(t testing.TB, _ int) { check(t) }}
			hear(w, t, &s, just(0))
			for _, want := range []string{"panic: boom", "swimtest.explode", `"It does not explode."`} {
				if !w.Failed() || !strings.Contains(w.said(), want) {
					t.Errorf("failed: %v, without %s; it said:\n%s", w.Failed(), want, w.said())
				}
			}
		})
	}
}

func explode() { panic("boom") }
