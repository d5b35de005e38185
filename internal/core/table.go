package core

import (
	"iter"
	"time"

	"github.com/swim-go/swim/wire"
)

// row is a belief about one member. There can be 10^8 of them in one simulation,
// so what is rarely needed stands elsewhere: the suspicion of a suspect in
// Machine.suspicions, the member's name, address and metadata in a shared Identity.
type row struct {
	who         *Identity // nil in a free row
	changed     time.Duration
	incarnation uint32
	roundTrip   uint32 // µs, 0 if unknown
	deviation   uint32
	state       wire.State
}

// table holds the rows by Ref. Row wire.Self is the local member, which counts
// as live until it leaves. Only Machine.adopt and Machine.forget change it.
type table struct {
	rows   []row
	free   []wire.Ref
	names  index
	live   int
	dead   int
	digest uint64 // of the live, but for ourselves
}

// find returns the row of a member, our own for our name.
func (t *table) find(name string) (wire.Ref, bool) {
	if name == t.rows[wire.Self].who.Name {
		return wire.Self, true
	}
	return t.names.find(name, t.rows)
}

// known reports whether ref stands for a member, whatever its state.
func (t *table) known(ref wire.Ref) bool {
	return ref >= 0 && int(ref) < len(t.rows) && t.rows[ref].who != nil
}

// peer reports whether ref stands for a live member other than ourselves.
func (t *table) peer(ref wire.Ref) bool {
	return ref != wire.Self && t.known(ref) && t.rows[ref].state.Live()
}

// peers counts the live members other than ourselves.
func (t *table) peers() int {
	if t.rows[wire.Self].state.Live() {
		return t.live - 1
	}
	return t.live
}

func (t *table) member(ref wire.Ref) wire.Member {
	r := &t.rows[ref]
	return wire.Member{
		Name: r.who.Name, Addr: r.who.Addr, Meta: r.who.Meta, Token: r.who.Token, Epoch: r.who.Epoch,
		Incarnation: r.incarnation, State: r.state,
	}
}

func (t *table) name(ref wire.Ref) string { return t.rows[ref].who.Name }
func (t *table) addr(ref wire.Ref) string { return t.rows[ref].who.Addr }

// is reports whether ref still stands for the life of the member it stood for
// when the caller noted its identity. Refs are reused, and members restart.
func (t *table) is(ref wire.Ref, name string, epoch uint64) bool {
	if !t.known(ref) {
		return false
	}
	who := t.rows[ref].who
	return who.Epoch == epoch && who.Name == name
}

// add makes room for a member that is not in the table, in no state yet.
func (t *table) add(who *Identity) wire.Ref {
	var ref wire.Ref
	if n := len(t.free); n > 0 {
		ref = t.free[n-1]
		t.free = t.free[:n-1]
	} else {
		ref = wire.Ref(len(t.rows))
		t.rows = append(t.rows, row{})
	}
	t.rows[ref].who = who
	if ref != wire.Self {
		t.names.add(ref, t.rows)
	}
	return ref
}

func (t *table) remove(ref wire.Ref) {
	t.names.remove(ref, t.rows)
	t.count(t.rows[ref].state, -1)
	t.rows[ref] = row{}
	t.free = append(t.free, ref)
}

func (t *table) count(s wire.State, by int) {
	switch {
	case s.Live():
		t.live += by
	case s.Valid():
		t.dead += by
	}
}

// size counts all members, the dead included.
func (t *table) size() int { return t.live + t.dead }

// oldestDead returns the member that has been gone the longest.
func (t *table) oldestDead() (wire.Ref, bool) {
	oldest, found := wire.Self, false
	if t.dead == 0 {
		return oldest, false
	}
	for i := range t.rows {
		ref := wire.Ref(i)
		if ref == wire.Self || !t.known(ref) || t.rows[i].state.Live() {
			continue
		}
		if !found || t.rows[i].changed < t.rows[oldest].changed {
			oldest, found = ref, true
		}
	}
	return oldest, found
}

// refs yields every member but ourselves, in the order of the table.
func (t *table) refs() iter.Seq[wire.Ref] {
	return func(yield func(wire.Ref) bool) {
		for i := 1; i < len(t.rows); i++ {
			if t.rows[i].who != nil && !yield(wire.Ref(i)) {
				return
			}
		}
	}
}
