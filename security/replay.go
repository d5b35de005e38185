package security

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The defaults of [ReplayLimits].
const (
	DefaultMaxSkew     = 2 * time.Minute
	DefaultMaxSessions = 1 << 14
)

// ReplayLimits bounds what replay protection costs and tolerates. A zero field
// means its default.
type ReplayLimits struct {
	// MaxSkew is how far the time of a packet may be from ours, either way, for
	// us to believe in a session that we do not know. So it is how much two
	// nodes' clocks may differ when they meet, and how long a recorded packet can
	// still be brought to a node that does not know its sender. At least a second
	// and at most a day, in whole seconds. Default 2 minutes.
	MaxSkew time.Duration
	// MaxSessions is how many sessions are remembered, at about 750 bytes each, or 1.5
	// KB with AES-GCM, and some 550 more for each further key. A peer has one for
	// each start of its process, and one more if it sends much over streams. Where
	// there is no more room, one is forgotten of which nothing was heard for longer
	// than MaxSkew, so that its time gives away what is replayed of it; if there is
	// none, new ones are refused with [ErrSessions]. At least 4 and at most 2^20.
	// Default 16384.
	MaxSessions int
}

// check returns the limits with the defaults in place.
func (l ReplayLimits) check() (ReplayLimits, error) {
	l.MaxSkew = cmp.Or(l.MaxSkew, DefaultMaxSkew)
	l.MaxSessions = cmp.Or(l.MaxSessions, DefaultMaxSessions)
	var problems []error
	if l.MaxSkew < time.Second || l.MaxSkew > 24*time.Hour || l.MaxSkew%time.Second != 0 {
		problems = append(problems, fmt.Errorf(
			"swim: ReplayLimits.MaxSkew is %v: give whole seconds from 1s to 24h, or 0 for %v", l.MaxSkew, DefaultMaxSkew))
	}
	if l.MaxSessions < 4 || l.MaxSessions > 1<<20 {
		problems = append(problems, fmt.Errorf(
			"swim: ReplayLimits.MaxSessions is %d: give 4 to %d, or 0 for %d", l.MaxSessions, 1<<20, DefaultMaxSessions))
	}
	return l, errors.Join(problems...)
}

// arrival is a packet that opened, and what there is to know of it.
type arrival struct {
	id      sessionID
	counter uint64
	time    uint32
	key     *ringKey
	box     box
}

// accept returns nil for a packet that was not accepted before, once.
func (t *sessions) accept(a *arrival) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.now(t.limits.MaxSkew)
	s := t.known[a.id]
	if s == nil {
		var err error
		if s, err = t.admit(a, now); err != nil {
			return err
		}
	}
	stamp := near(s.newest, a.time)
	if stamp <= s.floor {
		return ErrSkew
	}
	if t.behind(s, a) || !t.window(s, a.key.id, now).add(a.counter) {
		return ErrReplay
	}
	s.newest, s.heard = max(s.newest, stamp), now.mono
	s.key, s.box = a.key, a.box
	if !slices.Contains(t.ours[:], a.id) && t.inRange(stamp, now) {
		t.clock.vouched = true
	}
	return nil
}

// admit enters a session that is not known, by the time of a packet of it. That
// may be one that was forgotten. Then all that was ever accepted of it is from
// before the floor, and stays refused.
func (t *sessions) admit(a *arrival, now reading) (*session, error) {
	stamp := near(now.unix, a.time)
	if !t.inRange(stamp, now) || stamp <= t.floor {
		return nil, ErrSkew
	}
	// Of one that began long before we did, what was recorded long ago stays out:
	// a correct sender's packets are not minutes apart on their way.
	s := &session{id: a.id, newest: stamp, floor: max(t.floor, stamp-seconds(t.limits.MaxSkew)-1)}
	if !t.enter(s, now) {
		return nil, ErrSessions
	}
	return s, nil
}

// inRange reports whether two nodes with these times can meet.
func (t *sessions) inRange(stamp int64, now reading) bool {
	skew := seconds(t.limits.MaxSkew)
	return now.unix-skew <= stamp && stamp <= now.unix+skew
}

// near returns the time that a stamp of 32 bits stands for, if it is within 68
// years of another.
func near(unix int64, stamp uint32) int64 { return unix + int64(int32(stamp-uint32(unix))) }

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
