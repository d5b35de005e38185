package security

import "encoding/binary"

const (
	// sessionPackets is how many packets a session has at most: years of them.
	// By then AES-GCM has sealed 2^46 blocks under a key, far below what begins to
	// tell it from a random function, and the counter is far from its end.
	sessionPackets = 1 << 40

	// bulkBytes is the length above which a message counts as bulk and goes in a
	// session of its own. It is a stream's frame, then, that may be seconds on its
	// way: numbered among the packets, it would arrive at a window that thousands
	// of them have moved on.
	bulkBytes = 2 << 10

	// lanes are the sessions that a sealer has at a time: packets, and bulk.
	lanes = 2
)

// sending is a session of ours. Its times never go back while its counter goes
// forward. Were packets 6 to 10 stamped earlier than 5 was, who held 5 back could
// wait until receivers forget the session by the times of 6 to 10, have it
// admitted anew by 5, and replay the others. The time is part of the nonces, since
// a virtual machine that goes back to a snapshot repeats its counters.
type sending struct {
	id      sessionID
	counter uint64
	turn    uint // of the clock, when the session began

	key *ringKey
	box box // for key
}

// number appends the prefix of the next packet of ours, which carries so
// many bytes, to dst, and returns the box to seal it with.
func (s *KeyedSealer) number(dst []byte, plainBytes int) ([]byte, box, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.ring.primary()
	if key == nil {
		return dst, nil, ErrNoKey
	}
	lane := 0
	if plainBytes > bulkBytes {
		lane = 1
	}
	out, now := &s.sending[lane], s.received.now()
	if out.key == nil || out.turn != now.turn || out.counter >= sessionPackets {
		*out = sending{turn: now.turn}
		s.random(out.id[:])
		s.received.own(lane, out.id)
	}
	if out.key != key {
		out.key, out.box = key, key.boxes[s.algorithm](out.id[:])
	}
	out.counter++
	dst = append(dst, key.id[:]...)
	dst = append(dst, out.id[:]...)
	dst = binary.BigEndian.AppendUint64(dst, out.counter)
	dst = binary.BigEndian.AppendUint32(dst, uint32(now.unix))
	return dst, out.box, nil
}
