package security

import (
	"math"
	"sync"
	"time"
)

// forgetTries is how many sessions are looked at to find one that may be
// forgotten, so that a packet costs no more in a full table than in others.
const forgetTries = 256

// sessionID tells sessions apart, whatever the key: a sender that changes its key
// counts on, so that a rotation neither doubles the table nor asks what time it is.
type sessionID [counterAt - sessionAt]byte

// session is what is remembered of a peer's.
type session struct {
	id  sessionID
	key *ringKey // of its last packet
	box box      // for that key

	window window
	newest int64         // the latest time in its packets
	heard  time.Duration // when the last one came, by our monotonic clock
	floor  int64         // packets up to that time may be replays
}

// sessions is the table of the sessions that this node has heard of. It forgets
// only when it is full: in a large cluster, two nodes that live on for days may
// not talk for an hour, and a session that is still known needs no clock.
type sessions struct {
	mu     sync.Mutex
	clock  clock
	limits ReplayLimits
	known  map[sessionID]*session
	order  []*session // the same; hand goes round them
	hand   int
	ours   [lanes]sessionID
	// floor is the latest time in any packet of a session that was forgotten.
	// Without it a clock that is set back would bring those times into range again.
	floor     int64
	forgotten uint64
}

func (t *sessions) init(read func() (int64, time.Duration)) {
	t.clock.read = read
	t.limits, _ = ReplayLimits{}.check()
	t.known = make(map[sessionID]*session)
	t.floor = math.MinInt64
}

// box returns what the last packet of a session was opened with, if it was sealed
// with that key, and else nil.
func (t *sessions) box(id sessionID, key *ringKey) box {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.known[id]; s != nil && s.key == key {
		return s.box
	}
	return nil
}

func (t *sessions) now() reading {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clock.now(t.limits.MaxSkew)
}

// own notes a session of ours, which speaks for nobody else's clock.
func (t *sessions) own(lane int, id sessionID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ours[lane] = id
}

func (t *sessions) limit(l ReplayLimits) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.limits = l
}

func (t *sessions) size() (known int, forgotten uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.known), t.forgotten
}

// enter puts s into the table. It returns false if there is no room.
func (t *sessions) enter(s *session, now reading) bool {
	for len(t.order) >= t.limits.MaxSessions { // more than once if the limit was lowered
		if !t.forget(now) {
			return false
		}
	}
	t.order = append(t.order, s)
	t.known[s.id] = s
	return true
}

// forget makes room, if there is a session that may be forgotten: nothing of it
// came for MaxSkew, and all that ever came is so old that it would be refused.
// Either clock alone is not enough. The time in packets would, after our clock
// was set forward, give up peers that talk to us this second; the time since they
// came would give up one whose clock is ahead of ours, and whose packets would
// be in range still.
func (t *sessions) forget(now reading) bool {
	skew := t.limits.MaxSkew
	for range min(forgetTries, len(t.order)) {
		t.hand = (t.hand + 1) % len(t.order)
		s := t.order[t.hand]
		if now.mono-s.heard <= skew || now.unix-s.newest <= seconds(skew) {
			continue
		}
		t.floor = max(t.floor, s.newest)
		t.forgotten++
		delete(t.known, s.id)
		last := len(t.order) - 1
		t.order[t.hand], t.order[last] = t.order[last], nil
		t.order = t.order[:last]
		return true
	}
	return false
}
