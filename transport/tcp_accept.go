package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

const (
	// maxArriving bounds the connections of peers that have not said yet what
	// they are for, TLS handshakes among them.
	maxArriving = 1024
	// maxWaiting bounds the streams of peers that wait to be accepted.
	maxWaiting = 256

	// maxAcceptPause bounds the pause after the system could not accept a
	// connection, for want of file descriptors say.
	maxAcceptPause = time.Second
)

// errBusy: a peer's connection is above a limit.
var errBusy = errors.New("swim: too many connections")

// AcceptStream waits for the next stream that a peer opened. The stream has no
// deadline. Its peer is not known to be a member, nor to say anything more. The
// only error wraps [net.ErrClosed].
//
// A stream that is not accepted within TCPConfig.Timeout is closed.
func (t *TCP) AcceptStream() (net.Conn, error) {
	if t.closed() {
		return nil, errClosed
	}
	select {
	case c := <-t.streams:
		return c, nil
	case <-t.closing.Done():
		return nil, errClosed
	}
}

// accept lets in the connections of peers, until t is closed.
func (t *TCP) accept() {
	pause := time.Duration(0)
	for {
		raw, err := t.listener.AcceptTCP()
		switch {
		case t.closed():
			if err == nil {
				_ = raw.Close()
			}
			return
		case err != nil:
			pause = min(max(2*pause, time.Millisecond), maxAcceptPause)
			t.ended(t.addr, fmt.Errorf("swim: accepting a connection: %w", err))
			select {
			case <-time.After(pause):
			case <-t.closing.Done():
				return
			}
			continue
		}
		pause = 0
		peer := addrPort(raw.RemoteAddr())
		if !t.pool.arrive(peer.Addr()) {
			t.refuse(raw, peer, errBusy)
			continue
		}
		go func() {
			if err := t.admit(raw, peer); err != nil {
				t.refuse(raw, peer, err)
			}
		}()
	}
}

// refuse closes a connection that has not been served.
func (t *TCP) refuse(raw *net.TCPConn, peer netip.AddrPort, err error) {
	if errors.Is(err, errBusy) {
		// Without the parting that would keep the system busy with it for a
		// minute more, and that says nothing that the peer could use.
		_ = raw.SetLinger(0)
	}
	_ = raw.Close()
	t.ended(peer.String(), err)
}

// admit serves a connection for packets to its end, or offers a stream. An error
// says that it has done neither.
func (t *TCP) admit(raw *net.TCPConn, peer netip.AddrPort) error {
	stop := context.AfterFunc(t.closing, func() { _ = raw.Close() })
	defer stop()
	c, kind, err := t.greet(raw)
	t.pool.arrived(peer.Addr())
	switch {
	case err != nil:
		return err
	case kind == forStream:
		return t.offer(c, peer, stop)
	case kind != forPackets:
		return fmt.Errorf("%w: it begins as the answer to one", errPreamble)
	}
	s := t.newSession(peer, false)
	if !t.pool.accept(s, t.now()) {
		s.end(errBusy)
		return errBusy
	}
	t.counters.accepted.Add(1)
	answer := preamble(packetsAccepted)
	if _, err := c.Write(answer[:]); err != nil {
		s.end(err)
	}
	s.serve(c)
	return nil
}

// greet finds out who opened a connection, and what for.
func (t *TCP) greet(raw *net.TCPConn) (c *carrier, kind byte, err error) {
	_ = raw.SetDeadline(time.Now().Add(t.config.Timeout))
	c = &carrier{Conn: raw, raw: raw}
	if t.secure != nil {
		if c, err = t.secure.accept(t.closing, raw); err != nil {
			return nil, 0, err
		}
	}
	kind, err = readPreamble(c)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, errPreamble) {
		err = fmt.Errorf("%w: %w", errPreamble, err)
	}
	return c, kind, err
}

// offer hands a stream to whoever accepts the next one.
func (t *TCP) offer(c *carrier, peer netip.AddrPort, stop func() bool) error {
	if !t.pool.wait(peer.Addr()) {
		return errBusy
	}
	defer t.pool.waited(peer.Addr())
	// From here on Close must leave it alone.
	if !stop() {
		return errClosed
	}
	if err := c.raw.SetDeadline(time.Time{}); err != nil {
		return err
	}
	timer := time.NewTimer(t.config.Timeout)
	defer timer.Stop()
	select {
	case t.streams <- c.stream():
		return nil
	case <-timer.C:
		return fmt.Errorf("%w: nobody accepts streams", errBusy)
	case <-t.closing.Done():
		return errClosed
	}
}
