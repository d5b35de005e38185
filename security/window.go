package security

// windowPackets is how far a packet may fall behind others of its session. The
// counters are those of all that a node sends, to whomever: at 10,000 packets/s
// it stands for 0.4 s, which is more than networks reorder by and than TCP waits
// before it repeats a lost segment; at the few dozen of a quiet node, for minutes.
const windowPackets = 4096

// windowWords is one more, since the word that the newest counter falls in is
// rarely full.
const windowWords = windowPackets/64 + 1

// window remembers which of the last counters of a session were seen, as RFC
// 6479 does it: bits in a ring of words, of which whole ones are cleared as the
// newest counter moves on, so that nothing is ever shifted.
type window struct {
	newest uint64
	seen   [windowWords]uint64
}

// add returns false if the counter was seen, or is too old to tell. No sender
// uses counter 0.
func (w *window) add(counter uint64) bool {
	if counter == 0 || counter <= w.newest && w.newest-counter >= windowPackets {
		return false
	}
	word, newest := counter/64, w.newest/64
	for i := range min(max(word, newest)-newest, windowWords) {
		w.seen[(newest+1+i)%windowWords] = 0
	}
	w.newest = max(w.newest, counter)
	bit := uint64(1) << (counter % 64)
	at := &w.seen[word%windowWords]
	if *at&bit != 0 {
		return false
	}
	*at |= bit
	return true
}
