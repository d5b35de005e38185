package swim_test

import (
	"context"
	"io"
	"net"
	"slices"
	"sync"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// wiretap is a transport that somebody listens to.
type wiretap struct {
	*transport.Memory
	tape *tape
}

// tape is what was heard: all packets, and what went into each stream.
type tape struct {
	mu      sync.Mutex
	packets []taped
	streams []taped
	// forward gets each packet at once, if it is set.
	forward func(packet []byte, to string)
}

type taped struct {
	data []byte
	to   string
}

// tap has a node's transport listened to.
func (t *tape) tap(c *swim.Config) {
	c.Transport = &wiretap{c.Transport.(*transport.Memory), t}
}

func (w *wiretap) WritePacket(p []byte, to string) error {
	w.tape.mu.Lock()
	w.tape.packets = append(w.tape.packets, taped{slices.Clone(p), to})
	forward := w.tape.forward
	w.tape.mu.Unlock()
	if forward != nil {
		forward(slices.Clone(p), to)
	}
	return w.Memory.WritePacket(p, to)
}

func (w *wiretap) DialStream(ctx context.Context, to string) (net.Conn, error) {
	conn, err := w.Memory.DialStream(ctx, to)
	if err != nil {
		return nil, err
	}
	return &tappedConn{conn, w.tape, to}, nil
}

type tappedConn struct {
	net.Conn
	tape *tape
	to   string
}

// Write hears a whole frame, since a node writes each at once.
func (c *tappedConn) Write(p []byte) (int, error) {
	c.tape.mu.Lock()
	c.tape.streams = append(c.tape.streams, taped{slices.Clone(p), c.to})
	c.tape.mu.Unlock()
	return c.Conn.Write(p)
}

// heard is what was heard so far.
func (t *tape) heard() (packets, streams []taped) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.packets), slices.Clone(t.streams)
}

// replay sends all of it again, to whom it was sent or else to each of the
// addresses given, and for every stream waits until the other end closes it. It
// returns how many bytes were answered there.
func (n network) replay(evil *transport.Memory, packets, streams []taped, to ...string) (answered int64) {
	n.Helper()
	for i, p := range packets {
		for _, addr := range p.receivers(to) {
			if err := evil.WritePacket(p.data, addr); err != nil {
				n.Fatal(err)
			}
		}
		if i%100 == 99 {
			n.pass(0) // no faster than it is read
		}
	}
	for _, s := range streams {
		for _, addr := range s.receivers(to) {
			conn, err := evil.DialStream(n.Context(), addr)
			if err != nil {
				continue // who left is not there
			}
			_, _ = conn.Write(s.data)
			got, _ := io.Copy(io.Discard, conn)
			answered += got
			_ = conn.Close()
		}
	}
	n.pass(0)
	return answered
}

func (t taped) receivers(others []string) []string {
	if len(others) == 0 {
		return []string{t.to}
	}
	return others
}
