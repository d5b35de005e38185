package core

import "github.com/swim-go/swim/wire"

// castQueue holds the broadcasts that are to be sent: by priority, then by how often
// they were, the fewest first, then by age.
type castQueue struct {
	levels [MaxPriority + 1][]castList // by how often they were sent
	len    int
	fills  uint64
}

// castList has those that wait longest in front.
type castList struct{ front, back *cast }

const (
	// castLookAhead is how many that do not fit a packet are passed over in search of
	// smaller ones.
	castLookAhead = 8
	// castTurn is every how many packets the lowest priority goes first: its share when
	// there is more of the higher ones than can be sent.
	castTurn = 8
)

// push adds a broadcast that was not sent yet.
func (q *castQueue) push(c *cast) {
	c.queued = true
	c.lane.bytes += c.bytes()
	q.len++
	q.link(c)
}

// remove takes a broadcast out.
func (q *castQueue) remove(c *cast) {
	q.unlink(c)
	c.queued = false
	c.lane.bytes -= c.bytes()
	q.len--
}

// count notes that a broadcast was sent. It is done with at the limit.
func (q *castQueue) count(c *cast, limit int) {
	if c.sent+1 >= limit {
		q.remove(c)
		return
	}
	q.unlink(c)
	c.sent++
	q.link(c)
}

func (q *castQueue) list(c *cast) *castList {
	lists := &q.levels[c.lane.Priority]
	for c.sent >= len(*lists) {
		*lists = append(*lists, castList{})
	}
	return &(*lists)[c.sent]
}

func (q *castQueue) link(c *cast) {
	l := q.list(c)
	if c.prev, c.next = l.back, nil; l.back != nil {
		l.back.next = c
	} else {
		l.front = c
	}
	l.back = c
}

func (q *castQueue) unlink(c *cast) {
	l := q.list(c)
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		l.front = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		l.back = c.prev
	}
	c.prev, c.next = nil, nil
}

// worst is the one to shed of a lane: the oldest of those that were sent most often.
// One that was not sent at all is shed last.
func (q *castQueue) worst(of *lane) *cast {
	lists := q.levels[of.Priority]
	for k := len(lists) - 1; k >= 0; k-- {
		for c := lists[k].front; c != nil; c = c.next {
			if c.lane == of {
				return c
			}
		}
	}
	return nil
}

// filling is a packet, or several of one round to one member.
type filling struct {
	to    wire.Ref
	name  string // its
	serve uint64 // number, by which none is sent to it twice
	limit int    // of times that each is sent
	skip  int    // those that it need not be told
}

// fill appends to dst what fits, and counts each as sent.
func (q *castQueue) fill(dst []wire.Broadcast, room int, f *filling) []wire.Broadcast {
	q.fills++
	misses := 0
	for i := range q.levels {
		level := MaxPriority - i
		if q.fills%castTurn == 0 {
			level = i
		}
		for k := 0; k < len(q.levels[level]); k++ {
			// Those that were counted a moment ago stand at the end of this list.
			for c, next := q.levels[level][k].front, (*cast)(nil); c != nil && c.served != f.serve; c = next {
				next = c.next
				switch {
				case len(dst) >= wire.MaxBroadcasts || misses >= castLookAhead:
					return dst
				case c.via == f.to && c.via != wire.Self || c.origin.name == f.name:
					f.skip++
				case c.size > room:
					misses++
					continue
				default:
					dst = append(dst, *c.told())
					room -= c.size
				}
				c.served = f.serve
				q.count(c, f.limit)
			}
		}
	}
	return dst
}
