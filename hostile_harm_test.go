package swim_test

import (
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// counts are the victim's counters of what it did not do, by name.
func counts(s swim.Stats) map[string]uint64 {
	all := make(map[string]uint64)
	for _, v := range []reflect.Value{reflect.ValueOf(s.Drops), reflect.ValueOf(s.Protocol)} {
		for i := range v.NumField() {
			if v.Field(i).CanUint() {
				all[v.Type().Field(i).Name] += v.Field(i).Uint()
			}
		}
	}
	return all
}

// sum adds up counters, "A|B" say.
func sum(counts map[string]uint64, names string) (n uint64) {
	for name := range strings.SplitSeq(names, "|") {
		n += counts[name]
	}
	return n
}

func isDrop(name string) bool {
	_, ok := reflect.TypeFor[swim.Drops]().FieldByName(name)
	return ok
}

// snapshot is all that an attack must not change.
type snapshot struct {
	views      map[string][]swim.Member
	news       int
	goroutines int
	heap       uint64
	allocated  uint64
	counts     map[string]uint64
	stalls     uint64
}

func (g *siege) look() snapshot {
	s := snapshot{views: make(map[string][]swim.Member), news: len(g.news()), counts: counts(g.victim.Stats())}
	for _, node := range g.nodes {
		s.views[node.Local().Name] = node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left)
		s.stalls += node.Stats().Stalls
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	s.goroutines, s.heap, s.allocated = runtime.NumGoroutine(), m.HeapAlloc, m.TotalAlloc
	return s
}

const (
	// heapSlack is by how much the heap may differ for reasons of its own.
	heapSlack = 4 << 20
	// allocatedAtMost is what may be allocated during one attack, the attacker's
	// own packets included: far less than what any of them claims.
	allocatedAtMost = 16 << 20
)

// harm is what is different from what was.
func (g *siege) harm(before snapshot) (problems []string) {
	g.Helper()
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	// What an attack began may be about to end.
	end := time.Now().Add(g.patience)
	after := g.look()
	for ; time.Now().Before(end) && (after.goroutines > before.goroutines || after.heap > before.heap+heapSlack); after = g.look() {
		runtime.Gosched()
	}
	if after.goroutines > before.goroutines {
		say("%d goroutines, %d before", after.goroutines, before.goroutines)
	}
	if after.heap > before.heap+heapSlack {
		say("%d bytes of heap, %d before", after.heap, before.heap)
	}
	if grown := after.allocated - before.allocated; grown > allocatedAtMost {
		say("%d bytes were allocated", grown)
	}
	if news := g.news()[before.news:]; len(news) > 0 {
		say("the users heard %q; %d stalls", news, after.stalls-before.stalls)
	}
	if !maps.EqualFunc(after.views, before.views, slices.Equal) {
		say("the members are %+v, and were %+v", after.views, before.views)
	}
	return problems
}

// unlike says which of the counters in must did not rise, where "A|B" asks for
// one of them, and which other reasons to drop something than those in may did.
// Being too fast for a limit is always one of those.
func (g *siege) unlike(before map[string]uint64, must, may []string) (problems []string) {
	g.Helper()
	now := counts(g.victim.Stats())
	rose := make(map[string]uint64)
	for name, n := range now {
		if n > before[name] {
			rose[name] = n - before[name]
		}
	}
	allowed := []string{"Oversized"} // for processed
	for _, any := range may {
		allowed = append(allowed, strings.Split(any, "|")...)
	}
	for _, any := range must {
		each := strings.Split(any, "|")
		allowed = append(allowed, each...)
		if !slices.ContainsFunc(each, func(name string) bool { return rose[name] > 0 }) {
			problems = append(problems, fmt.Sprintf("%s did not rise; what did: %v", any, rose))
		}
	}
	for name, n := range rose {
		if isDrop(name) && !slices.Contains(allowed, name) && !strings.HasPrefix(name, "Rate") {
			problems = append(problems, fmt.Sprintf("%s rose by %d, want %v", name, n, must))
		}
	}
	return problems
}

// attack does what a row says, and fails if it harmed anybody, or was not
// counted for what it is.
func (g *siege) attack(do func(), must, may []string) {
	g.Helper()
	before := g.look()
	do()
	g.processed()
	for _, problem := range append(g.unlike(before.counts, must, may), g.harm(before)...) {
		g.Error(problem)
	}
}

// within runs a row as a test of its own.
func (g *siege) within(name string, row func()) {
	outer := g.T
	defer func() { g.T = outer }()
	outer.Run(name, func(t *testing.T) {
		g.T = t
		row()
	})
}

// well fails unless the cluster works as it should: everybody's probes are acked,
// and somebody new is let in by the victim.
func (g *siege) well() {
	g.Helper()
	acked := make([]uint64, len(g.nodes))
	for i, node := range g.nodes {
		acked[i] = node.Stats().Protocol.ProbesAcked
	}
	for i, node := range g.nodes {
		g.eventually("a probe is acked", func() bool { return node.Stats().Protocol.ProbesAcked > acked[i] })
	}
	cfg := swim.Config{Name: "late", Bind: "127.0.0.1:0"}
	g.configure(&cfg)
	late := start(g.T, cfg)
	if _, err := late.Join(g.Context(), g.victim.Local().Addr); err != nil {
		g.Fatal(err)
	}
	for _, node := range g.nodes {
		g.eventually("the newcomer is known", func() bool { _, ok := node.Member("late"); return ok })
		if s := node.Stats(); s.Suspect+s.Failed+s.Left > 0 || s.Protocol.SuspicionsRaised > 0 || s.Drops.Panics > 0 {
			g.Errorf("%s: %+v", node.Local().Name, s)
		}
	}
}
