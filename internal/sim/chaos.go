package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Chaos runs a random cluster through a minute or two of random faults, with a
// [Checker] on every transition, then lets it be, and asks that all agree in the
// end. It returns how many changes of belief were judged, and the first problem.
// The same seed is the same run.
func Chaos(seed uint64) (transitions int, err error) {
	s := New(seed)
	s.Bytes = true
	s.Params.SyncInterval = 10 * time.Second
	s.Net.Streams, s.Net.StreamTime = seed%4 != 0, StreamTime
	if seed%2 == 0 {
		s.PacketBytes = 300
	}
	if seed%3 == 0 {
		s.ReceiveTime, s.TimersFirst = 200*time.Microsecond, seed%9 == 0
	}
	if seed%4 > 1 { // late and out of order
		s.Net.Delay = func(rng *rand.Rand) time.Duration {
			if rng.IntN(50) == 0 {
				return time.Duration(rng.Int64N(int64(150 * time.Millisecond)))
			}
			return time.Duration(rng.Int64N(int64(5 * time.Millisecond)))
		}
	}
	checker := Watch(s, func(problem string) {
		if err == nil {
			err = fmt.Errorf("at %v: %s", s.Now(), problem)
		}
	})
	checker.MaxRate = 1000
	f := faults{s: s}
	for i := range 12 + s.Rand().IntN(13) {
		f.names = append(f.names, fmt.Sprintf("n%d", i))
		f.start(f.names[i])
	}
	for end := time.Minute + time.Duration(s.Rand().Int64N(int64(time.Minute))); s.Now() < end && err == nil; {
		s.Run(s.Now() + time.Duration(s.Rand().Int64N(int64(3*time.Second))))
		f.strike()
	}
	f.calm()
	checker.Tables(s)
	agreed := every(s, time.Second, func() bool { return err != nil || Disagreement(s) == "" })
	// Who waits to return, after all that befell it, is not asked to hurry.
	for begin := s.Now(); !s.RunUntil(s.Now()+3*time.Minute, agreed) && s.Now()-begin < longestCalm && onProbation(s); {
	}
	if problem := Disagreement(s); err == nil && problem != "" {
		err = fmt.Errorf("after three minutes of calm: %s", problem)
	}
	checker.Tables(s)
	return checker.Transitions, err
}

// longestCalm is more than the longest wait of a member that was declared failed often.
const longestCalm = 15 * time.Minute

func onProbation(s *Sim) bool {
	return slices.ContainsFunc(s.Nodes(), func(n *Node) bool { return n.Up() && n.M.OnProbation() })
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

// strike does one thing to one of them, or to the network.
func (f *faults) strike() {
	s, rng := f.s, f.s.Rand()
	n := s.Node(f.names[rng.IntN(len(f.names))])
	other := f.names[rng.IntN(len(f.names))]
	switch rng.IntN(17) {
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
			f.later(4*time.Second, func() {
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
		s.Net.StreamLoss = float64(rng.IntN(3)) / 4
	case 11:
		s.Net.Heal()
		s.Net.LossIn, s.Net.LossOut = nil, nil
	case 12:
		s.Freeze(n)
		f.later(20*time.Second, func() { s.Release(n) })
	case 13:
		s.Block(n)
		f.later(20*time.Second, func() { s.Release(n) })
	case 14, 15:
		path := []link{{n.Name, other}, {n.Name, ""}, {"", n.Name}}[rng.IntN(3)]
		s.Clog(path.from, path.to)
		f.later(20*time.Second, func() { s.Unclog(path.from, path.to) })
	case 16: // one way, mostly
		s.Net.LossIn = map[string]float64{n.Name: 0.8}
		s.Net.LossOut = map[string]float64{other: 0.8}
	}
}

// later does something within a time.
func (f *faults) later(most time.Duration, fn func()) {
	f.s.At(f.s.Now()+time.Duration(f.s.Rand().Int64N(int64(most))), fn)
}

// calm ends all faults. Nodes that hold each other for failed look for each other,
// but who came when the network was cut is not known in the other half at all, so
// each joins again through one of them.
func (f *faults) calm() {
	s := f.s
	s.Net.Heal()
	s.Net.Loss, s.Net.Duplicate, s.Net.StreamLoss = 0, 0, 0
	s.Net.LossIn, s.Net.LossOut = nil, nil
	s.UnclogAll()
	for _, n := range s.Nodes() {
		s.Release(n)
	}
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
