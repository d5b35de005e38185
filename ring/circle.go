package ring

import (
	"cmp"
	"math"
	"math/bits"
)

// circle is the points of all members in order. A key belongs to the member of
// the first point at or after its hash, and behind the last point to the first
// point's. It never changes once it is made.
type circle struct {
	points []uint64
	owners []uint32 // by point, places in Snapshot.members
	owning int      // how many members have points
	// starts cuts the circle in as many equal arcs as there are points, about,
	// and says which points lie in each: two looks at memory find a point, where
	// a binary search among 256,000 takes eighteen.
	starts []uint32
	shift  uint
}

// find returns the first point at or after a hash. There must be one.
func (c *circle) find(hash uint64) int {
	arc := hash >> c.shift
	low, high := c.starts[arc], c.starts[arc+1]
	// One or two steps, unless names were chosen so that their points crowd.
	for low < high {
		if mid := (low + high) / 2; c.points[mid] < hash {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if int(low) == len(c.points) {
		return 0
	}
	return int(low)
}

func (c *circle) following(i int) int {
	if i++; i < len(c.points) {
		return i
	}
	return 0
}

// stop is a point with its owner.
type stop struct {
	point uint64
	owner uint32
}

// redraw returns c without the points of some members and with those in fresh,
// which are sorted. place[i] is what becomes of owner i, or -1; it keeps the order
// of those that stay.
func (c *circle) redraw(place []int, fresh []stop, owning int) circle {
	n := len(fresh)
	for _, owner := range c.owners {
		if place[owner] >= 0 {
			n++
		}
	}
	next := circle{points: make([]uint64, n), owners: make([]uint32, n), owning: owning}
	next.merge(c, place, fresh)
	next.index()
	return next
}

// merge orders points that coincide by the names of their owners: then it does
// not matter who came first, which each node sees for itself.
func (c *circle) merge(old *circle, place []int, fresh []stop) {
	n := 0
	for i, point := range old.points {
		to := place[old.owners[i]]
		if to < 0 {
			continue
		}
		for len(fresh) > 0 && compare(fresh[0], stop{point, uint32(to)}) < 0 {
			c.points[n], c.owners[n] = fresh[0].point, fresh[0].owner
			fresh = fresh[1:]
			n++
		}
		c.points[n], c.owners[n] = point, uint32(to)
		n++
	}
	for i, s := range fresh {
		c.points[n+i], c.owners[n+i] = s.point, s.owner
	}
}

func compare(a, b stop) int {
	if a.point != b.point {
		return cmp.Compare(a.point, b.point)
	}
	return cmp.Compare(a.owner, b.owner)
}

func (c *circle) index() {
	if len(c.points) == 0 {
		return
	}
	arcs := 1 << (bits.Len(uint(len(c.points))) - 1)
	c.shift = uint(64 - bits.TrailingZeros(uint(arcs)))
	c.starts = make([]uint32, arcs+1)
	arc := 0
	for i, point := range c.points {
		for ; arc <= int(point>>c.shift); arc++ {
			c.starts[arc] = uint32(i)
		}
	}
	for ; arc <= arcs; arc++ {
		c.starts[arc] = uint32(len(c.points))
	}
}

// same reports whether c is o, and not only equal to it.
func (c *circle) same(o *circle) bool {
	return len(c.points) == len(o.points) && (len(c.points) == 0 || &c.points[0] == &o.points[0])
}

// nobody owns the arc of an empty circle.
const nobody = math.MaxUint32

// walk visits the arcs of a circle from 0 upwards.
type walk struct {
	*circle
	i int
}

// at goes on to the arc that a hash lies in, and returns where it ends and who
// owns it.
func (w *walk) at(hash uint64) (last uint64, owner uint32) {
	for w.i < len(w.points) && w.points[w.i] < hash {
		w.i++
	}
	switch {
	case len(w.points) == 0:
		return math.MaxUint64, nobody
	case w.i == len(w.points):
		return math.MaxUint64, w.owners[0]
	}
	return w.points[w.i], w.owners[w.i]
}
