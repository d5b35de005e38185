package security

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
)

// What a [KeyedSealer] puts around a message, in network byte order: before it
// the prefix of key id, session, counter and time, and after it the tag.
const (
	sessionAt   = len(KeyID{})
	counterAt   = sessionAt + 12
	timeAt      = counterAt + 8
	prefixBytes = timeAt + 4
	tagBytes    = 16

	// SealBytes is by how much a [KeyedSealer] lengthens a message.
	SealBytes = prefixBytes + tagBytes
)

// KeyedSealer seals with the keys of a [Keyring] and opens each packet once:
// [NewXChaCha20Poly1305], [NewAESGCM] and [NewHMAC] make one. All nodes of a
// cluster use the same of the three. It belongs to one Node, and all its methods
// may be called at any time, by anybody.
//
// Each sealer value seals under a session of its own, a random number, in which
// a counter numbers its packets. Receivers keep, per session, which of the last
// few thousand counters they have seen. They hear of a session by the first
// packet of it, which has to be recent (see [ReplayLimits]); for a session that
// they know, no clock matters.
//
// What it cannot know is whom a packet was for, and whether it was held up. One
// that never reached its receiver, or that is led to another one, opens there:
// while it is recent, where its session is not known, and else until its sender
// is a few thousand packets further. A packet that is led back to its sender
// opens there too, once, as do those that a node sends to itself to learn whether
// its own input works; the protocol takes no news about the cluster from them.
type KeyedSealer struct {
	ring      *Keyring
	algorithm algorithm
	received  sessions
	refused   refusals

	mu      sync.Mutex
	sending [lanes]sending // guarded by mu
	random  func(session []byte)
}

// NewXChaCha20Poly1305 returns a sealer that hides and authenticates. It is the
// one to take where nothing speaks for another.
func NewXChaCha20Poly1305(ring *Keyring) *KeyedSealer { return newSealer(ring, xchacha20Poly1305) }

// NewAESGCM returns a sealer that hides and authenticates by AES-256-GCM, under a
// key of its own for each session: for where AES is prescribed. It is the fastest
// on processors with instructions for AES, once a session is known.
func NewAESGCM(ring *Keyring) *KeyedSealer { return newSealer(ring, aes256GCM) }

// NewHMAC returns a sealer that authenticates by HMAC-SHA256 and hides nothing:
// for networks where packets have to be read on their way.
func NewHMAC(ring *Keyring) *KeyedSealer { return newSealer(ring, hmacSHA256) }

func newSealer(ring *Keyring, a algorithm) *KeyedSealer {
	if ring == nil {
		ring = new(Keyring)
	}
	s := &KeyedSealer{ring: ring, algorithm: a, random: func(b []byte) { rand.Read(b) }}
	s.received.init(systemTime)
	s.received.retired = func(id KeyID) bool { return ring.find(id) == nil }
	return s
}

// Overhead is by how many bytes Seal lengthens a message: [SealBytes].
func (s *KeyedSealer) Overhead() int { return SealBytes }

// Seal appends the sealed form of plain to dst. It fails only without a key, with
// [ErrNoKey], and then returns dst as it was.
func (s *KeyedSealer) Seal(dst, plain, header []byte) ([]byte, error) {
	begin := len(dst)
	dst = slices.Grow(dst, SealBytes+len(plain))
	dst, box, err := s.number(dst, len(plain))
	if err != nil {
		return dst, err
	}
	return box.seal(dst, dst[begin:], plain, header), nil
}

// Open appends to dst what was sealed. The error wraps [ErrOpen], and nothing is
// revealed. What opened once does not open again.
func (s *KeyedSealer) Open(dst, sealed, header []byte) ([]byte, error) {
	plain, err := s.open(dst, sealed, header)
	if err != nil {
		s.refused.count(err)
	}
	return plain, err
}

func (s *KeyedSealer) open(dst, sealed, header []byte) ([]byte, error) {
	if len(sealed) < SealBytes {
		return nil, ErrForged
	}
	key := s.ring.find(KeyID(sealed))
	if key == nil {
		return nil, ErrKey
	}
	prefix := sealed[:prefixBytes]
	arrival := arrival{
		id:      sessionID(prefix[sessionAt:]),
		counter: binary.BigEndian.Uint64(prefix[counterAt:]),
		time:    binary.BigEndian.Uint32(prefix[timeAt:]),
		key:     key,
	}
	if arrival.box = s.received.box(arrival.id, key); arrival.box == nil {
		// Anybody can make up a session, so its box is kept only once the
		// packet turns out to be of somebody with the key.
		arrival.box = key.boxes[s.algorithm](prefix[sessionAt:counterAt])
	}
	plain, ok := arrival.box.open(dst, prefix, sealed[prefixBytes:], header)
	if !ok {
		return nil, ErrForged
	}
	if err := s.received.accept(&arrival); err != nil {
		clear(plain[len(dst):])
		return nil, err
	}
	return plain, nil
}

// LimitReplay sets other limits. It may be called while the sealer is in use; a
// table that is larger than its new limit shrinks as sessions come to be forgotten,
// and admits none before. The error names each field that is out of its range, and
// nothing has changed then.
func (s *KeyedSealer) LimitReplay(l ReplayLimits) error {
	l, err := l.check()
	if err != nil {
		return err
	}
	s.received.limit(l)
	return nil
}

// SealerStats says what a sealer holds and what it refused.
type SealerStats struct {
	// Sessions that are known, and how many were forgotten to make room.
	Sessions  int
	Forgotten uint64
	// Refused by reason: see the errors of these names.
	Key, Forged, Replay, Skew, Full uint64
}

// Stats returns the numbers as they are now.
func (s *KeyedSealer) Stats() SealerStats {
	stats := SealerStats{
		Key: s.refused.key.Load(), Forged: s.refused.forged.Load(), Replay: s.refused.replay.Load(),
		Skew: s.refused.skew.Load(), Full: s.refused.full.Load(),
	}
	stats.Sessions, stats.Forgotten = s.received.size()
	return stats
}

type refusals struct{ key, forged, replay, skew, full atomic.Uint64 }

func (r *refusals) count(err error) {
	switch err {
	case ErrKey:
		r.key.Add(1)
	case ErrReplay:
		r.replay.Add(1)
	case ErrSkew:
		r.skew.Add(1)
	case ErrSessions:
		r.full.Add(1)
	default:
		r.forged.Add(1)
	}
}
