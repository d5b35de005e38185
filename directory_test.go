package swim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/internal/core"
)

func filledDirectory(members int) *directory {
	d := testDirectory(Member{Name: "self", State: Alive})
	events := make([]core.Event, 0, members)
	for i := 1; i < members; i++ {
		// Neither in order nor in reverse.
		name := fmt.Sprintf("member-%d", i*7919%members)
		events = append(events, core.Event{
			Kind: core.Changed, Reason: Announced,
			After: Member{Name: name, Addr: "127.0.0.1:7946", State: State(1 + i%4)},
		})
	}
	d.apply(events)
	return d
}

var (
	allStates  = [Left + 1]bool{Alive: true, Suspect: true, Failed: true, Left: true}
	liveStates = [Left + 1]bool{Alive: true, Suspect: true}
)

func TestDirectoryListsByName(t *testing.T) {
	d := filledDirectory(100)
	byName := func(a, b Member) int { return strings.Compare(a.Name, b.Name) }
	all, live := d.list(allStates), d.list(liveStates)
	if len(all) != 100 || !slices.IsSortedFunc(all, byName) {
		t.Fatalf("%d members, sorted=%v", len(all), slices.IsSortedFunc(all, byName))
	}
	want := slices.DeleteFunc(slices.Clone(all), func(m Member) bool { return !m.State.Live() })
	if !slices.Equal(live, want) {
		t.Errorf("live members are %v\nwant %v", live, want)
	}
	counts := d.stateCounts()
	for s := Alive; s <= Left; s++ {
		n := 0
		for _, m := range all {
			if m.State == s {
				n++
			}
		}
		if counts[s] != n {
			t.Errorf("%d %v counted, %d listed", counts[s], s, n)
		}
	}
}

// Who iterates sees what there was when it began, whatever comes meanwhile, and no
// list is copied for it while nothing changes.
func TestDirectoryLendsWhatNobodyChanges(t *testing.T) {
	d := filledDirectory(100)
	lent := d.lend()
	before := slices.Clone(lent)
	changed := lent[3]
	changed.State, changed.Incarnation = Failed, 9
	d.apply([]core.Event{{Kind: core.Changed, After: changed}})
	d.apply([]core.Event{{Kind: core.Changed, After: Member{Name: "new", State: Alive}}})
	if !slices.Equal(lent, before) {
		t.Error("what was lent has changed")
	}
	if now := d.lend(); len(now) != 101 || now[3] != changed {
		t.Errorf("%d members, and the changed one is %+v", len(now), now[3])
	}
	if n := testing.AllocsPerRun(10, func() { d.lend() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What list returned is the caller's, and what comes later does not touch it.
func TestDirectoryListsAreCopies(t *testing.T) {
	d := filledDirectory(10)
	first := d.list(allStates)
	kept := slices.Clone(first)
	changed := first[0]
	changed.Meta = "changed"
	d.apply([]core.Event{{Kind: core.Changed, Before: first[0], After: changed}})
	if !slices.Equal(first, kept) {
		t.Error("a later change shows in a list returned before")
	}
	second := d.list(allStates)
	if second[0].Meta != "changed" {
		t.Errorf("the list returned after a change has %+v", second[0])
	}
	second[1].Meta = "by the caller"
	if third := d.list(allStates); third[1].Meta != "" {
		t.Error("what a caller does to its list shows in the next")
	}
}

func TestDirectoryFollowsComingAndGoing(t *testing.T) {
	d := filledDirectory(3)
	_ = d.list(allStates)
	m := Member{Name: "aaa", State: Left}
	d.apply([]core.Event{{Kind: core.Changed, After: m}})
	if l := d.list(allStates); len(l) != 4 || l[0] != m {
		t.Errorf("after one came: %v", l)
	}
	d.apply([]core.Event{{Kind: core.Changed, Before: m}})
	if l := d.list(allStates); len(l) != 3 || l[0] == m {
		t.Errorf("after it was forgotten: %v", l)
	}
	if _, ok := d.member("aaa"); ok {
		t.Error("a forgotten member is still there")
	}
	if c := d.stateCounts(); c[Left] != 0 {
		t.Errorf("%d members have left, want none", c[Left])
	}
}

// A refutation of our own is no news to our own subscribers, not even one that
// had to take a new epoch and to the others looks like a restart.
func TestDirectoryKeepsUpWithOurRefutations(t *testing.T) {
	d := testDirectory(Member{Name: "self", State: Alive, Epoch: 1})
	sub := d.subscribe()
	for events, ok := d.next(sub); ok; events, ok = d.next(sub) {
		if len(events) != 1 || events[0].Kind != EventJoined {
			t.Fatalf("it begins with %+v", events)
		}
	}
	for _, after := range []Member{
		{Name: "self", State: Alive, Epoch: 1, Incarnation: 1},
		{Name: "self", State: Alive, Epoch: 2},
	} {
		d.apply([]core.Event{{Kind: core.LocalChanged, Before: d.local(), After: after, Reason: Refuted}})
		if d.local() != after {
			t.Errorf("we are %+v, want %+v", d.local(), after)
		}
		if events, ok := d.next(sub); ok {
			t.Errorf("subscribers are told %+v", events)
		}
	}
}

func BenchmarkMembers(b *testing.B) {
	for _, size := range []int{100, 10_000} {
		n := &Node{directory: filledDirectory(size)}
		first, _ := n.Member("member-1")
		change := func() {
			before := first
			first.Meta = fmt.Sprint(len(first.Meta) % 2)
			n.directory.apply([]core.Event{{Kind: core.Changed, Before: before, After: first}})
		}
		all := []State{Alive, Suspect, Failed, Left}
		b.Run(fmt.Sprintf("all/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = n.Members(all...)
			}
		})
		b.Run(fmt.Sprintf("live/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = n.Members()
			}
		})
		b.Run(fmt.Sprintf("changing/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				change()
				_ = n.Members()
			}
		})
	}
}

// testDirectory is one of a transport whose packets come from where they go to.
func testDirectory(self Member) *directory {
	return newDirectory(self, newKnown(func(addr string) string { return addr }))
}

// drained is all that waits for a reader.
func drained(d *directory, s *subscription) (all []Event) {
	for {
		es, ok := d.next(s)
		if !ok {
			return all
		}
		all = append(all, es...)
	}
}

// What changed with a refutation of our own is told; that it took a new epoch is not.
func TestOwnRefutations(t *testing.T) {
	self := Member{Name: "self", Addr: "self:1", Epoch: 1, State: Alive}
	d := testDirectory(self)
	s := d.subscribe()
	drained(d, s)
	refuted := self
	refuted.Incarnation, refuted.Meta = 7, "set on probation"
	d.apply([]core.Event{{Kind: core.LocalChanged, Before: self, After: refuted, Reason: Refuted}})
	if got := drained(d, s); len(got) != 1 || got[0].Kind != EventUpdated {
		t.Errorf("metadata that is announced with a refutation: %v", got)
	}

	d = testDirectory(self)
	s = d.subscribe()
	drained(d, s)
	one, two, three := self, self, self
	one.Meta, one.Incarnation = "one", 1
	two.Meta, two.Epoch = "one", 2
	three.Meta, three.Epoch, three.Incarnation = "three", 2, 1
	d.apply([]core.Event{{Kind: core.LocalChanged, Before: self, After: one, Reason: Announced}})
	d.apply([]core.Event{{Kind: core.LocalChanged, Before: one, After: two, Reason: Refuted}})
	d.apply([]core.Event{{Kind: core.LocalChanged, Before: two, After: three, Reason: Announced}})
	for _, e := range drained(d, s) {
		if e.Kind != EventUpdated {
			t.Errorf("our own user is told %v of ourselves, %v", e.Kind, e.Reason)
		}
	}
}
