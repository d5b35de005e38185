package sim

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// seek starts n nodes that look for members at seeds.
func seek(s *Sim, n int, seeds ...string) *Seekers {
	s.Net.StreamTime = StreamTime
	k := Seek(s, seeds...)
	for i := range n {
		k.Start(s.Start(fmt.Sprint("n", i)))
	}
	return k
}

// Two clusters that have never met become one, wherever the seeds are; without the
// rule they never do.
func TestSeedsMergeClustersThatNeverMet(t *testing.T) {
	const n = 40
	for name, test := range map[string]struct {
		seeds  []string
		merges bool
	}{
		"in both":   {[]string{"n0", "n39", "nobody"}, true},
		"in one":    {[]string{"n0", "n1"}, true},
		"of no use": {[]string{"nobody"}, false},
	} {
		for seed := range uint64(10) {
			s := New(seed)
			k := seek(s, 0, test.seeds...)
			for i := range n {
				s.Start(fmt.Sprint("n", i))
			}
			first, second := s.nodes[:n/2], s.nodes[n/2:]
			s.Introduce(first)
			s.Introduce(second)
			s.Run(s.Now() + time.Minute)
			if first[0].M.Len() != n/2 || second[0].M.Len() != n/2 {
				t.Fatalf("%s, seed %d: they have met before: %d, %d", name, seed, first[0].M.Len(), second[0].M.Len())
			}
			for _, node := range s.nodes {
				k.Start(node)
			}
			s.Run(s.Now() + time.Minute)
			if problem := Disagreement(s); (problem == "") != test.merges || (k.Asked > 0) != test.merges {
				t.Errorf("%s, seed %d: %d asked; %s", name, seed, k.Asked, problem)
			}
		}
	}
}

// Who knows nobody asks at once, and then ever later, up to the interval. Each silent
// seed takes a round the time that a stream has.
func TestWhoIsAloneAsksEverLater(t *testing.T) {
	s := New(1)
	k := seek(s, 1, "n0", "b", "c", "d", "e")
	for _, name := range []string{"b", "c", "d", "e"} {
		s.Crash(s.Start(name))
	}
	var rounds []time.Duration
	s.OnPacket = func(_ *Node, p *core.Packet) {
		if p.Msg.Kind == wire.Sync && (len(rounds) == 0 || rounds[len(rounds)-1] != s.Now()) {
			rounds = append(rounds, s.Now())
		}
	}
	s.Run(10 * time.Minute)
	if len(rounds) < 10 || rounds[0] != 0 || k.Asked != maxRejoinAsks*len(rounds) {
		t.Fatalf("%d asked in rounds at %v", k.Asked, rounds)
	}
	pause := minRejoinPause
	for i := range rounds[1:] {
		if got := rounds[i+1] - rounds[i] - StreamTime; got < pause*3/4 || got > pause*5/4 {
			t.Errorf("round %d comes %v after the end of the one before, want about %v", i+1, got, pause)
		}
		pause = min(2*pause, defaultRejoinInterval)
	}
}

// A round ends with its last answer, and then the pause begins. Nobody asks itself.
func TestRoundsEndWithTheAnswers(t *testing.T) {
	for seed := range uint64(20) {
		s := New(seed)
		k := seek(s, 1, "n0", "b")
		s.Run(time.Duration(seed) * time.Second)
		if k.Asked != 0 {
			t.Fatalf("seed %d: %d asked where no other seed is", seed, k.Asked)
		}
		s.Start("b")
		var rounds []time.Duration
		s.OnPacket = func(n *Node, p *core.Packet) {
			if p.Msg.Kind == wire.Sync && n.Name == "n0" {
				rounds = append(rounds, s.Now())
			}
		}
		s.RunUntil(time.Hour, func() bool { return s.nodes[0].M.Len() == 2 })
		s.Crash(s.Node("b")) // and n0 is alone before its next round
		s.RunUntil(time.Hour, func() bool { return len(rounds) == 2 })
		if pause := rounds[1] - rounds[0]; pause < defaultRejoinInterval*3/4 || pause > defaultRejoinInterval*5/4+time.Second {
			t.Errorf("seed %d: rounds at %v", seed, rounds)
		}
	}
}

// Of a cluster of any size a few members ask a seed in each interval, and only where
// nobody lives that they know.
func TestFewLookAround(t *testing.T) {
	for _, n := range []int{3, 16, 64} {
		for _, dead := range []bool{true, false} {
			s := New(uint64(n))
			k := seek(s, n, "n0", "n1", "dead", "gone")
			for _, name := range []string{"dead", "gone"} {
				if s.Start(name); dead {
					s.Crash(s.Node(name))
				}
			}
			s.Introduce(s.nodes)
			s.Run(time.Minute)
			before := k.Asked
			const intervals = 40
			s.Run(s.Now() + intervals*defaultRejoinInterval)
			got, want := k.Asked-before, intervals*min(n, rejoinShare)
			if !dead && got > 0 {
				t.Errorf("%d members ask %d times where all seeds live", n, got)
			}
			// A round that waits in vain lasts longer by a third.
			if dead && (got < want/2 || got > want*5/4) {
				t.Errorf("%d members ask %d times, want %d or a little less", n, got, want)
			}
		}
	}
}

// Who is cut off asks seeds that it holds for live, once more when it hears others
// again, and then no longer.
func TestWhoIsCutOffAsks(t *testing.T) {
	s := New(1)
	k := seek(s, 4, "n1", "n2", "n3")
	s.Introduce(s.nodes)
	s.Run(time.Minute)
	if k.Asked != 0 {
		t.Fatalf("%d asked when all live", k.Asked)
	}
	s.Net.Partition([]string{"n0"})
	s.Run(s.Now() + 5*time.Minute)
	cut := k.Asked
	s.Net.Heal()
	s.Run(s.Now() + 2*time.Minute)
	healed := k.Asked
	s.Run(s.Now() + 10*time.Minute)
	if cut < maxRejoinAsks || healed == cut || k.Asked != healed {
		t.Errorf("%d asked when cut off, %d by the end, %d later", cut, healed, k.Asked)
	}
}

// The rule is a life's: who crashes, leaves or is stopped asks no more, though a round
// is under way; and it can be begun again.
func TestSeekingEnds(t *testing.T) {
	for name, end := range map[string]func(k *Seekers, n *Node){
		"crash":   func(k *Seekers, n *Node) { k.s.Crash(n) },
		"leave":   func(k *Seekers, n *Node) { k.s.Leave(n) },
		"restart": func(k *Seekers, n *Node) { k.s.Crash(n); k.s.Start(n.Name) },
		"stop":    func(k *Seekers, n *Node) { k.Stop(n) },
	} {
		for at := range 20 {
			s := New(1)
			k := seek(s, 1, "b")
			s.Crash(s.Start("b"))
			s.Run(time.Duration(at) * time.Second)
			end(k, s.nodes[0])
			before := k.Asked
			s.Run(s.Now() + 5*time.Minute)
			if before == 0 || k.Asked != before {
				t.Fatalf("%s after %d s: %d asked, then %d", name, at, before, k.Asked)
			}
			if name == "leave" {
				continue
			}
			if !s.nodes[0].Up() {
				s.Start("n0")
			}
			k.Start(s.nodes[0])
			s.Run(s.Now() + time.Minute)
			if k.Asked < before+2 {
				t.Fatalf("%s: begun again, it asks %d times", name, k.Asked-before)
			}
		}
	}
}

// Where no streams are, and where a Machine has too much to ask, rounds end as well.
func TestSeekingGoesOnInPackets(t *testing.T) {
	s := New(1)
	s.Net.Streams = false
	k := seek(s, 2, "n1", "gone")
	s.Crash(s.Start("gone"))
	for range 100 { // more than a Machine has in hand at once
		s.nodes[0].M.Join(0, "10.9.9.9:1")
		s.settle(s.nodes[0])
	}
	s.Run(3 * time.Minute)
	if problem := Disagreement(s); problem != "" || k.Asked < 4 || k.Asked > 40 {
		t.Errorf("%d asked; %s", k.Asked, problem)
	}
}

// The same constants under the same names say the same as the Driver's.
func TestSeekersHaveTheNumbersOfTheDriver(t *testing.T) {
	ours, theirs := constants(t, "seeds.go"), constants(t, "../../rejoin.go")
	delete(ours, "asking")
	if len(ours) != 5 {
		t.Errorf("constants %v", ours)
	}
	maps.DeleteFunc(theirs, func(name, _ string) bool { return ours[name] == "" })
	if !maps.Equal(ours, theirs) {
		t.Errorf("here %v, in the Driver %v", ours, theirs)
	}
}

// constants returns the constants of a file, as they are written.
func constants(t *testing.T, path string) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i := range v.Values {
					var text bytes.Buffer
					if err := format.Node(&text, files, v.Values[i]); err != nil {
						t.Fatal(err)
					}
					all[v.Names[i].Name] = text.String()
				}
			}
		}
	}
	return all
}
