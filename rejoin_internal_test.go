package swim

import (
	"fmt"
	"testing"

	"github.com/swim-go/swim/transport"
)

// Of more seeds than a node looks at it takes others each time, and not the first
// ones again and again.
func TestTooManySeeds(t *testing.T) {
	tr, err := transport.NewMemoryNetwork(1).Listen("a")
	if err != nil {
		t.Fatal(err)
	}
	var seeds StaticSeeds
	for i := range 20 * maxSeedAddrs {
		seeds = append(seeds, fmt.Sprint("seed", i))
	}
	n, err := Start(t.Context(), Config{Name: "a", Transport: tr})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	// Apart from the node's own, which calls the provider when it likes.
	r := newRejoin(n, &Config{Seeds: seeds}, nil)
	seen := make(map[string]bool)
	for range 4 {
		found, problems := r.seeds(t.Context())
		if len(found) != maxSeedAddrs || len(problems) > 0 {
			t.Fatalf("%d seeds, %v", len(found), problems)
		}
		for _, s := range found {
			seen[s.addr] = true
		}
	}
	if len(seen) <= 3*maxSeedAddrs || seeds[0] != "seed0" {
		t.Errorf("in four rounds it looks at %d of them; the first is now %s", len(seen), seeds[0])
	}
}

func TestSeedsAndSnapshotTakeTurns(t *testing.T) {
	seeds := func(addrs ...string) (s []seed) {
		for _, addr := range addrs {
			s = append(s, seed{addr, addr})
		}
		return s
	}
	for _, test := range []struct {
		a, b []seed
		want string
	}{
		{nil, nil, "[]"},
		{seeds("a", "b", "c", "d"), nil, "[{a a} {b b} {c c}]"},
		{nil, seeds("x"), "[{x x}]"},
		{seeds("a", "b", "c"), seeds("x", "y"), "[{a a} {x x} {b b}]"},
		{seeds("a", "b"), seeds("a", "x"), "[{a a} {b b} {x x}]"},
	} {
		if got := fmt.Sprint(alternate(test.a, test.b, 3)); got != test.want {
			t.Errorf("%v and %v: %s, want %s", test.a, test.b, got, test.want)
		}
	}
}
