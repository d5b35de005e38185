package core

import "github.com/swim-go/swim/wire"

// index finds a member's row by its name: an open hash table of Refs with linear
// probing. It keeps no names, the rows have them, so it takes about ten bytes a
// member, where a map of strings takes forty.
//
// The hash starts from a secret of the node's, or a forger could choose names
// that all fall on one place.
type index struct {
	slots  []wire.Ref // 0 is empty: nobody looks for wire.Self here
	used   int
	secret uint64
}

// minSlots is the size of an index that is not empty. Sizes are powers of two.
const minSlots = 16

func (x *index) home(name string) int { return int(hash(name, x.secret)) & (len(x.slots) - 1) }

func (x *index) find(name string, rows []row) (wire.Ref, bool) {
	if len(x.slots) == 0 {
		return 0, false
	}
	for i := x.home(name); x.slots[i] != 0; i = (i + 1) & (len(x.slots) - 1) {
		if ref := x.slots[i]; rows[ref].who.Name == name {
			return ref, true
		}
	}
	return 0, false
}

// add enters a row that is not in the index and has a name already.
func (x *index) add(ref wire.Ref, rows []row) {
	if x.used*3 >= len(x.slots)*2 {
		x.grow(rows)
	}
	x.used++
	x.place(ref, rows)
}

func (x *index) place(ref wire.Ref, rows []row) {
	i := x.home(rows[ref].who.Name)
	for x.slots[i] != 0 {
		i = (i + 1) & (len(x.slots) - 1)
	}
	x.slots[i] = ref
}

func (x *index) grow(rows []row) {
	old := x.slots
	x.slots = make([]wire.Ref, max(2*len(old), minSlots))
	for _, ref := range old {
		if ref != 0 {
			x.place(ref, rows)
		}
	}
}

// remove takes a row out that is in the index and still has its name. What
// stands behind the gap moves up, or it would not be found any more.
func (x *index) remove(ref wire.Ref, rows []row) {
	mask := len(x.slots) - 1
	gap := x.home(rows[ref].who.Name)
	for x.slots[gap] != ref {
		gap = (gap + 1) & mask
	}
	x.used--
	for i := (gap + 1) & mask; x.slots[i] != 0; i = (i + 1) & mask {
		home := x.home(rows[x.slots[i]].who.Name)
		if (i-home)&mask >= (i-gap)&mask {
			x.slots[gap] = x.slots[i]
			gap = i
		}
	}
	x.slots[gap] = 0
}

// hash is FNV-1a from a start of our choice, stirred at the end so that the low
// bits depend on all of it. It is the same on all machines: digests rest on it.
func hash(s string, start uint64) uint64 {
	h := 14695981039346656037 ^ start
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return stir(h)
}

// stir is the finalizer of splitmix64.
func stir(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
