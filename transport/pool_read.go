package transport

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

var (
	// errIdle: nothing was sent either way for long.
	errIdle = errors.New("swim: idle connection")
	// errSilent: the peer gives no sign of life.
	errSilent = errors.New("swim: the peer is silent")
)

// read reads packets until the session ends. reached reports whether the peer
// turned out to be one of ours.
func (s *session) read(c *carrier) (reached bool, err error) {
	in := newFrames(c)
	if s.dialed {
		_ = c.raw.SetReadDeadline(time.Now().Add(s.t.config.Timeout))
		kind, err := readPreamble(in.r)
		if err == nil && kind != packetsAccepted {
			err = fmt.Errorf("%w: it begins with a question", errPreamble)
		}
		if err != nil {
			return false, err
		}
		s.t.counters.opened.Add(1)
		s.t.pool.reached(s.addr)
		s.hear(false)
	}
	for {
		if err := s.readFrame(in, c); err != nil {
			return true, err
		}
	}
}

// readFrame reads one frame, and hands its packet to whoever reads packets.
func (s *session) readFrame(in frames, c *carrier) error {
	if !in.whole() {
		if err := s.await(in, c); err != nil {
			return err
		}
		if !in.whole() {
			// It has begun, and must not be drawn out.
			_ = c.raw.SetReadDeadline(time.Now().Add(s.t.config.Timeout))
		}
	}
	size, err := in.head()
	switch {
	case err != nil:
		return err
	case size == echoAsk || size == echoAnswer:
		s.hear(false)
		if size == echoAsk {
			s.pushHead(echoAnswer)
		}
		return nil
	}
	a, ok := s.t.room.Get().(*arrived)
	if !ok {
		a = new(arrived)
	}
	if a.data, err = in.body(a.data, int(size)); err != nil {
		return err
	}
	s.hear(true)
	a.from, a.identity = s.from, c.identity
	select {
	case s.t.packets <- a:
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}

// await waits for the next frame to begin, for as long as the session may be
// idle or silent.
//
// When this process was stopped for a while, the deadline has passed, and what
// came meanwhile is in the socket: the answers that prove others innocent among
// it. So before the end it looks once more.
func (s *session) await(in frames, c *carrier) error {
	last := false
	for {
		s.mu.Lock()
		s.arm(c, last)
		s.mu.Unlock()
		err := in.await()
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		s.mu.Lock()
		err = s.overdue()
		s.mu.Unlock()
		if err != nil && last {
			return err
		}
		last = err != nil
	}
}

// lastLook is how long it takes at most to find what is there.
const lastLook = 50 * time.Millisecond

// arm sets the deadline for the next frame to begin. Its caller holds s.mu.
func (s *session) arm(c *carrier, last bool) {
	due := s.nextLook()
	if last {
		due = s.t.now() + lastLook
	}
	_ = c.raw.SetReadDeadline(s.t.born.Add(due))
}

// nextLook is when the session may be overdue. Its caller holds s.mu.
func (s *session) nextLook() time.Duration {
	due := s.used + s.patience()
	if s.queued > 0 { // it is not idle, however long ago it was used, and the writer has its own time
		due = max(due, s.t.now()+s.t.config.Timeout)
	}
	if s.asked != 0 {
		due = min(due, s.asked+s.t.config.Timeout)
	}
	return due
}

// overdue returns why the session should end. Its caller holds s.mu.
func (s *session) overdue() error {
	now := s.t.now()
	switch {
	case s.asked != 0 && now >= s.asked+s.t.config.Timeout:
		return errSilent
	case s.queued == 0 && now >= s.used+s.patience():
		return errIdle
	}
	return nil
}

// patience is how long the session may be idle.
func (s *session) patience() time.Duration {
	if s.dialed {
		return s.t.config.IdleTimeout
	}
	return 2 * s.t.config.IdleTimeout
}

// hear notes a sign of life.
func (s *session) hear(packet bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = s.t.now()
	s.asked = 0
	if packet {
		s.used = s.heard
	}
}

// askForLife asks the peer for a sign of life where there has been none for a
// while, along with a packet. A machine that lost its power says no farewell: the
// system would go on sending to it for a quarter of an hour, and what is sent
// meanwhile is lost, also when the machine is long back. Its caller holds s.mu.
func (s *session) askForLife() {
	if s.carrier == nil || s.asked != 0 || s.used-s.heard < s.t.config.Timeout/2 {
		return
	}
	s.pending = appendHead(s.pending, echoAsk)
	s.asked = s.used
	s.arm(s.carrier, false)
}
