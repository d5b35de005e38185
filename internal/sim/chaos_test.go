package sim

import (
	"flag"
	"fmt"
	"testing"
	"time"
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

// TestChaos runs random clusters through random faults with a [Checker] on every
// transition, and then asks that all agree.
func TestChaos(t *testing.T) {
	transitions := 0
	seeds := eachSeed(60, func(seed uint64) { transitions += chaos(t, seed) })
	if uint64(transitions) < seeds*500 && *seedFlag < 0 {
		t.Errorf("%d changes of belief in all: the faults do nothing", transitions)
	}
}

// chaos is one run: faults for a minute or two, then calm.
func chaos(t *testing.T, seed uint64) int {
	replay := replay(t, seed)
	s := New(seed)
	s.Bytes = true
	s.Params.SyncInterval = 10 * time.Second
	s.Net.Streams = seed%4 != 0
	if seed%2 == 0 {
		s.PacketBytes = 300
	}
	checker := Watch(s, func(problem string) { t.Fatalf("at %v: %s\n%s", s.Now(), problem, replay) })
	checker.MaxRate = 1000
	f := faults{s: s}
	for i := range 12 + s.Rand().IntN(13) {
		f.names = append(f.names, fmt.Sprintf("n%d", i))
		f.start(f.names[i])
	}
	for end := time.Minute + time.Duration(s.Rand().Int64N(int64(time.Minute))); s.Now() < end; {
		s.Run(s.Now() + time.Duration(s.Rand().Int64N(int64(3*time.Second))))
		f.strike()
	}
	f.calm()
	checker.Tables(s)
	agreed := s.RunUntil(s.Now()+3*time.Minute, every(s, time.Second, func() bool { return Disagreement(s) == "" }))
	if !agreed {
		t.Fatalf("after three minutes of calm: %s\n%s", Disagreement(s), replay)
	}
	checker.Tables(s)
	return checker.Transitions
}

// every asks done no more often than the interval says, for it costs.
func every(s *Sim, interval time.Duration, done func() bool) func() bool {
	var next time.Duration
	return func() bool {
		if s.Now() < next {
			return false
		}
		next = s.Now() + interval
		return done()
	}
}

// faults does things to a cluster.
type faults struct {
	s     *Sim
	names []string
}

// any draws a node that runs, and has not left, or nil.
func (f *faults) any() *Node {
	var running []*Node
	for _, n := range f.s.Nodes() {
		if n.Up() && !n.leaving {
			running = append(running, n)
		}
	}
	if len(running) == 0 {
		return nil
	}
	return running[f.s.Rand().IntN(len(running))]
}

// start starts a node, which joins through one that runs.
func (f *faults) start(name string) {
	seed := f.any()
	n := f.s.Start(name)
	if seed != nil {
		f.s.Join(n, seed.Name)
	}
}

func (f *faults) strike() {
	s, rng := f.s, f.s.Rand()
	n := s.Node(f.names[rng.IntN(len(f.names))])
	other := f.names[rng.IntN(len(f.names))]
	switch rng.IntN(12) {
	case 0, 1:
		if n.Up() {
			s.Crash(n)
		}
	case 2: // at once
		if n.Up() {
			s.Crash(n)
			f.start(n.Name)
		}
	case 3, 4, 5:
		if !n.Up() {
			f.start(n.Name)
		}
	case 6:
		if n.Up() && !n.leaving {
			s.Leave(n)
			life := n.life
			s.At(s.Now()+time.Duration(rng.Int64N(int64(4*time.Second))), func() {
				if n.life == life {
					s.Crash(n)
				}
			})
		}
	case 7:
		if n.Up() && !n.leaving {
			s.SetMeta(n, fmt.Sprintf("v%d", rng.IntN(1000)))
		}
	case 8:
		var half []string
		for _, name := range f.names {
			if rng.IntN(2) == 0 {
				half = append(half, name)
			}
		}
		s.Net.Partition(half)
	case 9:
		s.Net.Block(n.Name, other)
	case 10:
		s.Net.Loss, s.Net.Duplicate = float64(rng.IntN(4))/10, float64(rng.IntN(3))/10
	case 11:
		s.Net.Heal()
	}
}

// calm ends all faults. Nodes that hold each other for failed do not look for each
// other, so each joins again through one of them.
func (f *faults) calm() {
	s := f.s
	s.Net.Heal()
	s.Net.Loss, s.Net.Duplicate = 0, 0
	hub := f.any()
	if hub == nil {
		f.start(f.names[0])
		hub = f.any()
	}
	for _, n := range s.Nodes() {
		if n.Up() && !n.leaving && n != hub {
			s.Join(n, hub.Name)
		}
	}
}
