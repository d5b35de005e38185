package ring

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5117)) }

// cluster is n members, node-0 and so on.
func cluster(n int) []swim.Member {
	members := make([]swim.Member, n)
	for i := range members {
		members[i] = swim.Member{Name: fmt.Sprint("node-", i), Addr: fmt.Sprint("10.0.0.", i), State: swim.Alive}
	}
	return members
}

func newRing(t testing.TB, o Options) *Ring {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func names(members []swim.Member) string {
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = m.Name
	}
	return strings.Join(list, " ")
}

func TestEmptyRing(t *testing.T) {
	var r Ring
	check := func(when string, s *Snapshot) {
		t.Helper()
		if m, ok := s.Owner("key"); ok || m.Name != "" {
			t.Errorf("%s: %v owns a key", when, m)
		}
		if got := s.Owners(nil, "key", 3); len(got) != 0 {
			t.Errorf("%s: %v own a key", when, got)
		}
		for m := range s.Preference(7) {
			t.Errorf("%s: %v is preferred", when, m)
		}
		for _, m := range s.Ranges() {
			t.Errorf("%s: %v has a range", when, m)
		}
		if s.Len() != 0 || len(s.Members()) != 0 {
			t.Errorf("%s: %d members", when, s.Len())
		}
	}
	check("zero Snapshot", new(Snapshot))
	check("zero Ring", r.Snapshot())
	r.Remove("nobody")
	r.Add()
	check("nothing happened", r.Snapshot())
	r.Add(swim.Member{State: swim.Alive})
	check("a member without a name", r.Snapshot())
	r.Add(cluster(2)...)
	r.Remove("node-0", "node-1", "node-0")
	check("all have left", r.Snapshot())
}

func TestOptions(t *testing.T) {
	for _, points := range []int{-1, MaxPointsPerWeight + 1} {
		if _, err := New(Options{Points: points}); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("swim: ring.Options.Points = %d: ", points)) {
			t.Errorf("Points %d: %v", points, err)
		}
	}
	r := newRing(t, Options{Points: 3})
	r.Add(cluster(2)...)
	if n := len(r.Snapshot().points); n != 6 {
		t.Errorf("%d points, want 6", n)
	}
}

// Alive and suspect members own keys, failed and departed ones do not, and what
// a member says of itself is what lookups return.
func TestWhoCounts(t *testing.T) {
	var r Ring
	m := swim.Member{Name: "a", Addr: "old", State: swim.Alive}
	r.Add(m)
	for _, next := range []swim.Member{
		{Name: "a", Addr: "old", State: swim.Suspect},
		{Name: "a", Addr: "new", Meta: "v2", State: swim.Suspect, Incarnation: 2},
		{Name: "a", Addr: "new", State: swim.Alive, Epoch: 7},
	} {
		before := r.Snapshot()
		r.Add(next)
		if got, ok := r.Owner("key"); !ok || got != next {
			t.Errorf("the owner is %+v, want %+v", got, next)
		}
		if before == r.Snapshot() || !before.same(&r.Snapshot().circle) {
			t.Errorf("%+v: want a new snapshot with the old points", next)
		}
	}
	for _, state := range []swim.State{swim.Failed, swim.Left} {
		r.Add(swim.Member{Name: "a", State: state})
		if got, ok := r.Owner("key"); ok {
			t.Errorf("%v owns a key", got)
		}
		r.Add(m)
	}
	if got, ok := r.Snapshot().Member("a"); !ok || got != m {
		t.Errorf("Member: %+v, %v", got, ok)
	}
	if got, ok := r.Snapshot().Member("b"); ok {
		t.Errorf("Member of an unknown name: %+v", got)
	}
}

// What changes nothing makes no snapshot, so that nobody is woken for it.
func TestNoChangeNoSnapshot(t *testing.T) {
	var r Ring
	r.Add(cluster(3)...)
	s := r.Snapshot()
	r.Add(cluster(3)...)
	r.Remove("unknown")
	r.Add(swim.Member{Name: "unknown", State: swim.Left})
	if r.Snapshot() != s {
		t.Error("a new snapshot without a change")
	}
}

// Nodes that know the same members agree on all keys, whatever happened before
// and in which order.
func TestHistoryDoesNotMatter(t *testing.T) {
	weight := func(m swim.Member) int { return len(m.Meta) }
	for seed := range uint64(30) {
		rng := seeded(seed)
		r := newRing(t, Options{Points: 16, Weight: weight})
		known := make(map[string]swim.Member)
		for step := range 60 {
			var batch []swim.Member
			for range 1 + rng.IntN(5) {
				m := swim.Member{
					Name: fmt.Sprint("node-", rng.IntN(12)), Addr: fmt.Sprint(rng.IntN(3)),
					Meta: strings.Repeat("w", rng.IntN(4)), State: swim.State(1 + rng.IntN(4)),
				}
				batch = append(batch, m)
				if known[m.Name] = m; gone(m) {
					delete(known, m.Name)
				}
			}
			r.Add(batch...)
			fresh := newRing(t, Options{Points: 16, Weight: weight})
			for _, m := range known {
				fresh.Add(m)
			}
			got, want := r.Snapshot(), fresh.Snapshot()
			if !slices.Equal(got.members, want.members) || !slices.Equal(got.weights, want.weights) ||
				!slices.Equal(got.points, want.points) || !slices.Equal(got.owners, want.owners) ||
				!slices.Equal(got.starts, want.starts) || got.shift != want.shift || got.owning != want.owning {
				t.Fatalf("seed %d, step %d: %v after a history, %v without", seed, step, names(got.members), names(want.members))
			}
		}
	}
}

// A snapshot stays as it is, whatever happens to the ring.
func TestSnapshotsNeverChange(t *testing.T) {
	var r Ring
	r.Add(cluster(10)...)
	s := r.Snapshot()
	owners := func() (all []swim.Member) {
		for i := range 500 {
			all = s.Owners(all, fmt.Sprint("key-", i), 3)
		}
		return append(all, s.Members()...)
	}
	before := owners()
	s.Members()[0].Name = "forged"
	for i := range 10 {
		r.Add(swim.Member{Name: fmt.Sprint("late-", i)}, swim.Member{Name: "node-5", Addr: fmt.Sprint(i)})
		r.Remove(fmt.Sprint("node-", i))
	}
	if !slices.Equal(owners(), before) {
		t.Error("a snapshot has changed")
	}
}

// byMeta is the length of the metadata, less one.
func byMeta(m swim.Member) int { return len(m.Meta) - 1 }

func weighing(name string, weight int) swim.Member {
	return swim.Member{Name: name, Meta: strings.Repeat("w", weight+1)}
}

// A member of weight w owns w times as much, and one of weight 0 or less nothing.
func TestWeights(t *testing.T) {
	r := newRing(t, Options{Points: 1024, Weight: byMeta})
	for i, weight := range []int{-1, 0, 1, 2, 3, 4} {
		r.Add(weighing(fmt.Sprint("node-", i), weight))
	}
	s := r.Snapshot()
	for i, want := range []float64{0, 0, 0.1, 0.2, 0.3, 0.4} {
		if got := s.Share(fmt.Sprint("node-", i)); got < 0.9*want || got > 1.1*want {
			t.Errorf("node-%d owns %.3f, want %.3f", i, got, want)
		}
	}
	if got := len(s.Owners(nil, "key", 10)); got != 4 {
		t.Errorf("%d owners, want those 4 that weigh anything", got)
	}
	r.Add(weighing("node-5", 1_000_000))
	if got := len(r.Snapshot().points); got != (6+MaxWeight)*1024 {
		t.Errorf("%d points with a member of weight 1,000,000", got)
	}
	r.Add(weighing("node-5", 0))
	if got := r.Snapshot().Share("node-5"); got != 0 || r.Snapshot().Len() != 6 {
		t.Errorf("node-5 drains, and owns %.3f", got)
	}
}

// What does not fit is left out and counted, and the ring works on.
func TestFullRing(t *testing.T) {
	r := newRing(t, Options{Points: 1})
	r.Add(cluster(MaxMembers + 3)...)
	if got := r.Snapshot().Len(); got != MaxMembers || r.Shed() != 3 {
		t.Errorf("%d members, and %d shed; want %d and 3", got, r.Shed(), MaxMembers)
	}
	r.Remove("node-0")
	r.Add(swim.Member{Name: "new"})
	if _, ok := r.Snapshot().Member("new"); !ok || r.Shed() != 3 {
		t.Errorf("who comes after one has left is shed: %d", r.Shed())
	}
}

// The same holds for points; a ring that has as many would take long to draw.
func TestPointsRunOut(t *testing.T) {
	had := newRing(t, Options{Points: 8, Weight: byMeta})
	had.Add(weighing("a", 4), weighing("z", 1))
	r := revision{options: &had.options, old: had.Snapshot(), next: new(Snapshot), total: MaxPoints, place: make([]int, 2)}
	r.change(0, weighing("a", 2)) // which leaves room for 2
	for _, m := range []swim.Member{weighing("b", 3), weighing("c", 1), weighing("d", 2), weighing("e", 0), weighing("ee", -1), weighing("f", 1)} {
		r.join(m)
	}
	r.change(1, weighing("z", 2)) // and there is none left to grow
	if got := names(r.next.members); got != "a c e ee f" || r.shed != 3 || r.total != MaxPoints-8 {
		t.Errorf("%s are in with %d points, and %d are not", got, r.total, r.shed)
	}
}

// Also those whose names come before all others'.
func TestMaxMembersWhoeverComes(t *testing.T) {
	r, err := New(Options{Points: 1})
	if err != nil {
		t.Fatal(err)
	}
	var ms []swim.Member
	for i := range MaxMembers {
		ms = append(ms, swim.Member{Name: fmt.Sprintf("m%06d", i), State: swim.Alive})
	}
	r.Add(ms...)
	for i := range 3 {
		r.Add(swim.Member{Name: fmt.Sprintf("a%d", i), State: swim.Alive})
	}
	if n := r.Snapshot().Len(); n > MaxMembers {
		t.Errorf("%d members, want at most %d; shed %d", n, MaxMembers, r.Shed())
	}
}
