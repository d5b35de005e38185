package sim

import (
	"flag"
	"fmt"
	"testing"
)

var (
	seedFlag  = flag.Int64("seed", -1, "run the seeded tests with this seed alone")
	seedsFlag = flag.Uint64("seeds", 0, "run the seeded tests with so many seeds, rather than with their own number")
)

// eachSeed calls run with a test's seeds and returns how many there were.
func eachSeed(usual uint64, run func(seed uint64)) uint64 {
	if *seedFlag >= 0 {
		run(uint64(*seedFlag))
		return 1
	}
	if *seedsFlag > 0 {
		usual = *seedsFlag
	}
	for seed := range usual {
		run(seed)
	}
	return usual
}

// replay says how to repeat a run of a test.
func replay(t *testing.T, seed uint64) string {
	return fmt.Sprintf("seed %d; replay with: go test ./internal/sim -run '^%s$' -seed %d", seed, t.Name(), seed)
}

// TestChaos runs random clusters through random faults. The command chaos in
// benchmarks runs any number of seeds.
func TestChaos(t *testing.T) {
	transitions := 0
	seeds := eachSeed(60, func(seed uint64) {
		n, err := Chaos(seed)
		if err != nil {
			t.Fatalf("%v\n%s", err, replay(t, seed))
		}
		transitions += n
	})
	if uint64(transitions) < seeds*500 && *seedFlag < 0 {
		t.Errorf("%d changes of belief in all: the faults do nothing", transitions)
	}
}
