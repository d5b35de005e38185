package transport

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

var errTimeout = os.ErrDeadlineExceeded

func TestManyConnectionsOfOneHost(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has a second host on loopback")
	}
	const limit, many = 16, 1000
	a, b := listenTCP(t, TCPConfig{MaxPerHost: limit}), listenTCP(t, TCPConfig{Bind: loopback(2) + ":0"})
	goroutines := runtime.NumGoroutine()
	opening := preamble(forPackets)
	for i := range many {
		c, err := net.Dial("tcp", a.Addr())
		if errors.Is(err, syscall.ECONNRESET) {
			continue // refused as fast as that
		}
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		switch i % 3 { // mute, for packets, and for a stream that nobody accepts
		case 1:
			c.Write(opening[:])
		case 2:
			c.Write([]byte{opening[0], opening[1], opening[2], forStream})
		}
	}
	eventually(t, "refused", func() bool { return a.Stats().Refused >= many-3*limit })
	if s := a.Stats(); s.Incoming > limit {
		t.Errorf("%d connections for packets, want at most %d", s.Incoming, limit)
	}
	if n := runtime.NumGoroutine() - goroutines; n > 5*limit {
		t.Errorf("%d goroutines more", n)
	}
	// Another host is served all the same.
	ask(t, b, a, "hello")
}

func TestOutgoingConnectionsAreBounded(t *testing.T) {
	for name, c := range map[string]TCPConfig{"in all": {MaxOutgoing: 3}, "per host": {MaxPerHost: 3}} {
		t.Run(name, func(t *testing.T) {
			a := listenTCP(t, c)
			var peers []*TCP
			for range 10 {
				peers = append(peers, listenTCP(t, TCPConfig{}))
			}
			for i, b := range peers {
				ask(t, a, b, "hello")
				if s := a.Stats(); s.Outgoing > 3 {
					t.Fatalf("%d connections", s.Outgoing)
				}
				// Until the peer has accepted, the connection is in use.
				eventually(t, "opened", func() bool { return a.Stats().Opened == uint64(i+1) })
			}
			eventually(t, "all but three are closed", func() bool { return a.Stats().Shed == 7 })
			// The last three are open still: it was the longest idle that went.
			for _, b := range peers[7:] {
				ask(t, a, b, "hello again")
			}
			if s := a.Stats(); s.Opened != 10 {
				t.Errorf("%d connections for ten peers", s.Opened)
			}
		})
	}
}

// TestIdleCallerMakesRoom: of peers that call, who has been silent goes first,
// but nobody who has just begun.
func TestIdleCallerMakesRoom(t *testing.T) {
	a := listenTCP(t, TCPConfig{MaxIncoming: 1, Timeout: 300 * time.Millisecond})
	b, c := listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	ask(t, b, a, "first")
	eventually(t, "makes room", func() bool {
		if err := c.WritePacket([]byte("second"), a.Addr()); err != nil {
			t.Fatal(err)
		}
		return a.Stats().Accepted == 2
	})
	wantPacket(t, a, "second")
	eventually(t, "counted", func() bool { return a.Stats().Shed == 1 })
	if s := a.Stats(); s.Incoming != 1 || s.Refused == 0 {
		t.Errorf("%+v", s)
	}
}

// TestSlowConnectionsAreEnded: those that say nothing, or draw it out.
func TestSlowConnectionsAreEnded(t *testing.T) {
	opening := preamble(forPackets)
	begun := append(opening[:], 0, 100, 'x')
	second := append(append(opening[:], 0, 1, 'x'), begun[preambleBytes:]...)
	for name, c := range map[string]struct {
		begin []byte
		drip  bool // and on and on, byte by byte
	}{
		"mute":            {},
		"part of a head":  {begin: opening[:3]},
		"nothing further": {begin: opening[:]},
		"half a length":   {begin: begun[:5]},
		"half a packet":   {begin: begun},
		"drips":           {begin: begun, drip: true},
		"the second half": {begin: second},
		"the second drip": {begin: second, drip: true},
	} {
		t.Run(name, func(t *testing.T) {
			a := listenTCP(t, TCPConfig{Timeout: 100 * time.Millisecond})
			conn := call(t, a.Addr(), c.begin...)
			if c.drip {
				go func() {
					for range time.Tick(10 * time.Millisecond) {
						if _, err := conn.Write([]byte{0}); err != nil {
							return
						}
					}
				}()
			}
			wantEnded(t, conn)
			eventually(t, "counted", func() bool { s := a.Stats(); return s.TimedOut == 1 && s.Incoming == 0 })
		})
	}
}

func TestForeignConnectionsAreEnded(t *testing.T) {
	opening := preamble(forPackets)
	for name, c := range map[string]struct {
		begin []byte
		count func(TCPStats) uint64
	}{
		"a browser":             {[]byte("GET / HTTP/1.1\r\n\r\n"), func(s TCPStats) uint64 { return s.Unrecognized }},
		"TLS":                   {[]byte{22, 3, 1, 0, 100, 1, 0, 0}, func(s TCPStats) uint64 { return s.Unrecognized }},
		"another version":       {[]byte{opening[0], opening[1], 2, 1}, func(s TCPStats) uint64 { return s.Unrecognized }},
		"another purpose":       {[]byte{opening[0], opening[1], 1, 4}, func(s TCPStats) uint64 { return s.Unrecognized }},
		"no purpose":            {[]byte{opening[0], opening[1], 1, 0}, func(s TCPStats) uint64 { return s.Unrecognized }},
		"an answer":             {[]byte{opening[0], opening[1], 1, 3}, func(s TCPStats) uint64 { return s.Unrecognized }},
		"too large a packet":    {append(opening[:], 0xff, 0xf0), func(s TCPStats) uint64 { return s.Malformed }},
		"the least too large":   {binary.BigEndian.AppendUint16(opening[:], MaxPacketBytes+1), func(s TCPStats) uint64 { return s.Malformed }},
		"a packet and no frame": {append(opening[:], 0, 1, 'x', 0xff, 0xfd), func(s TCPStats) uint64 { return s.Malformed }},
	} {
		t.Run(name, func(t *testing.T) {
			told := make(chan error, 1)
			a := listenTCP(t, TCPConfig{Trouble: func(_ string, err error) { told <- err }})
			conn := call(t, a.Addr(), c.begin...)
			wantEnded(t, conn)
			if err := <-told; !errors.Is(err, errPreamble) && !errors.Is(err, errFrame) {
				t.Errorf("told %v", err)
			}
			if s := a.Stats(); c.count(s) != 1 {
				t.Errorf("%+v", s)
			}
		})
	}
	t.Run("closed at once", func(t *testing.T) {
		a := listenTCP(t, TCPConfig{})
		call(t, a.Addr()).Close()
		eventually(t, "counted", func() bool { return a.Stats().Unrecognized == 1 })
	})
}

// TestWrongAnswers: who is dialed turns out to be somebody else.
func TestWrongAnswers(t *testing.T) {
	question := preamble(forPackets)
	for name, serve := range map[string]func(net.Conn){
		"closes":           func(c net.Conn) { c.Close() },
		"speaks otherwise": func(c net.Conn) { io.WriteString(c, "220 mail") },
		"asks in turn":     func(c net.Conn) { c.Write(question[:]) },
	} {
		t.Run(name, func(t *testing.T) {
			told := make(chan error, 1)
			a := listenTCP(t, TCPConfig{Trouble: func(_ string, err error) { told <- err }})
			if err := a.WritePacket([]byte("x"), deaf(t, serve)); err != nil {
				t.Fatal(err)
			}
			if err := <-told; !errors.Is(err, errUnopened) {
				t.Errorf("told %v", err)
			}
			if s := a.Stats(); s.Unopened != 1 || s.Opened != 0 || s.Outgoing != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestFloodFromOnePeer: it has to wait, and others are heard in turn.
func TestFloodFromOnePeer(t *testing.T) {
	a, flood, b := listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	p := make([]byte, 1000)
	for flood.Stats().QueueFull == 0 { // nobody reads
		if err := flood.WritePacket(p, a.Addr()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.WritePacket([]byte("a word"), a.Addr()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both are connected", func() bool { return a.Stats().Accepted == 2 })
	buf := make([]byte, 1500)
	for range 10 * arrivedPackets {
		if err := flood.WritePacket(p, a.Addr()); err != nil {
			t.Fatal(err)
		}
		n, _, err := a.ReadPacket(buf)
		if err != nil {
			t.Fatal(err)
		}
		if string(buf[:n]) == "a word" {
			return
		}
	}
	t.Errorf("not heard among %d packets of another", 10*arrivedPackets)
}

// TestEchoesAreAnswered: and a flood of them costs no more than it brings.
func TestEchoesAreAnswered(t *testing.T) {
	a := listenTCP(t, TCPConfig{})
	opening := preamble(forPackets)
	conn := call(t, a.Addr(), append(opening[:], 0xff, 0xff, 0xff, 0xff)...)
	got := make([]byte, preambleBytes+2*frameHeadBytes)
	if _, err := io.ReadFull(conn, got); err != nil || string(got[preambleBytes:]) != "\xff\xfe\xff\xfe" {
		t.Errorf("got %x, %v", got, err)
	}
}
