package ring

import (
	"cmp"
	"maps"
	"slices"

	"github.com/swim-go/swim"
)

// revision is a Snapshot in the making.
type revision struct {
	options *Options
	old     *Snapshot
	next    *Snapshot
	total   int   // points
	members int   // on the ring, those of old that have not had their turn included
	place   []int // what becomes of each old member whose points stay, else -1
	drawn   []int // members of next whose points are to be drawn
	changed bool  // some member is not what it was
	shed    int
}

// with returns s with some members changed by name, those that are not live
// taken out, and how many there was no room for. It returns nil if nothing
// changes. The result depends on s and changes alone, so nodes that know the
// same members have the same ring, whatever happened in which order.
func (s *Snapshot) with(changes map[string]swim.Member, o *Options) (*Snapshot, int) {
	r := revision{options: o, old: s, next: &Snapshot{superseded: make(chan struct{})}, total: len(s.points), members: len(s.members)}
	r.place = make([]int, len(s.members))
	names := slices.Sorted(maps.Keys(changes))
	for i := range s.members {
		for len(names) > 0 && names[0] < s.members[i].Name {
			r.join(changes[names[0]])
			names = names[1:]
		}
		if len(names) > 0 && names[0] == s.members[i].Name {
			r.change(i, changes[names[0]])
			names = names[1:]
			continue
		}
		r.keep(i, s.members[i])
	}
	for _, name := range names {
		r.join(changes[name])
	}
	if !r.changed {
		return nil, r.shed
	}
	r.finish()
	return r.next, r.shed
}

// gone reports whether a member has no place on the ring. Suspects have theirs,
// and so have members of no state, which a user made.
func gone(m swim.Member) bool {
	return m.State == swim.Failed || m.State == swim.Left || m.Name == ""
}

func (r *revision) weight(m swim.Member) int {
	if r.options.Weight == nil {
		return 1
	}
	return max(0, min(r.options.Weight(m), MaxWeight))
}

func (r *revision) points(weight int) int {
	return weight * cmp.Or(r.options.Points, defaultPoints)
}

// keep leaves the points of an old member as they are.
func (r *revision) keep(i int, m swim.Member) {
	r.place[i] = len(r.next.members)
	r.append(m, r.old.weights[i])
}

func (r *revision) append(m swim.Member, weight int) {
	r.next.members, r.next.weights = append(r.next.members, m), append(r.next.weights, weight)
}

func (r *revision) change(i int, m swim.Member) {
	if m == r.old.members[i] {
		r.keep(i, m)
		return
	}
	r.changed = true
	if !gone(m) && r.weight(m) == r.old.weights[i] {
		r.keep(i, m)
		return
	}
	r.place[i] = -1
	r.total -= r.points(r.old.weights[i])
	r.members--
	r.join(m)
}

// join takes a member in whose points are to be drawn, if there is room.
func (r *revision) join(m swim.Member) {
	if gone(m) {
		return
	}
	weight := r.weight(m)
	points := r.points(weight)
	if r.members >= MaxMembers || points > MaxPoints-r.total {
		r.shed++
		return
	}
	r.changed = true
	r.total += points
	r.members++
	if points > 0 {
		r.drawn = append(r.drawn, len(r.next.members))
	}
	r.append(m, weight)
}

// finish draws the circle, unless it is the old one with the same places.
func (r *revision) finish() {
	owning := 0
	for _, weight := range r.next.weights {
		if weight > 0 {
			owning++
		}
	}
	if r.inPlace() {
		r.next.circle = r.old.circle
		return
	}
	var fresh []stop
	for _, i := range r.drawn {
		hash := Hash(r.next.members[i].Name)
		fresh = slices.Grow(fresh, r.points(r.next.weights[i]))
		for p := range r.points(r.next.weights[i]) {
			fresh = append(fresh, stop{point(hash, p), uint32(i)})
		}
	}
	slices.SortFunc(fresh, compare)
	r.next.circle = r.old.redraw(r.place, fresh, owning)
}

// inPlace reports whether no point comes, goes, or changes its owner's place.
func (r *revision) inPlace() bool {
	for i, to := range r.place {
		if to != i {
			return false
		}
	}
	return len(r.drawn) == 0
}
