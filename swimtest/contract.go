package swimtest

import (
	"context"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
)

// patience bounds each wait in real time for what should happen at once.
const patience = 5 * time.Second

// sentence is one sentence of a contract, and how to tell whether a layer keeps
// it. L makes layers.
//
// A check fails through a testing.TB rather than a *testing.T, so that the tests of
// this package can hand one in that notes the failure, and so see that a broken layer is
// caught.
type sentence[L any] struct {
	// name is what holds, as a sub-test.
	name string
	// says is the sentence as it stands in the documentation.
	says string
	// check fails unless it is kept, by layers that it makes.
	check func(t testing.TB, layer L)
	// bubble runs the check in virtual time: what blocks is seen by the time that
	// passed.
	bubble bool
}

// run runs one sub-test for each sentence. bind gives the maker of layers the sub-test
// that they are made in.
func run[L any](t *testing.T, sentences []sentence[L], bind func(t *testing.T) L) {
	t.Helper()
	for _, s := range sentences {
		t.Run(s.name, func(t *testing.T) {
			if s.bubble {
				synctest.Test(t, func(t *testing.T) { s.judge(t, bind(t)) })
				return
			}
			s.judge(t, bind(t))
		})
	}
}

// judge runs the check, and cites the sentence if it fails.
func (s *sentence[L]) judge(t testing.TB, layer L) {
	t.Helper()
	defer func() {
		t.Helper()
		if t.Failed() {
			t.Logf("the contract: %q", s.says)
		}
	}()
	safely(t, func() { s.check(t, layer) })
}

// safely has a panic of f fail t, rather than end the tests of all other layers with no
// word about the sentence. Each goroutine in which a check calls a layer needs its own.
func safely(t testing.TB, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := recover(); p != nil {
			t.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	f()
}

// beside runs f in a goroutine of wg.
func beside(t testing.TB, wg *sync.WaitGroup, f func()) {
	wg.Go(func() { safely(t, f) })
}

// just is for makers that do not care in which sub-test they are called.
func just[L any](layer L) func(*testing.T) L {
	return func(*testing.T) L { return layer }
}

// within fails t unless f returns in time; what names f.
func within(t testing.TB, limit time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		safely(t, f)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
		t.Fatalf("%s did not return within %v", what, limit)
	}
}

// standsStill fails t, in a bubble, if time passes while f runs: it blocked.
func standsStill(t testing.TB, what string, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > 0 {
		t.Errorf("%s blocked for %v", what, took)
	}
}

// valid is the sentence for a layer that is a [swim.Validator]. That one which was set up
// wrongly says so is for the layer's own tests, which know how.
func valid[L any](made func(by L) any) sentence[L] {
	return sentence[L]{
		name: "Validate returns nil for a layer that can be used",
		says: "Validate returns nil if the layer can be used, and else what is wrong, and what to do about it.",
		check: func(t testing.TB, layer L) {
			v, ok := made(layer).(swim.Validator)
			if !ok {
				t.Skip("it has no method Validate")
			}
			if err := v.Validate(); err != nil {
				t.Errorf("Validate: %v", err)
			}
		},
	}
}
