package security

import (
	"cmp"
	"math"
	"sync/atomic"
	"time"
)

// pace is a [Rate] as the generic cell rate algorithm wants it, in nanoseconds.
// The zero pace is no limit.
type pace struct {
	// interval is the time from one arrival to the next at the rate.
	interval int64
	// slack is by how much an arrival may come before it is due.
	slack int64
}

// maxSlack keeps the sum of a time and a pace within an int64 for the next
// century, however large the burst.
const maxSlack = math.MaxInt64 / 4

// pace is that of r, with so many a second unless it says otherwise.
func (r Rate) pace(perSecond int) pace {
	if r.PerSecond < 0 {
		return pace{}
	}
	rate := min(int64(cmp.Or(r.PerSecond, perSecond)), int64(time.Second))
	burst := int64(r.Burst)
	if burst < 1 {
		burst = rate
	}
	// Rounded up, so that never more passes than the rate says.
	p := pace{interval: (int64(time.Second) + rate - 1) / rate, slack: maxSlack}
	if burst-1 < maxSlack/p.interval {
		p.slack = (burst - 1) * p.interval
	}
	return p
}

func (p pace) unlimited() bool { return p.interval == 0 }

// due reports whether an arrival passes now where the next is due at a time.
func (p pace) due(now, at int64) bool { return at-now <= p.slack }

// next is when the one after it is due.
func (p pace) next(now, at int64) int64 { return max(now, at) + p.interval }

// cell holds the time at which the next arrival is due, its theoretical arrival
// time. It never goes back.
type cell struct{ atomic.Int64 }

// raise sets the cell to at, unless it is there or later already.
func (c *cell) raise(at int64) {
	for was := c.Load(); was < at; was = c.Load() {
		if c.CompareAndSwap(was, at) {
			return
		}
	}
}

// cellsOf are the cells of the source with that hash, one in each row.
func (l *Limiter) cellsOf(key uint64) (mine [rows]*cell) {
	row := l.cells
	for i := range mine {
		mine[i] = &row[key>>(cellBits*i)&l.mask]
		row = row[l.mask+1:]
	}
	return mine
}

// charge takes an arrival from the source with that hash, if it is due.
//
// What is held against a source is the least of its cells. Were all of them
// charged in full, as in a plain count-min sketch, those who share a cell would
// add up in it; so each is raised only to what its source is at afterwards
// (conservative update), and a flood leaves no more than its own mark on a cell.
//
// Two goroutines may charge one source at once, and must not both take the same
// due time. The least cell decides which of them does, and for that it must be
// raised after the others: raised first, it would leave another cell as the
// least, for the second goroutine to take the same time from. In this order,
// whoever finds the least cell unchanged moves the least of all cells by exactly
// one arrival, in one step. Whoever does not tries again. If it was another
// source that moved the cell, this one may be charged twice; nobody is ever
// charged too little.
func (l *Limiter) charge(now int64, key uint64) bool {
	mine := l.cellsOf(key)
	for {
		least, at := 0, mine[0].Load()
		for i := 1; i < rows; i++ {
			if t := mine[i].Load(); t < at {
				least, at = i, t
			}
		}
		if !l.source.due(now, at) {
			return false
		}
		next := l.source.next(now, at)
		for i, c := range mine {
			if i != least {
				c.raise(next)
			}
		}
		if mine[least].CompareAndSwap(at, next) {
			return true
		}
	}
}

func (l *Limiter) chargeTotal(now int64) bool {
	if l.total.unlimited() {
		return true
	}
	for {
		at := l.all.Load()
		if !l.total.due(now, at) {
			return false
		}
		if l.all.CompareAndSwap(at, l.total.next(now, at)) {
			return true
		}
	}
}
