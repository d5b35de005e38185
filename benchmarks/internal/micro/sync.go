package micro

import (
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// syncs measures what it costs two members to make their tables agree.
func syncs(b *bench) error {
	b.Title("two members compare their tables")
	b.Note("Two nodes whose packets and streams go straight to each other: bytes are all that passes between them, both ways, without the headers of")
	b.Note("IP, UDP and TCP. CPU, allocations and garbage are of both together, time is from the first byte to the last (swim), and until the one who asked has taken all in (memberlist). swim compares digests, as it")
	b.Note("does at each sync interval; memberlist exchanges both tables, by Join, which is what its push/pull does at each interval too. Both")
	b.Note("with their defaults, streams compressed (zstd; LZW). Changed: one side has newer metadata of ten members, heard by gossip just before.")
	for _, members := range b.pick([]int{1000}, []int{1000, 10000}) {
		for _, changed := range []int{0, 10} {
			setting := fmt.Sprintf("n=%d, nothing changed", members)
			if changed > 0 {
				setting = fmt.Sprintf("n=%d, %d rows changed", members, changed)
			}
			if err := b.compareSyncs(setting, members, changed); err != nil {
				return err
			}
		}
	}
	return nil
}

// pair is two nodes of one library, of which the first knows of some members, and the
// second all that it does.
type pair interface {
	// change tells the first node that some members have changed.
	change(round, rows int) error
	// sync lets them exchange what they know, and returns how long that took.
	sync() (time.Duration, error)
	wire() *crossing
	end() error
}

// crossing counts what passes between two nodes.
type crossing struct {
	bytes       atomic.Int64
	first, last atomic.Int64 // when, in ns
	closed      atomic.Int64 // how many streams the one who was called has closed
}

func (c *crossing) passes(sizeBytes int) {
	now := time.Now().UnixNano()
	c.first.CompareAndSwap(0, now)
	c.last.Store(now)
	c.bytes.Add(int64(sizeBytes))
}

// link is a stream whose bytes count.
func (c *crossing) link() (x, y net.Conn) {
	a, b := net.Pipe()
	return countedConn{Conn: a, crossing: c}, countedConn{Conn: b, crossing: c, called: true}
}

type countedConn struct {
	net.Conn
	crossing *crossing
	called   bool // whose end it is
}

func (c countedConn) Close() error {
	if c.called {
		c.crossing.closed.Add(1)
	}
	return c.Conn.Close()
}

func (c countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.crossing.passes(n)
	return n, err
}

// syncRounds is how many exchanges one trial has.
func (b *bench) syncRounds() int {
	if b.quick {
		return 5
	}
	return 15
}

func (b *bench) compareSyncs(setting string, members, changed int) error {
	subjects := []struct {
		library string
		begin   func(members int) (pair, error)
	}{{swimName, newSwimPair}, {memberlistName, newMemberlistPair}}
	costs, sizes := make([][]cost, len(subjects)), make([][]float64, len(subjects))
	for range b.repeats {
		for i, s := range subjects {
			if err := b.ctx.Err(); err != nil {
				return err
			}
			c, size, err := b.syncTrial(s.begin, members, changed)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.library, setting, err)
			}
			costs[i], sizes[i] = append(costs[i], c), append(sizes[i], size)
		}
	}
	for i, s := range subjects {
		b.spread("sync", s.library+", "+setting, "bytes", "B", sizes[i])
		b.costs("sync", s.library+", "+setting, costs[i])
	}
	b.Flush()
	return nil
}

// syncTrial is some exchanges between two new nodes.
func (b *bench) syncTrial(begin func(int) (pair, error), members, changed int) (c cost, size float64, err error) {
	p, err := begin(members)
	if err != nil {
		return c, 0, err
	}
	defer func() {
		if ended := p.end(); err == nil {
			err = ended
		}
	}()
	rounds, took := b.syncRounds(), make([]float64, 0, b.syncRounds())
	p.wire().bytes.Store(0)
	c, err = costOf(rounds, func() error {
		for i := range rounds {
			if changed > 0 {
				if err := p.change(i, changed); err != nil {
					return err
				}
			}
			d, err := p.sync()
			if err != nil {
				return err
			}
			took = append(took, float64(d))
		}
		return nil
	})
	c.wall = report.Quantile(took, 0.5)
	return c, float64(p.wire().bytes.Load()) / float64(rounds), err
}
