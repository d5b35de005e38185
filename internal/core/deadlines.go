package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

// suspicions are the running suspicions, by member and by deadline: a binary
// heap, for after a partition half of a large cluster can be suspect at once.
// Equal deadlines are ordered by Ref, so that no run depends on the heap's history.
type suspicions struct {
	heap  []*suspicion
	byRef map[wire.Ref]*suspicion
	spare []*suspicion
}

func (q *suspicions) of(ref wire.Ref) *suspicion { return q.byRef[ref] }

func (q *suspicions) first() *suspicion {
	if len(q.heap) == 0 {
		return nil
	}
	return q.heap[0]
}

func (q *suspicions) deadline() time.Duration {
	if len(q.heap) == 0 {
		return noDeadline
	}
	return q.heap[0].due
}

// add returns the suspicion of a member, a new one where it has none. The
// caller sets its times and then calls fix.
func (q *suspicions) add(ref wire.Ref) *suspicion {
	if s := q.byRef[ref]; s != nil {
		return s
	}
	var s *suspicion
	if n := len(q.spare); n > 0 {
		s, q.spare = q.spare[n-1], q.spare[:n-1]
	} else {
		s = new(suspicion)
	}
	if q.byRef == nil {
		q.byRef = make(map[wire.Ref]*suspicion)
	}
	s.ref, s.heapIndex = ref, len(q.heap)
	q.byRef[ref] = s
	q.heap = append(q.heap, s)
	return s
}

func (q *suspicions) remove(ref wire.Ref) {
	s := q.byRef[ref]
	if s == nil {
		return
	}
	delete(q.byRef, ref)
	last := len(q.heap) - 1
	i := s.heapIndex
	q.swap(i, last)
	q.heap[last] = nil
	q.heap = q.heap[:last]
	if i < last {
		q.fix(q.heap[i])
	}
	clear(s.accusers)
	q.spare = append(q.spare, s)
}

func (q *suspicions) clear() {
	for len(q.heap) > 0 {
		q.remove(q.heap[len(q.heap)-1].ref)
	}
}

// fix restores the order after s became due at another time.
func (q *suspicions) fix(s *suspicion) {
	for s.heapIndex > 0 && q.less(s.heapIndex, (s.heapIndex-1)/2) {
		q.swap(s.heapIndex, (s.heapIndex-1)/2)
	}
	for {
		least := s.heapIndex
		for child := 2*s.heapIndex + 1; child <= 2*s.heapIndex+2 && child < len(q.heap); child++ {
			if q.less(child, least) {
				least = child
			}
		}
		if least == s.heapIndex {
			return
		}
		q.swap(s.heapIndex, least)
	}
}

func (q *suspicions) less(i, j int) bool {
	a, b := q.heap[i], q.heap[j]
	if a.due != b.due {
		return a.due < b.due
	}
	return a.ref < b.ref
}

func (q *suspicions) swap(i, j int) {
	q.heap[i], q.heap[j] = q.heap[j], q.heap[i]
	q.heap[i].heapIndex, q.heap[j].heapIndex = i, j
}
