package swimtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// spoiltStreams is a Memory but for the methods that are given.
type spoiltStreams struct {
	*transport.Memory
	dial   func(ctx context.Context, to string) (net.Conn, error)
	accept func() (net.Conn, error)
}

func (s *spoiltStreams) DialStream(ctx context.Context, to string) (net.Conn, error) {
	if s.dial != nil {
		return s.dial(ctx, to)
	}
	return s.Memory.DialStream(ctx, to)
}

func (s *spoiltStreams) AcceptStream() (net.Conn, error) {
	if s.accept != nil {
		return s.accept()
	}
	return s.Memory.AcceptStream()
}

// spoiltConn is a stream but for the methods that are given.
type spoiltConn struct {
	net.Conn
	write func(p []byte) (int, error)
	close func() error
	timed bool // deadlines are ignored
}

func (c *spoiltConn) Write(p []byte) (int, error) {
	if c.write != nil {
		return c.write(p)
	}
	return c.Conn.Write(p)
}

func (c *spoiltConn) Close() error {
	if c.close != nil {
		return c.close()
	}
	return c.Conn.Close()
}

func (c *spoiltConn) SetDeadline(end time.Time) error {
	if c.timed {
		return nil
	}
	return c.Conn.SetDeadline(end)
}

// fromNowhere is a stream that does not tell where it is from.
type fromNowhere struct{ net.Conn }

func (fromNowhere) RemoteAddr() net.Addr { return &net.TCPAddr{} }

func streamsOf(spoil func(t *testing.T, s *spoiltStreams)) func(t *testing.T) network {
	return func(t *testing.T) network {
		n := transport.NewMemoryNetwork(1)
		return func() swim.Transport {
			s := &spoiltStreams{Memory: listenMemory(t, n)}
			spoil(t, s)
			return s
		}
	}
}

// dialing spoils each stream that is dialed.
func dialing(spoil func(c *spoiltConn)) func(t *testing.T) network {
	return streamsOf(func(_ *testing.T, s *spoiltStreams) {
		s.dial = func(ctx context.Context, to string) (net.Conn, error) {
			conn, err := s.Memory.DialStream(ctx, to)
			if err != nil {
				return nil, err
			}
			c := &spoiltConn{Conn: conn}
			spoil(c)
			return c, nil
		}
	})
}

func TestBrokenStreams(t *testing.T) {
	catches(t, streamSentences, true, []broken[network]{
		{
			fault: "what is large is altered", sentence: "A stream is reliable",
			bind: dialing(func(c *spoiltConn) {
				c.write = func(p []byte) (int, error) {
					if len(p) > 1000 {
						p = append([]byte(nil), p...)
						p[len(p)-1]++
					}
					return c.Conn.Write(p)
				}
			}),
		},
		{
			fault: "what was written last is lost with Close", sentence: "A stream is reliable",
			also: []string{
				"DialStream opens a stream to where packets are sent", "AcceptStream waits for a stream",
				"AcceptStream returns each stream once", "Accepting goes on when a peer hangs up",
			},
			bind: dialing(func(c *spoiltConn) {
				c.write = func(p []byte) (int, error) { // in blocks, and the last is not full
					if full := len(p) - len(p)%64; full > 0 {
						_, err := c.Conn.Write(p[:full])
						return len(p), err
					}
					return len(p), nil
				}
			}),
		},
		{
			fault: "deadlines are ignored", sentence: "A stream keeps to its deadlines",
			bind: dialing(func(c *spoiltConn) { c.timed = true }),
		},
		{
			fault: "nobody knows where streams are from", sentence: "The RemoteAddr of a stream begins with the host that it comes from",
			bind: streamsOf(func(_ *testing.T, s *spoiltStreams) {
				s.accept = func() (net.Conn, error) {
					conn, err := s.Memory.AcceptStream()
					if err != nil {
						return nil, err
					}
					return fromNowhere{conn}, nil
				}
			}),
		},
		{
			fault: "all streams go to the first", sentence: "DialStream opens a stream to where packets are sent",
			bind: streamsOf(func(_ *testing.T, s *spoiltStreams) {
				first := ""
				s.dial = func(ctx context.Context, to string) (net.Conn, error) {
					if first == "" {
						first = to
					}
					return s.Memory.DialStream(ctx, first)
				}
			}),
		},
		{
			fault: "ctx is ignored", sentence: "DialStream returns early with the error of ctx",
			bind: streamsOf(func(_ *testing.T, s *spoiltStreams) {
				s.dial = func(ctx context.Context, to string) (net.Conn, error) {
					return s.Memory.DialStream(context.WithoutCancel(ctx), to)
				}
			}),
		},
		{
			fault: "nobody is there, and a stream is opened", sentence: "DialStream to nobody returns an error",
			bind: streamsOf(func(_ *testing.T, s *spoiltStreams) {
				s.dial = func(ctx context.Context, to string) (net.Conn, error) {
					conn, err := s.Memory.DialStream(ctx, to)
					if err != nil && ctx.Err() == nil {
						conn, _ = net.Pipe()
						return conn, nil
					}
					return conn, err
				}
			}),
		},
		{
			fault: "nobody is there, and ctx is ignored", sentence: "DialStream to nobody returns an error",
			bind: streamsOf(func(t *testing.T, s *spoiltStreams) {
				over := make(chan struct{})
				t.Cleanup(func() { close(over) })
				s.dial = func(ctx context.Context, to string) (net.Conn, error) {
					conn, err := s.Memory.DialStream(ctx, to)
					if err != nil && ctx.Err() == nil {
						<-over
					}
					return conn, err
				}
			}),
		},
		{
			fault: "AcceptStream returns what nobody opened", sentence: "AcceptStream waits for a stream",
			also: []string{"AcceptStream returns each stream once"},
			bind: streamsOf(func(_ *testing.T, s *spoiltStreams) { s.accept = impatient(s.Memory) }),
		},
		{
			fault: "AcceptStream returns each twice", sentence: "AcceptStream returns each stream once",
			bind: streamsOf(func(_ *testing.T, s *spoiltStreams) {
				var last net.Conn
				s.accept = func() (net.Conn, error) {
					if conn := last; conn != nil {
						last = nil
						return conn, nil
					}
					conn, err := s.Memory.AcceptStream()
					last = conn
					return conn, err
				}
			}),
			also: []string{"DialStream opens a stream to where packets are sent"},
		},
		{
			fault: "accepting ends with a peer", sentence: "Accepting goes on when a peer hangs up",
			bind: func(t *testing.T) network {
				var hung sync.Map
				return streamsOf(func(_ *testing.T, s *spoiltStreams) {
					s.dial = func(ctx context.Context, to string) (net.Conn, error) {
						conn, err := s.Memory.DialStream(ctx, to)
						return &spoiltConn{Conn: conn, close: func() error { hung.Store(to, true); return conn.Close() }}, err
					}
					s.accept = func() (net.Conn, error) {
						conn, err := s.Memory.AcceptStream()
						if _, up := hung.Load(s.Addr()); up {
							return nil, fmt.Errorf("a peer hung up: %w", net.ErrClosed)
						}
						return conn, err
					}
				})(t)
			},
		},
		{
			fault: "AcceptStream ends with another error", sentence: "Close ends AcceptStream with net.ErrClosed",
			bind: streamsOf(func(_ *testing.T, s *spoiltStreams) {
				s.accept = func() (net.Conn, error) {
					conn, err := s.Memory.AcceptStream()
					if err != nil {
						return nil, errors.New("it is closed")
					}
					return conn, nil
				}
			}),
		},
	})
}

// impatient makes an AcceptStream that waits for 20 ms, and then returns a stream to
// nobody.
func impatient(m *transport.Memory) func() (net.Conn, error) {
	type accepted struct {
		conn net.Conn
		err  error
	}
	var begun sync.Once
	streams := make(chan accepted, 64)
	return func() (net.Conn, error) {
		begun.Do(func() {
			go func() {
				for {
					conn, err := m.AcceptStream()
					streams <- accepted{conn, err}
					if err != nil {
						close(streams)
						return
					}
				}
			}()
		})
		select {
		case a, ok := <-streams:
			if !ok {
				return nil, net.ErrClosed
			}
			return a.conn, a.err
		case <-time.After(20 * time.Millisecond):
			conn, _ := net.Pipe()
			return conn, nil
		}
	}
}
