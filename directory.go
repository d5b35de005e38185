package swim

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// directory is what the users of a node see of its table: a copy under a mutex,
// so that no user waits for the protocol nor the protocol for a user. Members
// change and subscribers are told under one lock, and so a subscriber that asks
// for members never finds them older than its event, and one that begins to
// subscribe misses nothing and hears nothing twice.
type directory struct {
	mu      sync.Mutex
	self    string
	known   *known
	members map[string]Member
	// sorted is all members by name. It is nil when one came or went since it
	// was last asked for; other changes are made in place, or in a copy if it was
	// lent to somebody who iterates over it.
	sorted []Member
	lent   bool
	counts [wire.Left + 1]int // by state
	subs   map[*subscription]struct{}
}

func newDirectory(self Member, k *known) *directory {
	d := &directory{
		self:    self.Name,
		known:   k,
		members: make(map[string]Member),
		subs:    make(map[*subscription]struct{}),
	}
	d.change(change{after: self, reason: Announced})
	return d
}

// apply takes what an input of the Machine changed.
func (d *directory) apply(events []core.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range events {
		switch e := &events[i]; e.Kind {
		case core.Changed, core.LocalChanged:
			c := change{before: e.Before, after: e.After, reason: e.Reason, by: e.By}
			if e.After.State == 0 {
				d.forget(e.Before.Name)
			} else if e.Kind == core.LocalChanged && e.Reason == Refuted {
				d.renew(c)
			} else {
				d.change(c)
			}
		}
	}
}

// change writes what is believed of a member and tells the subscribers.
func (d *directory) change(c change) {
	d.write(&c)
	for s := range d.subs {
		s.note(c)
	}
}

// renew writes our own refutation. Our user is not told that we live, nor, where the
// answer took a new epoch, that we were restarted; but what we had changed while it was
// owed is announced with it, and that is news.
func (d *directory) renew(c change) {
	d.write(&c)
	for s := range d.subs {
		s.renew(c)
	}
}

// write notes what is believed of a member, and in c what was believed before.
func (d *directory) write(c *change) {
	known := false
	c.before, known = d.members[c.after.Name]
	d.members[c.after.Name] = c.after
	d.known.change(&c.before, &c.after)
	if known {
		d.counts[c.before.State]--
	}
	d.counts[c.after.State]++
	if !known {
		d.sorted = nil
	} else if i, ok := d.find(c.after.Name); ok {
		if d.lent {
			d.sorted, d.lent = slices.Clone(d.sorted), false
		}
		d.sorted[i] = c.after
	}
}

// forget ends the memory of a member that is gone. That is no news to
// subscribers: they heard that it went.
func (d *directory) forget(name string) {
	if m, ok := d.members[name]; ok {
		d.counts[m.State]--
		delete(d.members, name)
		d.known.change(&m, new(Member))
		d.sorted = nil
	}
}

func (d *directory) find(name string) (int, bool) {
	return slices.BinarySearchFunc(d.sorted, name, func(m Member, name string) int {
		return strings.Compare(m.Name, name)
	})
}

func (d *directory) member(name string) (Member, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, ok := d.members[name]
	return m, ok
}

func (d *directory) local() Member {
	m, _ := d.member(d.self)
	return m
}

// list returns a copy of the members in any of the states, by name.
func (d *directory) list(states [wire.Left + 1]bool) []Member {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sort()
	n := 0
	for s, wanted := range states {
		if wanted {
			n += d.counts[s]
		}
	}
	if n == len(d.sorted) {
		return slices.Clone(d.sorted)
	}
	out := make([]Member, 0, n)
	for i := range d.sorted {
		if states[d.sorted[i].State] {
			out = append(out, d.sorted[i])
		}
	}
	return out
}

// lend returns all members by name, to be read only. Nobody changes them.
func (d *directory) lend() []Member {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sort()
	d.lent = true
	return d.sorted
}

func (d *directory) sort() {
	if d.sorted != nil {
		return
	}
	d.lent = false
	d.sorted = slices.AppendSeq(make([]Member, 0, len(d.members)), maps.Values(d.members))
	slices.SortFunc(d.sorted, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
}

// stateCounts counts the members by state.
func (d *directory) stateCounts() [wire.Left + 1]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts
}

// subscribe begins a subscription that knows of nobody yet, and so will be told
// of every current member first.
func (d *directory) subscribe() *subscription {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := newSubscription()
	d.sort()
	for _, m := range d.sorted {
		s.note(change{after: m, reason: Announced})
	}
	d.subs[s] = struct{}{}
	return s
}

func (d *directory) unsubscribe(s *subscription) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.subs, s)
}

// next returns the events of the change of s that waits longest.
func (d *directory) next(s *subscription) ([]Event, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := s.take()
	return diff(&c), ok
}
