package swimtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

func TestGoodTransport(t *testing.T) {
	n := transport.NewMemoryNetwork(1)
	TestTransport(t, func(t *testing.T) swim.Transport { return named{listenMemory(t, n)} })
}

// A transport of packets alone, whose Addr is none of the others' business.
func TestGoodTransportWithoutStreams(t *testing.T) {
	n := transport.NewMemoryNetwork(1)
	TestTransport(t, func(t *testing.T) swim.Transport { return struct{ swim.Transport }{listenMemory(t, n)} })
}

func listenMemory(t *testing.T, n *transport.MemoryNetwork) *transport.Memory {
	t.Helper()
	m, err := n.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// spoiltTransport is a Memory but for the methods that are given.
type spoiltTransport struct {
	*transport.Memory
	addr     func() string
	read     func(p []byte) (int, string, error)
	write    func(p []byte, to string) error
	close    func() error
	validate error
}

func (s *spoiltTransport) Addr() string {
	if s.addr != nil {
		return s.addr()
	}
	return s.Memory.Addr()
}

func (s *spoiltTransport) ReadPacket(p []byte) (int, string, error) {
	if s.read != nil {
		return s.read(p)
	}
	return s.Memory.ReadPacket(p)
}

func (s *spoiltTransport) WritePacket(p []byte, to string) error {
	if s.write != nil {
		return s.write(p, to)
	}
	return s.Memory.WritePacket(p, to)
}

func (s *spoiltTransport) Close() error {
	if s.close != nil {
		return s.close()
	}
	return s.Memory.Close()
}

func (s *spoiltTransport) Validate() error { return s.validate }

// networkOf makes transports of one network, each spoilt.
func networkOf(spoil func(t *testing.T, s *spoiltTransport)) func(t *testing.T) network {
	return func(t *testing.T) network {
		n := transport.NewMemoryNetwork(1)
		return func() swim.Transport {
			s := &spoiltTransport{Memory: listenMemory(t, n)}
			spoil(t, s)
			t.Cleanup(func() { _ = s.Close() })
			return s
		}
	}
}

func TestBrokenTransports(t *testing.T) {
	catches(t, packetSentences, true, []broken[network]{
		{
			fault: "large packets are altered", sentence: "Packets arrive unaltered",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				s.write = func(p []byte, to string) error {
					p = append([]byte(nil), p...)
					if len(p) == 1000 {
						p[999]++
					}
					return s.Memory.WritePacket(p, to)
				}
			}),
		},
		{
			fault: "large packets come in two", sentence: "Packets arrive unaltered",
			also: []string{"Packets of a flood arrive unaltered or not at all"},
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				s.write = func(p []byte, to string) error {
					half := len(p) / 1200 * 700
					if err := s.Memory.WritePacket(p[half:], to); half == 0 || err != nil {
						return err
					}
					return s.Memory.WritePacket(p[:half], to)
				}
			}),
		},
		{
			fault: "what is written after a thousand packets is cut", sentence: "Packets of a flood arrive unaltered or not at all",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				sent := 0
				s.write = func(p []byte, to string) error {
					if sent++; sent > 1000 && len(p) > 1000 {
						p = p[:1000]
					}
					return s.Memory.WritePacket(p, to)
				}
			}),
		},
		{
			fault: "it does not reach itself", sentence: "Addr is where peers reach it",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				s.write = func(p []byte, to string) error {
					if to == s.Memory.Addr() {
						to = "nobody"
					}
					return s.Memory.WritePacket(p, to)
				}
			}),
		},
		{
			fault: "all have one address", sentence: "Addr is where peers reach it",
			also: []string{
				"Packets arrive unaltered", "Addr does not change", "ReadPacket waits for a packet",
				"ReadPacket copies the packet to p", "ReadPacket returns the sender whom an answer reaches", "ReadPacket returns the text that the sender announces",
				"ReadPacket cuts a packet that is larger than p", "Reading goes on when a peer is gone",
				"WritePacket keeps no part of p", "That nobody is there is no error", "Close frees all resources",
			},
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) { s.addr = func() string { return "here" } }),
		},
		{
			fault: "Addr changes with Close", sentence: "Addr does not change",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				closed, end := context.WithCancel(context.Background())
				s.close = func() error { defer end(); return s.Memory.Close() }
				s.addr = func() string {
					if closed.Err() != nil {
						return s.Memory.Addr() + " was"
					}
					return s.Memory.Addr()
				}
			}),
		},
		{
			fault: "ReadPacket returns nothing at first", sentence: "ReadPacket waits for a packet",
			also: []string{
				"Packets arrive unaltered", "Packets of a flood arrive unaltered or not at all", "ReadPacket copies the packet to p",
				"ReadPacket cuts a packet that is larger than p", "Close ends ReadPacket with net.ErrClosed",
				"WritePacket keeps no part of p",
			},
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				reads := 0
				s.read = func(p []byte) (int, string, error) {
					if reads++; reads == 1 {
						return 0, "", s.Memory.WritePacket(nil, "nobody") // an error if it is closed
					}
					return s.Memory.ReadPacket(p)
				}
			}),
		},
		{
			fault: "ReadPacket uses all of p's room", sentence: "ReadPacket copies the packet to p",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				s.read = func(p []byte) (int, string, error) {
					n, from, err := s.Memory.ReadPacket(p)
					clear(p[n:cap(p)])
					return n, from, err
				}
			}),
		},
		{
			fault: "ReadPacket uses the last p again", sentence: "ReadPacket copies the packet to p",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				var last []byte
				s.read = func(p []byte) (int, string, error) {
					if len(p) == largest {
						return s.Memory.ReadPacket(p) // or the race detector finds it first
					}
					clear(last)
					last = p
					return s.Memory.ReadPacket(p)
				}
			}),
		},
		{
			fault: "the sender has another notation", sentence: "ReadPacket returns the sender whom an answer reaches",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				s.read = func(p []byte) (int, string, error) {
					n, from, err := s.Memory.ReadPacket(p)
					return n, "from " + from, err
				}
			}),
		},
		{
			fault: "the sender is told in IPv6", sentence: "ReadPacket returns the text that the sender announces",
			bind: inOtherNotation,
		},
		{
			fault: "a packet that is too large is dropped", sentence: "ReadPacket cuts a packet that is larger than p",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				s.read = func(p []byte) (int, string, error) {
					for {
						buf := make([]byte, 1<<16)
						n, from, err := s.Memory.ReadPacket(buf)
						if n <= len(p) {
							return copy(p, buf[:n]), from, err
						}
					}
				}
			}),
		},
		{
			fault: "what was cut off comes next", sentence: "ReadPacket cuts a packet that is larger than p",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				var rest []byte
				var whose string
				s.read = func(p []byte) (int, string, error) {
					if len(rest) == 0 {
						buf := make([]byte, 1<<16)
						n, from, err := s.Memory.ReadPacket(buf)
						if err != nil {
							return 0, "", err
						}
						rest, whose = buf[:n], from
					}
					n := copy(p, rest)
					rest = rest[n:]
					return n, whose, nil
				}
			}),
		},
		{
			fault: "reading ends with a peer", sentence: "Reading goes on when a peer is gone",
			bind: amongDead(func(s *spoiltTransport, dead func(string) bool) {
				met, meet := context.WithCancel(context.Background())
				s.write = func(p []byte, to string) error {
					if dead(to) {
						meet()
					}
					return s.Memory.WritePacket(p, to)
				}
				s.read = func(p []byte) (int, string, error) {
					n, from, err := s.Memory.ReadPacket(p)
					if met.Err() != nil {
						return 0, "", fmt.Errorf("a peer is gone: %w", net.ErrClosed)
					}
					return n, from, err
				}
			}),
		},
		{
			fault: "a packet is sent with the next", sentence: "WritePacket keeps no part of p",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				type queued struct {
					p  []byte
					to string
				}
				waiting := make(chan queued, 1)
				s.write = func(p []byte, to string) error {
					select {
					case q := <-waiting:
						if err := s.Memory.WritePacket(q.p, q.to); err != nil {
							return err
						}
					default:
					}
					waiting <- queued{p, to}
					return s.Memory.WritePacket(nil, s.Memory.Addr()+"?") // an error if it is closed
				}
			}),
		},
		{
			fault: "a full network is waited for", sentence: "WritePacket never blocks for long",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				sent := 0
				s.write = func(p []byte, to string) error {
					if sent++; sent > 1000 && len(p) > 1000 {
						time.Sleep(3 * time.Second)
					}
					return s.Memory.WritePacket(p, to)
				}
			}),
		},
		{
			fault: "a full network is waited for in vain", sentence: "WritePacket never blocks for long",
			also: []string{"Packets of a flood arrive unaltered or not at all"}, // which ends in vain too
			bind: networkOf(func(t *testing.T, s *spoiltTransport) {
				sent, drained := 0, make(chan struct{})
				t.Cleanup(func() { close(drained) })
				s.write = func(p []byte, to string) error {
					if sent++; sent > 1000 && len(p) > 1000 {
						<-drained
					}
					return s.Memory.WritePacket(p, to)
				}
			}),
		},
		{
			fault: "nobody there is an error", sentence: "That nobody is there is no error",
			bind: amongDead(func(s *spoiltTransport, dead func(string) bool) {
				s.write = func(p []byte, to string) error {
					if dead(to) {
						return errors.New("connection refused")
					}
					return s.Memory.WritePacket(p, to)
				}
			}),
		},
		{
			fault: "ReadPacket ends with another error", sentence: "Close ends ReadPacket with net.ErrClosed",
			also: []string{"Each method is safe beside the others"},
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				s.read = func(p []byte) (int, string, error) {
					n, from, err := s.Memory.ReadPacket(p)
					if err != nil {
						err = errors.New("it is closed")
					}
					return n, from, err
				}
			}),
		},
		{
			fault: "WritePacket goes on", sentence: "Close ends WritePacket with net.ErrClosed",
			also: []string{"Each method is safe beside the others"},
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				s.write = func(p []byte, to string) error { _ = s.Memory.WritePacket(p, to); return nil }
			}),
		},
		{
			fault: "a goroutine stays", sentence: "Close frees all resources",
			bind: networkOf(func(t *testing.T, s *spoiltTransport) {
				over := make(chan struct{})
				t.Cleanup(func() { close(over) })
				go func() { <-over }()
			}),
		},
		{
			fault: "Close complains of the second time", sentence: "Further calls of Close return nil",
			also: []string{"Each method is safe beside the others"},
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				closed := make(chan struct{}, 1)
				s.close = func() error {
					select {
					case closed <- struct{}{}:
						return s.Memory.Close()
					default:
						return errors.New("closed already")
					}
				}
			}),
		},
		{
			fault: "Close complains of another at once", sentence: "Each method is safe beside the others",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) {
				closing := make(chan struct{}, 1)
				s.close = func() error {
					select {
					case closing <- struct{}{}:
						defer func() { <-closing }()
						time.Sleep(time.Millisecond)
						return s.Memory.Close()
					default:
						return errors.New("being closed already")
					}
				}
			}),
		},
		{
			fault: "it is set up wrongly", sentence: "Validate returns nil for a layer that can be used",
			bind: networkOf(func(_ *testing.T, s *spoiltTransport) { s.validate = errBroken }),
		},
	})
}

// inOtherNotation makes transports that announce 127.0.0.1 and are heard from
// ::ffff:127.0.0.1, which is the same, and as good to answer to.
func inOtherNotation(t *testing.T) network {
	n, made := transport.NewMemoryNetwork(1), 0
	return func() swim.Transport {
		made++
		m, err := n.Listen(fmt.Sprintf("127.0.0.1:%d", made))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = m.Close() })
		s := &spoiltTransport{Memory: m}
		s.read = func(p []byte) (int, string, error) {
			size, from, err := m.ReadPacket(p)
			return size, strings.Replace(from, "127.0.0.1", "[::ffff:127.0.0.1]", 1), err
		}
		s.write = func(p []byte, to string) error {
			return m.WritePacket(p, strings.Replace(to, "[::ffff:127.0.0.1]", "127.0.0.1", 1))
		}
		return s
	}
}

// amongDead spoils transports that know which of them were closed.
func amongDead(spoil func(s *spoiltTransport, dead func(addr string) bool)) func(t *testing.T) network {
	return func(t *testing.T) network {
		gone := make(chan map[string]bool, 1)
		gone <- make(map[string]bool)
		return networkOf(func(_ *testing.T, s *spoiltTransport) {
			s.close = func() error {
				all := <-gone
				all[s.Memory.Addr()] = true
				gone <- all
				return s.Memory.Close()
			}
			spoil(s, func(addr string) bool {
				all := <-gone
				defer func() { gone <- all }()
				return all[addr]
			})
		})(t)
	}
}

// Files cannot be counted everywhere.
func TestOpenFilesAreFreed(t *testing.T) {
	if openFiles() == 0 {
		t.Skip("this system does not tell")
	}
	for _, s := range packetSentences {
		if s.name != "Close frees all resources" {
			continue
		}
		w := new(witness)
		synctest.Test(t, func(t *testing.T) {
			hear(w, t, &s, networkOf(func(t *testing.T, s *spoiltTransport) {
				f, err := os.Open(os.DevNull)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = f.Close() })
			}))
		})
		if !w.Failed() {
			t.Error("a file that stays open was not noticed")
		}
	}
}
