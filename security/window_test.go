package security

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// naiveWindow remembers everything.
type naiveWindow struct {
	newest uint64
	seen   map[uint64]bool
}

func (w *naiveWindow) add(counter uint64) bool {
	if counter == 0 || w.seen[counter] || w.newest >= windowPackets && counter <= w.newest-windowPackets {
		return false
	}
	w.seen[counter] = true
	w.newest = max(w.newest, counter)
	return true
}

func TestWindowIsTheNaiveOne(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		var w window
		n := naiveWindow{seen: make(map[uint64]bool)}
		next := rng.Uint64N(3 * windowPackets)
		spread := 1 + rng.Uint64N(3*windowPackets/2)
		for range 2000 {
			switch rng.IntN(200) {
			case 0: // a gap, as a long one as the window or a bit more or less
				next += windowPackets - 70 + rng.Uint64N(140)
			case 1:
				next += rng.Uint64N(10 * windowPackets)
			default:
				next += rng.Uint64N(3)
			}
			counter := next - min(next, rng.Uint64N(spread))
			if got, want := w.add(counter), n.add(counter); got != want {
				t.Fatalf("seed %d: add(%d) = %v with newest %d, want %v", seed, counter, got, n.newest, want)
			}
		}
	}
}

func TestWindowEdges(t *testing.T) {
	for _, newest := range []uint64{windowPackets, windowPackets + 1, 2*windowPackets + 63, 1 << 40, math.MaxUint64} {
		var w window
		if !w.add(newest) || w.add(newest) {
			t.Fatalf("%d: want it once", newest)
		}
		if w.add(newest - windowPackets) {
			t.Errorf("%d: takes the one that has just fallen out", newest)
		}
		oldest := newest - windowPackets + 1
		if !w.add(oldest) || w.add(oldest) {
			t.Errorf("%d: want the oldest once", newest)
		}
	}
	var w window
	if w.add(0) || !w.add(1) || w.add(0) {
		t.Error("want 1 and not 0")
	}
	if !w.add(windowPackets) || w.add(1) || !w.add(2) {
		t.Error("after the first of a session, what came before must not be taken for old, nor again")
	}
}

func FuzzWindow(f *testing.F) {
	f.Add([]byte{1, 2, 3, 255, 0, 254})
	f.Fuzz(func(t *testing.T, steps []byte) {
		var w window
		n := naiveWindow{seen: make(map[uint64]bool)}
		at := uint64(windowPackets)
		for _, step := range steps {
			switch {
			case step >= 192:
				at += windowPackets - 220 + uint64(step)
			default:
				at += 64 - min(uint64(step), at)
			}
			if got, want := w.add(at), n.add(at); got != want {
				t.Fatalf("add(%d) = %v, want %v", at, got, want)
			}
		}
	})
}
