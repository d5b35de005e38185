package sim

import "time"

// kind says what is due.
type kind uint8

const (
	tick    kind = iota + 1 // a Machine's deadline
	deliver                 // a packet's arrival
	call                    // something that the experiment planned
)

// item is something due at a time.
type item struct {
	at   time.Duration
	seq  uint64 // the order in which items were scheduled
	node *Node  // tick
	load *load  // deliver
	fn   func() // call
	kind kind
}

// queue is a 4-ary heap ordered by (at, seq), which makes the order total.
type queue struct {
	items []item
	seq   uint64
}

func (q *queue) less(i, j int) bool {
	a, b := &q.items[i], &q.items[j]
	if a.at != b.at {
		return a.at < b.at
	}
	return a.seq < b.seq
}

func (q *queue) push(it item) {
	q.seq++
	it.seq = q.seq
	q.items = append(q.items, it)
	i := len(q.items) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !q.less(i, parent) {
			break
		}
		q.items[i], q.items[parent] = q.items[parent], q.items[i]
		i = parent
	}
}

func (q *queue) pop() item {
	top := q.items[0]
	last := len(q.items) - 1
	q.items[0] = q.items[last]
	q.items[last] = item{}
	q.items = q.items[:last]
	i := 0
	for {
		least := i
		for child := 4*i + 1; child <= 4*i+4 && child < last; child++ {
			if q.less(child, least) {
				least = child
			}
		}
		if least == i {
			return top
		}
		q.items[i], q.items[least] = q.items[least], q.items[i]
		i = least
	}
}
