package security

import (
	"math"
	"slices"
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

	windows []keyWindow
	newest  int64         // the latest time in its packets
	heard   time.Duration // when the last one came, by our monotonic clock
	floor   int64         // packets up to that time may be replays
}

// keyWindow is which counters were seen of packets that were sealed with one key. Each
// key has its own: whoever had one may have used up the counters of others' sessions
// with it, and they have to be heard again when it is retired.
type keyWindow struct {
	id KeyID
	window
}

// window returns that of a key in a session. There are no more than a keyring holds:
// what was sealed with a key that is out of it opens no more, so its window can go. If
// that key comes back, what is older than MaxSkew stays out all the same.
func (t *sessions) window(s *session, id KeyID, now reading) *window {
	for i := range s.windows {
		if s.windows[i].id == id {
			return &s.windows[i].window
		}
	}
	if len(s.windows) >= MaxKeys {
		s.windows = slices.DeleteFunc(s.windows, func(w keyWindow) bool { return t.retired(w.id) })
		s.floor = max(s.floor, min(s.newest, now.unix)-seconds(t.limits.MaxSkew))
	}
	s.windows = append(s.windows, keyWindow{id: id})
	return &s.windows[len(s.windows)-1].window
}

// behind reports whether the sender is too far on under another key that is in use: what
// never came is not to be kept back until the keyring is cleaned up. Once that key is
// retired it does not count, whoever used it.
func (t *sessions) behind(s *session, a *arrival) bool {
	for i := range s.windows {
		w := &s.windows[i]
		if w.id != a.key.id && w.newest >= windowPackets && a.counter <= w.newest-windowPackets && !t.retired(w.id) {
			return true
		}
	}
	return false
}

// opens reports whether anything of the session may still open.
func (t *sessions) opens(s *session) bool {
	for i := range s.windows {
		if !t.retired(s.windows[i].id) {
			return true
		}
	}
	return false
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
	retired   func(KeyID) bool // whether a key is not in the keyring
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
// be in range still. One whose packets claim to be from the future and whose keys are
// all retired was made up by who had them, and nothing of it opens any more.
func (t *sessions) forget(now reading) bool {
	skew := t.limits.MaxSkew
	for range min(forgetTries, len(t.order)) {
		t.hand = (t.hand + 1) % len(t.order)
		s := t.order[t.hand]
		age := now.unix - s.newest
		switch {
		case now.mono-s.heard <= skew:
			continue
		case age > seconds(skew):
			t.floor = max(t.floor, s.newest)
		case age >= -seconds(skew) || t.opens(s):
			continue
		}
		t.forgotten++
		delete(t.known, s.id)
		last := len(t.order) - 1
		t.order[t.hand], t.order[last] = t.order[last], nil
		t.order = t.order[:last]
		return true
	}
	return false
}
