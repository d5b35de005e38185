package sim

import "time"

// kind says what is due.
type kind uint8

const (
	tick    kind = iota + 1 // a Machine's deadline
	deliver                 // a packet's or stream's arrival
	drain                   // a process is ready for the next of its inbox
	expire                  // a stream's time
	call                    // something that the experiment planned
)

// item is something due at a time. It has no pointers: a cluster of thousands has
// as many items, which move at each step, and the collector need not see any.
type item struct {
	at   time.Duration
	seq  uint64 // the order in which items were scheduled
	ref  int32  // the number of the node, load, stream or call
	kind kind
}

// queue is a 4-ary heap ordered by (at, seq), which makes the order total.
type queue struct {
	items []item
	seq   uint64
}

func (a *item) before(b *item) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	return a.seq < b.seq
}

func (q *queue) push(at time.Duration, kind kind, ref int32) {
	q.seq++
	it := item{at: at, seq: q.seq, ref: ref, kind: kind}
	q.items = append(q.items, it)
	i := len(q.items) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !it.before(&q.items[parent]) {
			break
		}
		q.items[i] = q.items[parent]
		i = parent
	}
	q.items[i] = it
}

func (q *queue) pop() item {
	top := q.items[0]
	last := len(q.items) - 1
	it := q.items[last]
	q.items = q.items[:last]
	if last == 0 {
		return top
	}
	i := 0
	for {
		least, first := i, 4*i+1
		for child := first; child < min(first+4, last); child++ {
			if least == i && q.items[child].before(&it) || least != i && q.items[child].before(&q.items[least]) {
				least = child
			}
		}
		if least == i {
			q.items[i] = it
			return top
		}
		q.items[i] = q.items[least]
		i = least
	}
}

// slab keeps things by number, for items to name them. Numbers are reused.
type slab[T any] struct {
	things []T
	free   []int32
}

func (s *slab[T]) put(thing T) int32 {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		s.things[i] = thing
		return i
	}
	s.things = append(s.things, thing)
	return int32(len(s.things) - 1)
}

func (s *slab[T]) take(i int32) T {
	var none T
	thing := s.things[i]
	s.things[i] = none
	s.free = append(s.free, i)
	return thing
}
