package core

import (
	"math"
	"testing"
)

// The integers are compared with floating point here, where a difference in the
// last bit does no harm.
func TestIntegerLogarithms(t *testing.T) {
	for x := uint64(1); x < 200_000; x += 1 + x/97 {
		if got, want := float64(log2(x))/(1<<16), math.Log2(float64(x)); got > want+1e-9 || got < want-1e-4 {
			t.Fatalf("log2(%d) = %v, want %v", x, got, want)
		}
		if got, want := log10Milli(x), 1000*math.Log10(float64(x)); math.Abs(float64(got)-want) > 1.01 {
			t.Fatalf("log10Milli(%d) = %v, want %v", x, got, want)
		}
	}
	for x, want := range map[uint64]int{1: 0, 2: 1, 10: 1, 11: 2, 100: 2, 101: 3, 129: 3, 1000: 3, 10_001: 5} {
		if got := ceilLog10(x); got != want {
			t.Errorf("ceilLog10(%d) = %d, want %d", x, got, want)
		}
	}
	for x, want := range map[uint64]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 2, 5: 3, 128: 7, 129: 8} {
		if got := ceilLog2(x); got != want {
			t.Errorf("ceilLog2(%d) = %d, want %d", x, got, want)
		}
	}
	if got := log2(math.MaxUint64); got < 63<<16 || got >= 64<<16 {
		t.Errorf("log2 of the largest = %d", got)
	}
}
