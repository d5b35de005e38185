package disseminator

import "github.com/swim-go/swim/wire"

const (
	// maxCount is the last list: claims sent more often than that are not told
	// apart any more, or a Limit of a billion would take as many lists. SWIM's
	// λ·log n stays far below.
	maxCount = 255
	// keptEntries is how large an empty queue may stay. In a quiet cluster the
	// claims come and go below it, and memory is never given back and forth.
	keptEntries = 64
)

// slot is the place of an entry. Links are places and not pointers, half the
// size and nothing to follow for the garbage collector. Place 0 is never used,
// so that the zero value of a list is empty.
type slot int32

const none slot = 0

type entry struct {
	claim wire.Update
	// hidden is the number of the Fill that must leave this claim out.
	hidden uint64
	// prev and next are its neighbours in the list of its count; next links
	// the free entries too.
	prev, next slot
	// sibling is another claim about the same member.
	sibling slot
	// sent is how many times it was sent.
	sent int32
}

// list holds the claims sent equally often, those to be sent first in front.
type list struct{ front, back slot }

// queue keeps claims in one slab, in a list per count and a chain per member.
// Every step is a few stores, no step allocates unless the slab grows.
type queue struct {
	entries []entry
	free    slot
	lists   []list // by count
	members map[string]slot
	len     int
}

// push takes a claim about a member whose claims, if there are any, are equal
// to it but for the accuser.
func (q *queue) push(u wire.Update) {
	if q.members == nil {
		q.members = make(map[string]slot)
		q.entries = append(q.entries, entry{}) // none
	}
	i := q.free
	if i == none {
		i = slot(len(q.entries))
		q.entries = append(q.entries, entry{})
	} else {
		q.free = q.entries[i].next
	}
	q.entries[i] = entry{claim: u}
	q.len++
	q.link(i, none)
	// Behind the first, so that the map changes for a new member only.
	if first, ok := q.members[u.Name]; ok {
		q.entries[i].sibling = q.entries[first].sibling
		q.entries[first].sibling = i
		return
	}
	q.members[u.Name] = i
}

// replace puts u in the place of the claim at first and drops its siblings.
func (q *queue) replace(first slot, u wire.Update) {
	for i := q.entries[first].sibling; i != none; {
		next := q.entries[i].sibling
		q.unlink(i)
		q.release(i)
		i = next
	}
	q.unlink(first)
	q.entries[first] = entry{claim: u}
	q.link(first, none)
}

// drop removes the claim at i.
func (q *queue) drop(i slot) {
	e := &q.entries[i]
	first := q.members[e.claim.Name]
	switch {
	case first != i:
		for q.entries[first].sibling != i {
			first = q.entries[first].sibling
		}
		q.entries[first].sibling = e.sibling
	case e.sibling != none:
		q.members[e.claim.Name] = e.sibling
	default:
		delete(q.members, e.claim.Name)
	}
	q.unlink(i)
	q.release(i)
}

// release makes the entry free, and lets go of its strings.
func (q *queue) release(i slot) {
	q.entries[i] = entry{next: q.free}
	q.free = i
	q.len--
}

// worst is the claim to shed: the last of the list of the highest count.
func (q *queue) worst() slot {
	for k := len(q.lists) - 1; k > 0; k-- {
		if i := q.lists[k].back; i != none {
			return i
		}
	}
	return q.lists[0].back
}

// trim gives the memory of a burst back once it is over.
func (q *queue) trim() {
	if q.len == 0 && cap(q.entries) > keptEntries {
		*q = queue{}
	}
}

// list is the list that the claim at i belongs to.
func (q *queue) list(i slot) *list {
	k := min(int(q.entries[i].sent), maxCount)
	for k >= len(q.lists) {
		q.lists = append(q.lists, list{})
	}
	return &q.lists[k]
}

// link puts i into its list behind after, or in front if after is none.
func (q *queue) link(i, after slot) {
	l, e := q.list(i), &q.entries[i]
	e.prev, e.next = after, l.front
	if after != none {
		e.next = q.entries[after].next
		q.entries[after].next = i
	} else {
		l.front = i
	}
	if e.next != none {
		q.entries[e.next].prev = i
	} else {
		l.back = i
	}
}

// unlink takes i out of its list.
func (q *queue) unlink(i slot) {
	l, e := q.list(i), &q.entries[i]
	if e.prev != none {
		q.entries[e.prev].next = e.next
	} else {
		l.front = e.next
	}
	if e.next != none {
		q.entries[e.next].prev = e.prev
	} else {
		l.back = e.prev
	}
}
