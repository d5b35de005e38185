package security

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"sync/atomic"
	"time"
)

// Rate is how much may pass: so many a second, and so many at once after a
// quiet time. A PerSecond of 0 is the default of where it stands, a negative one
// no limit, and one above a billion a billion. A Burst below 1 is one second's
// worth.
type Rate struct {
	PerSecond int
	Burst     int
}

// Limits are those of one [Limiter]. The zero value has the defaults.
type Limits struct {
	// Source is what may pass of each source. Default: 1,000 a second.
	Source Rate
	// Total is what may pass of all sources together. Default: 20,000 a second.
	Total Rate
	// Cells is how many cells a source may fall on in each of the four rows that
	// it is counted in, rounded up to a power of two, at most 65,536. The limiter
	// takes 32 bytes of memory for each. Default: 1,024.
	Cells int
}

const (
	defaultSourcePerSecond = 1_000
	defaultTotalPerSecond  = 20_000
	defaultCells           = 1 << 10
	maxCells               = 1 << cellBits

	// rows is in how many places each source is counted, and cellBits how much
	// of one hash of 64 bits chooses the place in each.
	rows     = 4
	cellBits = 64 / rows
)

// Limiter says for each arrival whether to look at it: so many a second of each
// source, and so many in all. It takes a fixed amount of memory whatever
// arrives, allocates nothing, and costs some tens of nanoseconds, so that it can
// stand before everything else. Any number of goroutines may use it at once.
//
// The rule is the generic cell rate algorithm of ITU-T I.371: a cell holds the
// time at which the next arrival would be due if they came evenly, and admits
// one that is not more than a burst ahead of that. What is refused costs its
// source nothing: a source that asks for too much gets its rate, no less.
//
// Whoever can send chooses his address, so a table with an entry for each
// source would be his to fill, and one that evicts, his to empty. Here each
// source has a cell in each of four rows, chosen by a secret hash, and
// is held to the one of the four that is charged least. Sources may share a cell.
// So a source never gets more than its rate, and gets less only if each of its
// four cells is kept full by others. With c cells to a row and k sources that
// flood, that happens to another with probability (1 - (1-1/c)^k)^4:
//
//	c        k = 1      10         100        1,000
//	1,024    9e-13      9e-09      7e-05      1.5e-01
//	65,536   5e-20      5e-16      5e-12      5e-08
//
// Where two rows would do for one node, among a thousand nodes with a thousand
// peers each one flood would cut off some peer of some node.
//
// Against a flood of forged sources there is the total, which then refuses
// everybody alike. So one Limiter should not judge those whom a node knows
// together with those whom it does not: give each group one of its own.
//
// The zero Limiter, and a nil one, limit nothing: make one with [NewLimiter].
type Limiter struct {
	source, total pace
	seed          maphash.Seed
	mask          uint64
	cells         []cell // row by row; nil if sources are not limited
	all           cell

	shedSource, shedTotal atomic.Uint64
}

// Shed counts what a [Limiter] refused.
type Shed struct {
	// Source had more than its rate; Total came when all together had.
	Source, Total uint64
}

// NewLimiter returns a Limiter to which no source has sent anything yet.
func NewLimiter(l Limits) *Limiter {
	n := min(max(cmp.Or(l.Cells, defaultCells), 1), maxCells)
	n = 1 << bits.Len(uint(n-1))
	r := &Limiter{
		source: l.Source.pace(defaultSourcePerSecond),
		total:  l.Total.pace(defaultTotalPerSecond),
		seed:   maphash.MakeSeed(),
		mask:   uint64(n - 1),
	}
	if !r.source.unlimited() {
		r.cells = make([]cell, rows*n)
	}
	return r
}

// Allow reports whether what came from a source at now may pass, and if so
// charges it. A source is any string; each different one is limited on its own.
//
// now is the time on the caller's clock, and not negative. The clock may be read
// by many goroutines, and so step back a little between calls.
func (l *Limiter) Allow(now time.Duration, source string) bool {
	if l == nil {
		return true
	}
	var key uint64
	if l.cells != nil {
		key = maphash.String(l.seed, source)
	}
	return l.allow(int64(now), key)
}

// AllowHost is Allow for the host of a source in host:port notation. An IPv4
// address is one host, and so is a whole IPv6 /64, which is what one machine is
// commonly given to choose its addresses from. A host that is no IP address is
// taken by its name.
func (l *Limiter) AllowHost(now time.Duration, source string) bool {
	if l == nil {
		return true
	}
	var key uint64
	if l.cells != nil {
		key = hashHost(l.seed, source)
	}
	return l.allow(int64(now), key)
}

// Shed returns what was refused so far.
func (l *Limiter) Shed() Shed {
	if l == nil {
		return Shed{}
	}
	return Shed{Source: l.shedSource.Load(), Total: l.shedTotal.Load()}
}

// allow asks the total first and charges it last: under a flood of forged
// sources one load answers, and neither a source nor the total is charged for
// what the other refuses. The two charges are not one step, so an arrival may be
// charged to its source and then find that others used up the total meanwhile.
func (l *Limiter) allow(now int64, key uint64) bool {
	if !l.total.due(now, l.all.Load()) {
		l.shedTotal.Add(1)
		return false
	}
	if l.cells != nil && !l.charge(now, key) {
		l.shedSource.Add(1)
		return false
	}
	if !l.chargeTotal(now) {
		l.shedTotal.Add(1)
		return false
	}
	return true
}
