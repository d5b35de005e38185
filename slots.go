package swim

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Whoever can reach the port can open streams and say nothing on them, any number
// of them, for as long as they are let. So a stream has to make headway: it has
// streamPatience to begin with, and more for what it moves at minStreamRate or
// above. And while all slots are taken, the one that is nearest to the end of its
// time, of the host that holds the most, gives way to a newcomer. So no number of
// silent streams keeps an honest one out, which has said what it wants long before
// it is the slowest of all.
const (
	// streamPatience is how long a peer's stream may take to begin to say what it
	// wants, or to take the answer.
	streamPatience = 2 * time.Second
	// minStreamRate is how many bytes a second it has to move thereafter.
	minStreamRate = 16 << 10
	// slotGrace is how long a stream has its slot at least. What comes faster
	// waits, and where that is too much, waits to be accepted.
	slotGrace = 100 * time.Millisecond
	// slotWait is how long a newcomer waits for a slot. A stream takes
	// milliseconds: where a whole cluster joins at once through one seed, all have
	// their turn, and none is refused.
	slotWait = time.Second
	// writtenAtOnceBytes is how much is written before the time is looked at.
	writtenAtOnceBytes = 32 << 10
)

// slots are the places for streams of peers.
type slots struct {
	most    int
	freed   chan struct{} // tells the one who waits for a slot
	evicted *atomic.Uint64

	mu   sync.Mutex
	open map[*slot]struct{}
	held map[string]int // by host
}

// slot is a stream of a peer's that has a place. One goroutine uses it.
type slot struct {
	net.Conn
	all  *slots
	host string

	// Guarded by all.mu.
	began time.Time // when the peer's turn did
	moved int64     // bytes since then
	ours  bool      // it is not the peer's turn, and so nobody's fault but ours
	gone  bool      // it gave way
}

func newSlots(most int, evicted *atomic.Uint64) *slots {
	return &slots{
		most: most, evicted: evicted, freed: make(chan struct{}, 1),
		open: make(map[*slot]struct{}), held: make(map[string]int),
	}
}

func (t *slots) taken() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.open)
}

// take returns a slot for a stream, or nil if there is none to be had.
func (t *slots) take(conn net.Conn, closing <-chan struct{}) *slot {
	s := &slot{Conn: conn, all: t, host: hostOf(conn.RemoteAddr().String())}
	if t.enter(s) == 0 {
		return s
	}
	giveUp := time.NewTimer(slotWait)
	defer giveUp.Stop()
	for {
		wait := t.enter(s)
		if wait == 0 {
			return s
		}
		grown := time.NewTimer(wait)
		select {
		case <-t.freed:
		case <-grown.C:
		case <-giveUp.C:
			grown.Stop()
			return nil
		case <-closing:
			grown.Stop()
			return nil
		}
		grown.Stop()
	}
}

// enter gives s a slot, another's if need be, or returns when to try again.
func (t *slots) enter(s *slot) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if len(t.open) >= t.most {
		v := t.slowest()
		if v == nil {
			return slotWait
		}
		if age := now.Sub(v.began); age < slotGrace {
			return slotGrace - age
		}
		v.gone = true
		t.remove(v)
		_ = v.Close() // which ends whoever serves it
		t.evicted.Add(1)
	}
	s.began = now
	t.open[s] = struct{}{}
	t.held[s.host]++
	return 0
}

// slowest is the stream to give way first, and nil if all wait for us.
func (t *slots) slowest() (v *slot) {
	for s := range t.open {
		switch {
		case s.ours:
		case v == nil, t.held[s.host] > t.held[v.host],
			t.held[s.host] == t.held[v.host] && s.due().Before(v.due()):
			v = s
		}
	}
	return v
}

func (t *slots) remove(s *slot) {
	if _, ok := t.open[s]; !ok {
		return
	}
	delete(t.open, s)
	if t.held[s.host]--; t.held[s.host] == 0 {
		delete(t.held, s.host)
	}
}

// release ends the use of a slot.
func (s *slot) release() {
	s.all.mu.Lock()
	s.all.remove(s)
	s.all.mu.Unlock()
	select {
	case s.all.freed <- struct{}{}:
	default:
	}
}

// turn says whose turn it is: ours to answer, or the peer's.
func (s *slot) turn(ours bool) {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	s.began, s.moved, s.ours = time.Now(), 0, ours
}

// due is when the time of a peer ends that moves nothing more.
func (s *slot) due() time.Time {
	return s.began.Add(streamPatience + time.Duration(s.moved)*time.Second/minStreamRate)
}

// move notes that the peer sent or took n bytes, and returns how long it has for
// more.
func (s *slot) move(n int) time.Time {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	s.moved += int64(n)
	return s.due()
}

// gaveWay reports whether the slot was taken away.
func (s *slot) gaveWay() bool {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	return s.gone
}

// Read is that of the stream, within the peer's time.
func (s *slot) Read(p []byte) (int, error) {
	if err := s.SetReadDeadline(s.move(0)); err != nil {
		return 0, err
	}
	n, err := s.Conn.Read(p)
	s.move(n)
	return n, err
}

// Write is that of the stream, within the peer's time.
func (s *slot) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		if err = s.SetWriteDeadline(s.move(0)); err != nil {
			break
		}
		var n int
		n, err = s.Conn.Write(p[written:min(written+writtenAtOnceBytes, len(p))])
		written += n
		s.move(n)
	}
	return written, err
}
