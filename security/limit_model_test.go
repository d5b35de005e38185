package security

import (
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// model is the algorithm as the recommendation has it, with an entry for every
// source: what a Limiter must come to without the memory.
type model struct {
	source, total pace
	due           map[string]int64
	all           int64
}

func newModel(l Limits) *model {
	return &model{source: l.Source.pace(0), total: l.Total.pace(0), due: map[string]int64{}}
}

func (m *model) allow(now int64, source string) bool {
	if m.due[source] > now+m.source.slack || !m.total.unlimited() && m.all > now+m.total.slack {
		return false
	}
	m.charge(now, source)
	return true
}

func (m *model) charge(now int64, source string) {
	m.due[source] = max(now, m.due[source]) + m.source.interval
	m.all = max(now, m.all) + m.total.interval
}

func randomLimits(rng *rand.Rand) Limits {
	return Limits{
		Source: Rate{PerSecond: 1 + rng.IntN(200), Burst: rng.IntN(50)},
		Total:  Rate{PerSecond: 1 + rng.IntN(2000), Burst: rng.IntN(500)},
	}
}

func sourceNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("192.0.%d.%d:7946", i/250, i%250)
	}
	return names
}

// With room for all, a Limiter decides as the model does, each time.
func TestLimiterIsTheModel(t *testing.T) {
	names := sourceNames(50)
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 0))
		limits := randomLimits(rng)
		limits.Cells = maxCells // 50 sources cover another one once in 10^12
		l, m := NewLimiter(limits), newModel(limits)
		for now, step := time.Duration(0), 0; step < 5000; step++ {
			now += time.Duration(rng.ExpFloat64() * float64(time.Millisecond))
			// Half of all comes from one source.
			source := names[rng.IntN(len(names))*rng.IntN(2)]
			if got, want := l.Allow(now, source), m.allow(int64(now), source); got != want {
				t.Fatalf("seed %d, step %d, %+v: %v at %v is allowed: %v, want %v", seed, step, limits, source, now, got, want)
			}
		}
	}
}

// Without room, nobody gets more than he would alone, and where all share all
// cells, they get together what one would.
func TestLimiterWithoutRoomIsStricter(t *testing.T) {
	names := sourceNames(50)
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 0))
		limits := randomLimits(rng)
		limits.Cells = 1 + rng.IntN(8)
		l, alone, together := NewLimiter(limits), newModel(limits), newModel(limits)
		for now, step := time.Duration(0), 0; step < 5000; step++ {
			now += time.Duration(rng.ExpFloat64() * float64(time.Millisecond))
			source := names[rng.IntN(len(names))]
			got := l.Allow(now, source)
			if got && !alone.allow(int64(now), source) {
				t.Fatalf("seed %d, step %d, %+v: %v is above its rate at %v", seed, step, limits, source, now)
			}
			if limits.Cells == 1 && got != together.allow(int64(now), "all") {
				t.Fatalf("seed %d, step %d, %+v: all share one cell, and yet: %v", seed, step, limits, got)
			}
		}
	}
}

// One source that floods gets its rate and its burst exactly, and none of a
// thousand others feels it.
func TestFlood(t *testing.T) {
	const perSecond, burst, seconds = 1000, 500, 10
	names := sourceNames(1000)
	rng := rand.New(rand.NewPCG(1, 1))
	l := NewLimiter(Limits{Source: Rate{perSecond, burst}, Total: Rate{PerSecond: -1}})
	next := make([]time.Duration, len(names)) // each sends 50 a second, in no step with the others
	for i := range next {
		next[i] = time.Duration(rng.Int64N(int64(20 * time.Millisecond)))
	}
	flooded, at := 0, 0
	for now := time.Duration(0); now <= seconds*time.Second; now += 10 * time.Microsecond {
		if l.Allow(now, "198.51.100.1:666") {
			flooded++
		}
		// Two of them are looked at each time, so that all are within 5 ms.
		for range 2 {
			if i := at % len(names); next[i] <= now {
				if !l.Allow(now, names[i]) {
					t.Fatalf("%s is refused at %v", names[i], now)
				}
				next[i] += 20 * time.Millisecond
			}
			at++
		}
	}
	if flooded != perSecond*seconds+burst {
		t.Errorf("%d passed of the flood, want %d", flooded, perSecond*seconds+burst)
	}
	for i := range next {
		if next[i] < seconds*time.Second-20*time.Millisecond {
			t.Errorf("%s sent until %v only: the test tests nothing", names[i], next[i])
		}
	}
}

// Four times as many sources as cells in a row, each at half of its rate: were
// what they are charged added up in the cells they share, they would be refused.
func TestSharedCellsDoNotAddUp(t *testing.T) {
	names := sourceNames(256)
	l := NewLimiter(Limits{Source: Rate{PerSecond: 100, Burst: 20}, Total: Rate{PerSecond: -1}, Cells: 64})
	for now := time.Duration(0); now < 10*time.Second; now += 20 * time.Millisecond {
		for _, name := range names {
			if !l.Allow(now, name) {
				t.Fatalf("%s is refused at %v", name, now)
			}
		}
	}
}

// covered is the probability that k sources together hold all cells of another.
func covered(cells, k int) float64 {
	return math.Pow(1-math.Pow(1-1/float64(cells), float64(k)), rows)
}

// The probability that the Limiter's comment gives is the measured one.
func TestFloodersRarelyCoverAnother(t *testing.T) {
	for _, test := range []struct{ cells, flooders int }{{16, 8}, {16, 16}, {32, 20}, {64, 64}} {
		const tables, others = 50, 4000
		hit := 0
		for range tables {
			l := NewLimiter(Limits{Source: Rate{1, 1}, Total: Rate{PerSecond: -1}, Cells: test.cells})
			for i := range test.flooders {
				// Those who are covered by the rest flood as well as they can.
				l.Allow(0, fmt.Sprint("flooder ", i))
			}
			for i := range others {
				mine := l.cellsOf(maphash.String(l.seed, fmt.Sprint("other ", i)))
				if !slices.ContainsFunc(mine[:], func(c *cell) bool { return l.source.due(0, c.Load()) }) {
					hit++
				}
			}
		}
		got, want := float64(hit)/(tables*others), covered(test.cells, test.flooders)
		if got < want*0.7 || got > want*1.3 {
			t.Errorf("%d cells, %d flooders: another is covered with probability %.4f, computed %.4f", test.cells, test.flooders, got, want)
		}
	}
	for _, row := range []struct {
		cells, flooders int
		most            float64
	}{{1 << 10, 1, 1e-12}, {1 << 10, 10, 1e-8}, {1 << 10, 100, 1e-4}, {1 << 16, 1000, 1e-7}} {
		if got := covered(row.cells, row.flooders); got > row.most {
			t.Errorf("%+v: %g", row, got)
		}
	}
}

// A limiter takes what its comment says, and no more by use.
func TestLimiterMemory(t *testing.T) {
	for cells, want := range map[int]int{0: 1 << 10, -1: 1, 1: 1, 3: 4, 1000: 1 << 10, 1 << 30: 1 << 16} {
		if got := len(NewLimiter(Limits{Cells: cells}).cells); got != rows*want {
			t.Errorf("Cells %d: %d cells in all, want %d", cells, got, rows*want)
		}
	}
	if l := NewLimiter(Limits{Source: Rate{PerSecond: -1}}); l.cells != nil {
		t.Error("cells for sources that are not limited")
	}
}
