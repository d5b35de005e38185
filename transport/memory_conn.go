package transport

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// streamWindowBytes bounds what one direction of a stream holds: what its
// writer may be ahead of its reader.
const streamWindowBytes = 64 << 10

// pipe is one direction of a stream. It is guarded by net.mu.
type pipe struct {
	net   *MemoryNetwork
	link  link
	data  bytes.Buffer
	there int       // how many bytes of data have arrived
	way   []segment // what has not, in order
	eof   bool      // the end has arrived

	ended, deaf bool      // closed by the writer, by the reader
	moved       sync.Cond // both ends wait for it
}

// segment is what one Write added, or the end of the stream.
type segment struct {
	at    time.Time
	bytes int
	end   bool
}

// send puts a segment on its way. One with a shorter delay than that before it
// waits for it in settle.
func (p *pipe) send(s segment) {
	f := p.net.faults.of(p.link.from, p.link.to)
	s.at = time.Now()
	if delay := f.delay(p.net.rng); delay > 0 {
		s.at = s.at.Add(delay)
		p.net.due(s.at, arrival{wake: &p.moved})
	}
	p.way = append(p.way, s)
	p.moved.Broadcast()
}

// settle lets arrive, in order, what is due, unless the link is cut. What is
// due then arrives when the cut is healed, as TCP would repeat it.
func (p *pipe) settle(now time.Time) {
	if p.net.faults.cut(p.link.from, p.link.to) {
		return
	}
	due := 0
	for due < len(p.way) && !p.way[due].at.After(now) {
		p.there += p.way[due].bytes
		p.eof = p.eof || p.way[due].end
		due++
	}
	p.way = append(p.way[:0], p.way[due:]...)
}

// read takes what has arrived; ok is false if the reader has to wait.
func (p *pipe) read(b []byte) (n int, err error, ok bool) {
	p.settle(time.Now())
	switch {
	case p.there > 0:
		n, _ = p.data.Read(b[:min(len(b), p.there)])
		p.there -= n
		p.moved.Broadcast() // there is room again
		return n, nil, true
	case p.eof:
		return 0, io.EOF, true
	}
	return 0, nil, len(b) == 0
}

// write adds what fits of b; ok is false if the writer has to wait.
func (p *pipe) write(b []byte) (n int, err error, ok bool) {
	// That the reader is gone is known as soon as its word can come back.
	if p.ended || (p.deaf && !p.net.faults.cut(p.link.to, p.link.from)) {
		return 0, syscall.EPIPE, true
	}
	n = min(len(b), streamWindowBytes-p.data.Len())
	if n > 0 {
		p.data.Write(b[:n])
		p.send(segment{bytes: n})
	}
	return n, nil, n == len(b)
}

// end is the writer's last word.
func (p *pipe) end() {
	if !p.ended {
		p.ended = true
		p.send(segment{end: true})
		p.forget()
	}
}

// stop is the reader's going away. What it has not read is lost.
func (p *pipe) stop() {
	p.deaf = true
	p.moved.Broadcast()
	p.forget()
}

// forget lets the network forget a pipe that nobody holds any more.
func (p *pipe) forget() {
	if p.ended && p.deaf {
		delete(p.net.pipes, p)
	}
}

// newStream returns the two ends of a stream.
func (n *MemoryNetwork) newStream(a, b string) (*memoryConn, *memoryConn) {
	there := &pipe{net: n, link: link{a, b}}
	back := &pipe{net: n, link: link{b, a}}
	for _, p := range []*pipe{there, back} {
		p.moved.L = &n.mu
		n.pipes[p] = struct{}{}
	}
	return &memoryConn{in: back, out: there}, &memoryConn{in: there, out: back}
}

// memoryConn is one end of a stream.
type memoryConn struct {
	in, out         *pipe
	closed          bool // guarded by net.mu, as are the deadlines
	readBy, writeBy deadline
}

func (c *memoryConn) Read(b []byte) (int, error) {
	mu := &c.in.net.mu
	mu.Lock()
	defer mu.Unlock()
	for ; ; c.in.moved.Wait() {
		if err := c.unusable(&c.readBy); err != nil {
			return 0, c.failed("read", err)
		}
		if n, err, ok := c.in.read(b); ok {
			return n, err
		}
	}
}

func (c *memoryConn) Write(b []byte) (total int, err error) {
	mu := &c.out.net.mu
	mu.Lock()
	defer mu.Unlock()
	for ; ; c.out.moved.Wait() {
		if err := c.unusable(&c.writeBy); err != nil {
			return total, c.failed("write", err)
		}
		n, err, ok := c.out.write(b[total:])
		total += n
		if err != nil {
			return total, c.failed("write", err)
		}
		if ok {
			return total, nil
		}
	}
}

func (c *memoryConn) unusable(d *deadline) error {
	switch {
	case c.closed:
		return net.ErrClosed
	case d.passed:
		return os.ErrDeadlineExceeded
	}
	return nil
}

func (c *memoryConn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: "memory", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// Close ends both directions. What was written before still arrives.
func (c *memoryConn) Close() error {
	mu := &c.in.net.mu
	mu.Lock()
	defer mu.Unlock()
	c.close()
	return nil
}

func (c *memoryConn) close() {
	if c.closed {
		return
	}
	c.closed = true
	c.readBy.clear()
	c.writeBy.clear()
	c.out.end()
	c.in.stop()
}

// CloseWrite tells the peer that no more will be written.
func (c *memoryConn) CloseWrite() error {
	mu := &c.out.net.mu
	mu.Lock()
	defer mu.Unlock()
	if c.closed {
		return c.failed("close", net.ErrClosed)
	}
	c.out.end()
	return nil
}

// memoryAddr is an endpoint's address as a stream tells it.
type memoryAddr string

func (memoryAddr) Network() string  { return "memory" }
func (a memoryAddr) String() string { return string(a) }

func (c *memoryConn) LocalAddr() net.Addr  { return memoryAddr(c.out.link.from) }
func (c *memoryConn) RemoteAddr() net.Addr { return memoryAddr(c.out.link.to) }

func (c *memoryConn) SetDeadline(t time.Time) error {
	return c.setDeadlines(t, true, true)
}

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	return c.setDeadlines(t, true, false)
}

func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	return c.setDeadlines(t, false, true)
}

func (c *memoryConn) setDeadlines(t time.Time, read, write bool) error {
	mu := &c.in.net.mu
	mu.Lock()
	defer mu.Unlock()
	if c.closed {
		return c.failed("set", net.ErrClosed)
	}
	if read {
		c.readBy.set(t, &c.in.moved)
	}
	if write {
		c.writeBy.set(t, &c.out.moved)
	}
	return nil
}

// deadline wakes whoever waits for a condition at a time, under its lock.
type deadline struct {
	timer  *time.Timer
	passed bool
}

func (d *deadline) set(t time.Time, wake *sync.Cond) {
	d.clear()
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.passed = true
		wake.Broadcast()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		wake.L.Lock()
		defer wake.L.Unlock()
		// A timer that was stopped too late finds another in its place.
		if d.timer == timer {
			d.passed = true
			wake.Broadcast()
		}
	})
	d.timer = timer
}

func (d *deadline) clear() {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer, d.passed = nil, false
}
