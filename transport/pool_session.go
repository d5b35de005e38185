package transport

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"
)

const (
	// sessionQueueBytes bounds what waits to be written to one peer. It holds
	// the largest packet.
	sessionQueueBytes = 128 << 10
	// sessionKeepBytes is how large a buffer a session keeps when nothing waits.
	sessionKeepBytes = 16 << 10
	// sessionSocketBytes is asked for the system's own queue to one peer: what
	// waits there is late, and of no use when it arrives.
	sessionSocketBytes = 256 << 10
)

// session is one connection for packets, from before it is open to its end. A
// goroutine owns it, the one that dialed or accepted, and reads; another one
// writes what is pushed. Anybody may end it.
type session struct {
	t      *TCP
	addr   netip.AddrPort // of the peer
	from   string         // the same
	dialed bool

	ctx  context.Context // ends with the session; its cause says why
	end  context.CancelCauseFunc
	wake chan struct{} // has room for one; something was pushed

	dropped bool // guarded by pool.mu: the pool does not know it any more

	mu      sync.Mutex
	carrier *carrier // nil until open
	writing bool     // there is a goroutine that writes
	pending []byte   // frames to be written
	queued  int      // how many packets are pending, or being written
	spare   []byte   // what was written last: its room serves again

	// Since the transport was born.
	used  time.Duration // the last packet, either way
	heard time.Duration // the last sign of life
	asked time.Duration // when one was asked for that has not come; 0 for none
}

func (t *TCP) newSession(addr netip.AddrPort, dialed bool) *session {
	s := &session{t: t, addr: addr, from: addr.String(), dialed: dialed, wake: make(chan struct{}, 1), used: t.now()}
	s.ctx, s.end = context.WithCancelCause(t.closing)
	if dialed {
		opening := preamble(forPackets)
		s.pending = append(s.pending, opening[:]...)
	}
	return s
}

// open dials and serves the session to its end.
func (s *session) open() {
	ctx, cancel := context.WithTimeout(s.ctx, s.t.config.Timeout)
	c, err := s.t.dial(ctx, s.addr)
	cancel()
	if err != nil {
		s.finish(err, false)
		return
	}
	s.serve(c)
}

// serve reads until the session ends.
func (s *session) serve(c *carrier) {
	defer context.AfterFunc(s.ctx, func() { _ = c.raw.Close() })()
	_ = c.raw.SetWriteBuffer(sessionSocketBytes)
	if !c.until.IsZero() {
		defer time.AfterFunc(s.t.secure.lifetime(c.until), func() { s.end(errAged) }).Stop()
	}
	s.begin(c)
	reached, err := s.read(c)
	_ = c.raw.Close()
	s.finish(err, reached)
}

// begin lets the session be written to. A sign of life is due at once, as if it
// had been asked for: the first frame of who dialed, the preamble of who accepted.
func (s *session) begin(c *carrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.carrier = c
	s.asked = s.t.now()
	if s.dialed {
		s.writing = true
		go s.write(c)
	}
}

// finish is the last that its owner does with a session. It may have been ended
// for another reason before.
func (s *session) finish(err error, reached bool) {
	s.end(err)
	err = context.Cause(s.ctx)
	if s.dialed && !reached {
		err = fmt.Errorf("%w to %s: %w", errUnopened, s.from, err)
	}
	// A peer that stopped reading is as good as one that cannot be reached.
	reached = reached && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, errSilent)
	s.t.pool.remove(s, reached, s.t.now())
	s.mu.Lock()
	s.t.counters.lost.Add(uint64(s.queued))
	s.queued, s.pending, s.spare = 0, nil, nil
	s.mu.Unlock()
	s.t.ended(s.from, err)
}

// idleSince returns when the last packet went either way, and whether none waits,
// nor the peer's first sign of life: who is dialed in vain must be seen to be.
func (s *session) idleSince() (used time.Duration, idle bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used, s.queued == 0 && (s.heard != 0 || !s.dialed)
}

// push queues a packet to be written, or drops it.
func (s *session) push(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
		s.t.counters.lost.Add(1)
		return
	case len(s.pending)+frameHeadBytes+len(p) > sessionQueueBytes:
		s.t.counters.queueFull.Add(1)
		return
	}
	s.used = s.t.now()
	s.pending = appendFrame(s.pending, p)
	s.queued++
	s.askForLife()
	s.rouse()
}

// pushHead queues a frame that is no packet, if there is room.
func (s *session) pushHead(head uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending)+frameHeadBytes <= sessionQueueBytes && s.ctx.Err() == nil {
		s.pending = appendHead(s.pending, head)
		s.rouse()
	}
}

// rouse makes sure that what is pending will be written. Many peers that call
// are never answered on their connection, so there the writer comes with the
// first answer. Its caller holds s.mu.
func (s *session) rouse() {
	if !s.writing && s.carrier != nil {
		s.writing = true
		go s.write(s.carrier)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write writes what is pushed, as much at a time as has come together.
func (s *session) write(c *carrier) {
	for {
		batch, packets := s.take()
		if len(batch) == 0 {
			select {
			case <-s.wake:
				continue
			case <-s.ctx.Done():
				return
			}
		}
		_ = c.raw.SetWriteDeadline(time.Now().Add(s.t.config.Timeout))
		if _, err := c.Write(batch); err != nil {
			s.end(fmt.Errorf("swim: writing to %s: %w", s.from, err))
			return
		}
		s.give(batch, packets)
	}
}

// take takes all that is pending.
func (s *session) take() (batch []byte, packets int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		s.pending, s.spare = keep(s.pending), keep(s.spare)
		return nil, 0
	}
	batch, packets = s.pending, s.queued
	s.pending, s.spare = s.spare[:0], nil
	return batch, packets
}

// give gives back what has been written.
func (s *session) give(batch []byte, packets int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spare = batch[:0]
	s.queued -= packets
	s.used = s.t.now()
}

// keep lets go of a buffer that one burst made large.
func keep(b []byte) []byte {
	if cap(b) > sessionKeepBytes {
		return nil
	}
	return b
}
