package transport

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"
)

// deaf is a peer that accepts connections for packets, and then does what serve
// does with each.
func deaf(t testing.TB, serve func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp4", loopback(2)+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			_, _ = readPreamble(c)
			serve(c)
		}
	}()
	return l.Addr().String()
}

func accepts(c net.Conn) {
	answer := preamble(packetsAccepted)
	_, _ = c.Write(answer[:])
}

// call opens a connection to a transport and writes to it.
func call(t testing.TB, to string, begin ...byte) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := c.Write(begin); err != nil {
		t.Fatal(err)
	}
	return c
}

// wantEnded reads until the other side has ended the connection.
func wantEnded(t testing.TB, c net.Conn) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, c); errors.Is(err, errTimeout) {
		t.Fatal("the connection was not ended")
	}
}

func TestSlowPeerDelaysNobody(t *testing.T) {
	a, b := listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	slow := deaf(t, accepts)
	p := make([]byte, 16<<10)
	// As much as all buffers on the way hold, and more; were one of the writes to
	// wait, the peer would time out, and that be counted.
	for a.Stats().QueueFull < 100 {
		if err := a.WritePacket(p, slow); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		ask(t, a, b, "to another")
	}
	if s := a.Stats(); s.TimedOut != 0 || s.Outgoing != 2 {
		t.Errorf("%+v", s)
	}
}

// TestSlowPeerIsGivenUp: one that does not read, whether or not it is silent too.
func TestSlowPeerIsGivenUp(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"silent": accepts,
		"talks": func(c net.Conn) {
			accepts(c)
			go func() {
				for range time.Tick(5 * time.Millisecond) {
					if _, err := c.Write([]byte{0, 0}); err != nil {
						return
					}
				}
			}()
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := listenTCP(t, TCPConfig{Timeout: 100 * time.Millisecond})
			slow, p := deaf(t, serve), make([]byte, 16<<10)
			write := func() {
				for range 100 { // more than all buffers on the way hold, in time
					if err := a.WritePacket(p, slow); err != nil {
						t.Fatal(err)
					}
				}
			}
			eventually(t, "given up", func() bool { write(); return a.Stats().TimedOut > 0 })
			if s := a.Stats(); s.Lost == 0 {
				t.Errorf("what it did not take is not counted: %+v", s)
			}
			eventually(t, "left alone for a while", func() bool { write(); return a.Stats().Unreachable > 0 })
		})
	}
}

// TestPeerThatVanished takes packets and gives no sign of life, as the system of
// a machine that lost its power seems to. A peer that does give one stays.
func TestPeerThatVanished(t *testing.T) {
	const timeout = 500 * time.Millisecond
	a, b := listenTCP(t, TCPConfig{Timeout: timeout}), listenTCP(t, TCPConfig{Timeout: timeout})
	vanished := deaf(t, func(c net.Conn) {
		accepts(c)
		go io.Copy(io.Discard, c)
	})
	buf := make([]byte, 8)
	tick := time.NewTicker(timeout / 8)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for a.Stats().TimedOut == 0 {
		if err := errors.Join(a.WritePacket([]byte("x"), vanished), a.WritePacket([]byte("x"), b.Addr()),
			second(b.ReadPacket(buf))); err != nil {
			t.Fatal(err)
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not noticed: %+v", a.Stats())
		}
	}
	if s := b.Stats(); s.Accepted != 1 || s.Incoming != 1 {
		t.Errorf("who did answer was given up: %+v", s)
	}
}

// TestRestartedPeerIsFoundAgain: and the time until then costs few dials.
func TestRestartedPeerIsFoundAgain(t *testing.T) {
	a, b := listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	ask(t, a, b, "before")
	b.Close()
	eventually(t, "its end is noticed", func() bool { return a.Stats().Outgoing == 0 })
	write := func() {
		if err := a.WritePacket([]byte("anybody?"), b.Addr()); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "it is left alone", func() bool { write(); return a.Stats().Unreachable > 100 })
	if s := a.Stats(); s.Unopened > 10 {
		t.Errorf("%d dials for %d packets", s.Unopened, s.Unreachable)
	}
	again := listenTCP(t, TCPConfig{Bind: b.Addr()})
	eventually(t, "it is found", func() bool { write(); return again.Stats().Accepted == 1 })
	wantPacket(t, again, "anybody?")
}

// TestStreamEndsTheRest: a stream shows that somebody is there again.
func TestStreamEndsTheRest(t *testing.T) {
	a, b := listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	addr, err := netip.ParseAddrPort(b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	a.pool.rests[addr] = rest{until: time.Hour}
	if err := a.WritePacket([]byte("x"), b.Addr()); err != nil || a.Stats().Unreachable != 1 {
		t.Fatalf("%v, %+v", err, a.Stats())
	}
	openStream(t, a, b)
	ask(t, a, b, "after a stream")
}

// TestLastLook: when this process was stopped, the time for a sign of life has
// passed, and yet it is here.
func TestLastLook(t *testing.T) {
	a := listenTCP(t, TCPConfig{})
	out, in := openStream(t, a, a)
	s := a.newSession(netip.MustParseAddrPort("127.0.0.1:1"), true)
	s.asked, a.config.Timeout = 1, 1
	c := &carrier{Conn: in, raw: in.(*net.TCPConn)}
	if _, err := out.Write([]byte("here")); err != nil {
		t.Fatal(err)
	}
	frames := newFrames(c)
	eventually(t, "found", func() bool { return s.await(frames, c) == nil }) // it may be on its way still
	if got, err := frames.r.Peek(4); string(got) != "here" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	_, _ = frames.r.Discard(4)
	if err := s.await(frames, c); err != errSilent {
		t.Errorf("after that: %v", err)
	}
	s.asked, a.config.IdleTimeout = 0, 1
	if err := s.await(frames, c); err != errIdle {
		t.Errorf("when nothing was asked for: %v", err)
	}
}

// TestLifeIsNotAskedForAllTheTime: who has just been heard lives.
func TestLifeIsNotAskedForAllTheTime(t *testing.T) {
	a := listenTCP(t, TCPConfig{Timeout: time.Minute})
	got := make([]byte, 10*(frameHeadBytes+1))
	read := make(chan error)
	peer := deaf(t, func(c net.Conn) {
		accepts(c)
		_, err := io.ReadFull(c, got)
		read <- err
	})
	for i := range 10 {
		if err := a.WritePacket([]byte("x"), peer); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			eventually(t, "opened", func() bool { return a.Stats().Opened == 1 })
		}
	}
	if err := <-read; err != nil || string(got) != strings.Repeat("\x00\x01x", 10) {
		t.Errorf("got %x, %v", got, err)
	}
}

func TestRestsGrow(t *testing.T) {
	var r rest
	for i, want := range []time.Duration{minRest, 2 * minRest, 4 * minRest, 8 * minRest, 16 * minRest, maxRest, maxRest} {
		if r = r.next(time.Hour); r.until != time.Hour+want {
			t.Errorf("failure %d: rest of %v, want %v", i+1, r.until-time.Hour, want)
		}
	}
	r.failures = 1 << 40
	if r = r.next(0); r.until != maxRest {
		t.Errorf("rest of %v", r.until)
	}
}

func TestRestsAreBounded(t *testing.T) {
	a := listenTCP(t, TCPConfig{})
	for i := range maxRests + 100 {
		s := a.newSession(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 1), true)
		a.pool.mu.Lock()
		a.pool.outgoing.enter(s.addr.Addr())
		a.pool.mu.Unlock()
		s.finish(errUnopened, false)
	}
	if s := a.Stats(); len(a.pool.rests) != maxRests || s.PeersForgotten != 100 {
		t.Errorf("%d rests, %d forgotten", len(a.pool.rests), s.PeersForgotten)
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	none := func(peer string, err error) { t.Errorf("told of %s: %v", peer, err) }
	a := listenTCP(t, TCPConfig{IdleTimeout: 50 * time.Millisecond, Trouble: none})
	b := listenTCP(t, TCPConfig{Trouble: none})
	ask(t, a, b, "one")
	eventually(t, "closed by who opened it", func() bool { return a.Stats().Idled == 1 && a.Stats().Outgoing == 0 })
	eventually(t, "at both ends", func() bool { return b.Stats().Incoming == 0 })
	ask(t, a, b, "two")
	eventually(t, "opened anew", func() bool { return a.Stats().Opened == 2 })
	if s := a.Stats(); s.Lost+s.Unreachable+s.TimedOut != 0 {
		t.Errorf("%+v", s)
	}

	c := listenTCP(t, TCPConfig{IdleTimeout: 50 * time.Millisecond})
	ask(t, b, c, "three")
	eventually(t, "closed by who accepted it", func() bool { return c.Stats().Idled == 1 && c.Stats().Incoming == 0 })
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	goroutines, files := runtime.NumGoroutine(), openFiles()
	ca := newAuthority(t)
	var all []either
	c := ca.config("node")
	c.Timeout = time.Minute // so that nothing ends by itself
	for range 8 {
		all = append(all, listenTCP(t, c.TCPConfig))
	}
	for range 3 {
		all = append(all, listenTLS(t, c))
	}
	for i, a := range all {
		for j, b := range all {
			if (i < 8) == (j < 8) {
				ask(t, a, b, "hello")
			} else if err := a.WritePacket([]byte("what?"), b.Addr()); err != nil {
				t.Fatal(err)
			}
		}
		// And some that say nothing.
		call(t, a.Addr())
		call(t, a.Addr(), 0xc5)
	}
	for _, a := range all {
		a.Close()
	}
	wantBack(t, "goroutines", runtime.NumGoroutine, goroutines)
	for _, a := range all {
		tcp, ok := a.(*TCP)
		if !ok {
			tcp = &a.(*TLS).TCP
		}
		p := &tcp.pool
		eventually(t, "given back", func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return len(p.dialed)+len(p.accepted) == 0 &&
				p.outgoing.n+p.incoming.n+p.arriving.n+p.waiting.n == 0 &&
				len(p.outgoing.hosts)+len(p.incoming.hosts)+len(p.arriving.hosts)+len(p.waiting.hosts) == 0
		})
	}
	// The callers' own ends are still open.
	wantBack(t, "open files", openFiles, files+2*len(all))
}
