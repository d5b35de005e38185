package swimtest

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// framed sends packets over TCP, each behind its length, and gives one up that takes too
// long. It is as simple as a transport over connections can be.
type framed struct {
	net.Listener
	packets chan []byte
	// hangUp is whether a connection on which a packet was given up is given up too.
	hangUp bool
	mu     sync.Mutex
	conn   net.Conn // to whom was written last
	closed chan struct{}
}

func listenFramed(t *testing.T, hangUp bool) network {
	return func() swim.Transport {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		f := &framed{Listener: l, packets: make(chan []byte), hangUp: hangUp, closed: make(chan struct{})}
		go f.accept()
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
}

func (f *framed) accept() {
	for {
		conn, err := f.Accept()
		if err != nil {
			return
		}
		_ = conn.(*net.TCPConn).SetReadBuffer(1 << 18)
		go f.receive(conn)
	}
}

func (f *framed) receive(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for {
		var head [2]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		p := make([]byte, binary.BigEndian.Uint16(head[:]))
		if _, err := io.ReadFull(in, p); err != nil {
			return
		}
		select {
		case f.packets <- p:
		case <-f.closed:
			return
		}
	}
}

func (f *framed) Addr() string { return f.Listener.Addr().String() }

func (f *framed) ReadPacket(p []byte) (int, string, error) {
	select {
	case data := <-f.packets:
		return copy(p, data), "", nil
	case <-f.closed:
		return 0, "", net.ErrClosed
	}
}

func (f *framed) WritePacket(p []byte, to string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn == nil {
		conn, err := net.Dial("tcp", to)
		if err != nil {
			return err
		}
		_ = conn.(*net.TCPConn).SetWriteBuffer(1 << 18) // full the sooner
		f.conn = conn
	}
	if err := f.conn.SetWriteDeadline(time.Now().Add(5 * time.Millisecond)); err != nil {
		return err
	}
	_, err := f.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(p))), p...))
	if err != nil && f.hangUp {
		_ = f.conn.Close()
		f.conn = nil
	}
	return err
}

func (f *framed) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		return nil
	default:
		close(f.closed)
	}
	if f.conn != nil {
		_ = f.conn.Close()
	}
	return f.Listener.Close()
}

// Only a real connection cuts packets by itself, and only in real time.
func TestCutPacketsAreNoticed(t *testing.T) {
	for name, hangUp := range map[string]bool{"goes on": false, "hangs up": true} {
		t.Run(name, func(t *testing.T) {
			w := new(witness)
			for _, s := range packetSentences {
				if s.name == "Packets of a flood arrive unaltered or not at all" {
					hear(w, t, &s, func(t *testing.T) network { return listenFramed(t, hangUp) })
				}
			}
			if w.Failed() == hangUp {
				t.Errorf("of a transport that %s after half a packet, it said:\n%s", name, w.said())
			}
		})
	}
}
