package swim

import (
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pipeEnd is one end of a pipe that seems to come from somewhere.
type pipeEnd struct {
	net.Conn
	from   string
	closed atomic.Bool
}

func (p *pipeEnd) RemoteAddr() net.Addr { return named(p.from) }

func (p *pipeEnd) Close() error {
	p.closed.Store(true)
	return p.Conn.Close()
}

type named string

func (named) Network() string  { return "pipe" }
func (n named) String() string { return string(n) }

func newPipe(t *testing.T, from string) (end *pipeEnd, peer net.Conn) {
	t.Helper()
	ours, peer := net.Pipe()
	t.Cleanup(func() { _, _ = ours.Close(), peer.Close() })
	return &pipeEnd{Conn: ours, from: from}, peer
}

// The host that holds the most gives way, with its slowest.
func TestSlowestOfTheGreediestGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var evicted atomic.Uint64
		table := newSlots(5, &evicted)
		take := func(from string) (*slot, net.Conn) {
			end, peer := newPipe(t, from)
			s := table.take(end, nil)
			time.Sleep(slotGrace)
			return s, peer
		}
		alone, _ := take("10.0.0.1:1") // the slowest of all
		quick, peer := take("10.0.0.2:1")
		slow, _ := take("10.0.0.2:2")
		last, _ := take("10.0.0.2:3")
		waiting, _ := take("10.0.0.2:4")
		waiting.turn(true) // it is not its fault
		go func() { _, _ = peer.Write(make([]byte, minStreamRate)) }()
		if _, err := quick.Read(make([]byte, minStreamRate)); err != nil {
			t.Fatal(err)
		}
		for i, want := range []*slot{slow, last} {
			if s, _ := take("10.0.0.3:1"); s == nil {
				t.Fatal("no slot")
			}
			if !want.gaveWay() || !want.Conn.(*pipeEnd).closed.Load() || int(evicted.Load()) != i+1 {
				t.Errorf("%d gave way, and %s: %v", evicted.Load(), want.RemoteAddr(), want.gaveWay())
			}
			want.release() // as whoever serves it does
			if got := table.taken(); got != 5 {
				t.Errorf("%d slots taken, want 5", got)
			}
		}
		// Two hosts hold two each now.
		if s, _ := take("10.0.0.4:1"); s == nil || alone.gaveWay() || waiting.gaveWay() || evicted.Load() != 3 {
			t.Errorf("%d gave way, the lonely one: %v, the one that waits for us: %v", evicted.Load(), alone.gaveWay(), waiting.gaveWay())
		}
	})
}

// A slot is kept for a while, whoever wants it, and a newcomer waits for that.
func TestSlotsAreKeptForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := newSlots(1, new(atomic.Uint64))
		first, _ := newPipe(t, "a")
		table.take(first, nil)
		start := time.Now()
		second, _ := newPipe(t, "b")
		s := table.take(second, nil)
		if took := time.Since(start); s == nil || took != slotGrace || !first.closed.Load() {
			t.Fatalf("a slot after %v, the first closed: %v", took, first.closed.Load())
		}
		s.turn(true)
		start = time.Now()
		third, _ := newPipe(t, "c")
		if got := table.take(third, nil); got != nil || time.Since(start) != slotWait {
			t.Errorf("%v after %v, want none after %v", got, time.Since(start), slotWait)
		}
		start = time.Now()
		go func() {
			time.Sleep(slotWait / 2)
			s.release()
		}()
		if got := table.take(third, nil); got == nil || time.Since(start) != slotWait/2 {
			t.Errorf("%v after %v", got, time.Since(start))
		}
		closing := make(chan struct{})
		close(closing)
		fourth, _ := newPipe(t, "d")
		start = time.Now()
		if got := table.take(fourth, closing); got != nil || time.Since(start) != 0 {
			t.Errorf("closing: %v after %v", got, time.Since(start))
		}
	})
}

// Who reads slowly has his time, and who stops reading no more than that.
func TestWritesHaveToMakeHeadway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			rate  int // bytes a second
			whole bool
		}{{2 * minStreamRate, true}, {minStreamRate / 8, false}, {0, false}} {
			end, peer := newPipe(t, "a")
			s := newSlots(1, new(atomic.Uint64)).take(end, nil)
			stop := make(chan struct{})
			go func() {
				buf := make([]byte, 1024)
				for test.rate > 0 {
					select {
					case <-time.After(time.Second * time.Duration(len(buf)) / time.Duration(test.rate)):
					case <-stop:
						return
					}
					if _, err := peer.Read(buf); err != nil {
						return
					}
				}
			}()
			start := time.Now()
			n, err := s.Write(make([]byte, 20*minStreamRate))
			if whole := err == nil && n == 20*minStreamRate; whole != test.whole {
				t.Errorf("at %d bytes a second: %d bytes written in %v, %v", test.rate, n, time.Since(start), err)
			}
			if took := time.Since(start); !test.whole && took > 2*streamPatience {
				t.Errorf("at %d bytes a second: given up after %v", test.rate, took)
			}
			close(stop)
			s.release()
			_ = peer.Close()
		}
	})
}
