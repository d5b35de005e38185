package security

import "time"

// Seams of the tests.

// SetClock makes s read another clock.
func (s *KeyedSealer) SetClock(read func() (unix int64, mono time.Duration)) {
	s.received.clock.read = read
}

// SetSessions makes s draw its sessions from random.
func (s *KeyedSealer) SetSessions(random func(session []byte)) { s.random = random }

// Count makes the last packet of s have been number counter of its session.
func (s *KeyedSealer) Count(counter uint64) {
	for lane := range s.sending {
		s.sending[lane].counter = counter
	}
}

// ForgetCounters makes s take any counter of the sessions that it knows for new.
func (s *KeyedSealer) ForgetCounters() {
	for _, known := range s.received.known {
		known.windows = nil
	}
}

// Held returns the keys that sealers see at the moment, and may look at for longer.
func (k *Keyring) Held() []*ringKey { return k.load() }

// Kept is how many packets a session's window spans.
const Kept = windowPackets

// SessionPackets is where a session ends.
const SessionPackets = sessionPackets

// BulkBytes is the longest message that is no bulk.
const BulkBytes = bulkBytes
