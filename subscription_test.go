package swim

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/swim-go/swim/internal/core"
)

// order checks what each subscriber is promised: joined and gone alternate, and
// between them suspected and recovered do.
type order struct {
	live, suspect map[string]bool
}

func newOrder() *order { return &order{map[string]bool{}, map[string]bool{}} }

func (o *order) check(e Event) error {
	name := e.Member.Name
	live, suspect := o.live[name], o.suspect[name]
	ok := live
	switch e.Kind {
	case EventJoined:
		ok = !live
		o.live[name], o.suspect[name] = true, false
	case EventSuspected:
		ok = live && !suspect
		o.suspect[name] = true
	case EventRecovered:
		ok = live && suspect
		o.suspect[name] = false
	case EventFailed, EventLeft:
		o.live[name] = false
	}
	if !ok {
		return fmt.Errorf("%v of %s, which is live=%v suspect=%v to this subscriber", e.Kind, name, live, suspect)
	}
	return nil
}

func TestOrderCatches(t *testing.T) {
	m := Member{Name: "m"}
	for _, bad := range [][]EventKind{
		{EventUpdated},
		{EventFailed},
		{EventJoined, EventJoined},
		{EventJoined, EventRecovered},
		{EventJoined, EventSuspected, EventSuspected},
		{EventJoined, EventLeft, EventFailed},
		{EventJoined, EventSuspected, EventFailed, EventJoined, EventRecovered},
	} {
		o := newOrder()
		var err error
		for _, k := range bad {
			if err = o.check(Event{Kind: k, Member: m}); err != nil {
				break
			}
		}
		if err == nil {
			t.Errorf("%v passes", bad)
		}
	}
}

// walk changes members at random, as the Machine does and worse.
type walk struct {
	rng   *rand.Rand
	table map[string]Member
	names int
}

func (w *walk) step() core.Event {
	name := fmt.Sprintf("m%d", w.rng.IntN(w.names))
	before := w.table[name]
	after := before
	switch w.rng.IntN(10) {
	case 0:
		if before.State != 0 && !before.State.Live() {
			delete(w.table, name)
			return core.Event{Kind: core.Changed, Before: before, Reason: Forgotten}
		}
	case 1:
		after.Meta = fmt.Sprint(w.rng.IntN(3))
	case 2:
		after.Epoch++
	}
	after.Name, after.Addr = name, name
	after.State = State(1 + w.rng.IntN(4))
	w.table[name] = after
	return core.Event{Kind: core.Changed, Before: before, After: after, Reason: Announced}
}

// TestSubscribersHearSoundStories lets readers of all speeds, that come and go,
// follow random changes. Each must hear a story that makes sense and ends in the
// truth, and none may cost more than the members that there are.
func TestSubscribersHearSoundStories(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	d := testDirectory(Member{Name: "self", State: Alive})
	w := walk{rng: rng, table: map[string]Member{}, names: 20}

	type reader struct {
		sub  *subscription
		told *order
		last map[string]Member
	}
	var readers []*reader
	read := func(r *reader) {
		events, ok := d.next(r.sub)
		if ok && len(events) == 0 {
			t.Fatal("a change without an event was kept")
		}
		for _, e := range events {
			if err := r.told.check(e); err != nil {
				t.Fatal(err)
			}
			// The life that a restart ended, and a member that is forgotten since.
			m, known := d.member(e.Member.Name)
			past := e.Kind == EventFailed && e.Reason == Restarted || !known && !e.Member.State.Live()
			if !past && m != e.Member {
				t.Fatalf("event %+v, and the directory says %+v", e, m)
			}
			r.last[e.Member.Name] = e.Member
		}
	}
	for range 20_000 {
		if rng.IntN(200) == 0 {
			readers = append(readers, &reader{d.subscribe(), newOrder(), map[string]Member{}})
		}
		d.apply([]core.Event{w.step()})
		for i, r := range readers {
			if rng.IntN(i+1) == 0 {
				read(r)
			}
			if n := r.sub.order.Len(); n > w.names+1 || n != len(r.sub.pending) {
				t.Fatalf("%d changes wait, %d by name, of %d members", n, len(r.sub.pending), w.names+1)
			}
		}
	}
	for _, r := range readers {
		for r.sub.order.Len() > 0 {
			read(r)
		}
		for name, live := range r.told.live {
			m, _ := d.member(name)
			if m.State.Live() != live {
				t.Errorf("the story of %s ends with live=%v, and it is %v", name, live, m.State)
			}
			if live && (r.last[name].Meta != m.Meta || r.last[name].Epoch != m.Epoch || r.told.suspect[name] != (m.State == Suspect)) {
				t.Errorf("the story of %s ends with %+v, and it is %+v", name, r.last[name], m)
			}
		}
	}
}

// Members of ever new names come, fail and are forgotten while nobody reads.
func TestUnreadSubscriptionStaysSmall(t *testing.T) {
	d := testDirectory(Member{Name: "self", State: Alive})
	sub := d.subscribe()
	for i := range 10_000 {
		m := Member{Name: fmt.Sprint(i), State: Alive}
		gone := m
		gone.State = Failed
		d.apply([]core.Event{{Kind: core.Changed, After: m, Reason: Announced}})
		d.apply([]core.Event{{Kind: core.Changed, Before: m, After: gone, Reason: Expired}})
		d.apply([]core.Event{{Kind: core.Changed, Before: gone, Reason: Forgotten}})
		if n := len(sub.pending) + sub.order.Len(); n > 2 {
			t.Fatalf("%d entries wait after %d members came and went", n, i+1)
		}
	}
	if events, ok := d.next(sub); !ok || len(events) != 1 || events[0].Member.Name != "self" {
		t.Errorf("what waits is %+v, want self", events)
	}
}

// A subscriber that knew a member hears that it failed, though it is forgotten
// by the time it asks.
func TestForgottenMemberIsStillReported(t *testing.T) {
	d := testDirectory(Member{Name: "self", State: Alive})
	m := Member{Name: "m", State: Alive}
	d.apply([]core.Event{{Kind: core.Changed, After: m}})
	sub := d.subscribe()
	for range 2 {
		d.next(sub)
	}
	gone := m
	gone.State = Failed
	d.apply([]core.Event{{Kind: core.Changed, Before: m, After: gone, Reason: Expired}})
	d.apply([]core.Event{{Kind: core.Changed, Before: gone, Reason: Forgotten}})
	events, _ := d.next(sub)
	if len(events) != 1 || events[0].Kind != EventFailed || events[0].Reason != Expired {
		t.Errorf("heard %+v, want that it failed", events)
	}
}
