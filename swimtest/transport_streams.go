package swimtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

const (
	saysStream  = "StreamTransport is a Transport that has reliable streams too."
	saysNetConn = "The deadlines of a stream must work, and its RemoteAddr begin with the host that it comes from."
	saysDial    = "DialStream opens a stream to an address, which is one that packets are sent to."
	saysAccept  = "AcceptStream waits for the next stream that a peer opened."
)

var streamSentences = []sentence[network]{
	{
		name:  "A stream is reliable",
		says:  saysStream,
		check: streamReliable,
	},
	{
		name:  "A stream keeps to its deadlines",
		says:  saysNetConn,
		check: streamDeadlines,
	},
	{
		name:  "The RemoteAddr of a stream begins with the host that it comes from",
		says:  saysNetConn,
		check: streamTellsHost,
	},
	{
		name:  "DialStream opens a stream to where packets are sent",
		says:  saysDial,
		check: streamReachesAddr,
	},
	{
		name:  "DialStream returns early with the error of ctx",
		says:  "It returns early with ctx's error.",
		check: dialEndsWithContext,
	},
	{
		name:  "DialStream to nobody returns an error",
		says:  saysDial,
		check: dialNobody,
	},
	{
		name:  "AcceptStream waits for a stream",
		says:  saysAccept,
		check: acceptWaits,
	},
	{
		name:  "AcceptStream returns each stream once",
		says:  saysAccept,
		check: acceptsEach,
	},
	{
		name:  "Accepting goes on when a peer hangs up",
		says:  "An error is temporary unless it wraps net.ErrClosed.",
		check: acceptGoesOn,
	},
	{
		name:  "Close ends AcceptStream with net.ErrClosed",
		says:  "An error is temporary unless it wraps net.ErrClosed.",
		check: closeEndsAccept,
	},
}

// streams is a transport that has them, which is accepted from by a goroutine of its own.
type streams struct {
	swim.StreamTransport
	accepted chan net.Conn
}

func openStreams(t testing.TB, listen network) *streams {
	t.Helper()
	tr, ok := listen().(swim.StreamTransport)
	if !ok {
		t.Fatal("it has no streams, where another had")
	}
	s := &streams{tr, make(chan net.Conn, 64)}
	go safely(t, func() {
		for errs := 0; errs < patienceErrors; errs++ {
			conn, err := tr.AcceptStream()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				errs = 0
				s.accepted <- conn
			}
		}
	})
	return s
}

// dial opens a stream to b, and returns both ends. The test closes them.
func (s *streams) dial(t testing.TB, b *streams) (out, in net.Conn) {
	t.Helper()
	out = s.dialOut(t, b)
	select {
	case in = <-b.accepted:
	case <-time.After(patience):
		t.Fatalf("AcceptStream did not return within %v what DialStream opened", patience)
	}
	t.Cleanup(func() { _ = in.Close() })
	return out, in
}

func (s *streams) dialOut(t testing.TB, b *streams) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := s.DialStream(ctx, b.Addr())
	if err != nil {
		t.Fatalf("DialStream: %v", err)
	}
	t.Cleanup(func() { _ = out.Close() })
	if err := out.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatalf("SetDeadline of a stream: %v", err)
	}
	return out
}

// streamReliable sends more than what waits on the way both ways at once, and closes.
func streamReliable(t testing.TB, listen network) {
	a, b := openStreams(t, listen), openStreams(t, listen)
	out, in := a.dial(t, b)
	there, back := pattern(700_001), pattern(500_009)
	var wg sync.WaitGroup
	send := func(conn net.Conn, data []byte) {
		beside(t, &wg, func() {
			if _, err := conn.Write(data); err != nil {
				t.Errorf("Write to a stream: %v", err)
			}
		})
	}
	receive := func(conn net.Conn, want []byte) {
		beside(t, &wg, func() {
			got := make([]byte, len(want))
			if n, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, want) {
				t.Errorf("of %d bytes that were sent over a stream, %d arrived, equal: %v, %v", len(want), n, bytes.Equal(got, want), err)
			}
		})
	}
	send(out, there)
	send(in, back)
	receive(in, there)
	receive(out, back)
	within(t, 2*patience, "sending over a stream", wg.Wait)
	if t.Failed() {
		return
	}
	// What was written before Close arrives, and then the end.
	if _, err := out.Write([]byte("bye")); err != nil {
		t.Fatalf("Write to a stream: %v", err)
	}
	if err := out.Close(); err != nil {
		t.Errorf("Close of a stream: %v", err)
	}
	rest := ends(t, "reading from a stream that was closed", func() []byte {
		rest, _ := io.ReadAll(in)
		return rest
	})
	if string(rest) != "bye" {
		t.Errorf("after Close of a stream, %q arrived of what had been written, want %q", rest, "bye")
	}
}

// A node has no other way to be rid of a peer that opens a stream and says nothing.
func streamDeadlines(t testing.TB, listen network) {
	a, b := openStreams(t, listen), openStreams(t, listen)
	out, in := a.dial(t, b)
	for name, conn := range map[string]net.Conn{"dialed": out, "accepted": in} {
		if err := conn.SetDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
			t.Fatalf("SetDeadline of a stream that was %s: %v", name, err)
		}
		err := ends(t, "Read from a stream with a deadline", func() error {
			_, err := conn.Read(make([]byte, 1))
			return err
		})
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read from a stream that was %s, past its deadline: %v, want os.ErrDeadlineExceeded", name, err)
		}
	}
}

// A node counts the streams of each host, and the packets that come from there.
func streamTellsHost(t testing.TB, listen network) {
	a, b := openStreams(t, listen), openStreams(t, listen)
	_, in := a.dial(t, b)
	packets := make(chan string, 1)
	go safely(t, func() {
		for range patienceErrors {
			_, from, err := b.ReadPacket(make([]byte, largest))
			if err == nil || errors.Is(err, net.ErrClosed) {
				packets <- from
				return
			}
		}
	})
	defer repeat(t, func() { _ = a.WritePacket([]byte("hello"), b.Addr()) })()
	from := ends(t, "ReadPacket", func() string { return <-packets })
	if remote := in.RemoteAddr().String(); hostOf(remote) != hostOf(from) {
		t.Errorf("RemoteAddr of a stream that was accepted is %q, and packets from there come from %q", remote, from)
	}
}

// hostOf is an address without its port, if it has one.
func hostOf(addr string) string {
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return addr
}

func streamReachesAddr(t testing.TB, listen network) {
	a, b, c := openStreams(t, listen), openStreams(t, listen), openStreams(t, listen)
	for _, to := range []*streams{b, c, b} {
		out, in := a.dial(t, to)
		echo(t, out, in, "to "+to.Addr())
		echo(t, in, out, "back from "+to.Addr())
	}
}

// echo fails t unless text comes from one end to the other.
func echo(t testing.TB, from, to net.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	err := ends(t, "a few bytes over a stream", func() error {
		if _, err := io.WriteString(from, text); err != nil {
			return err
		}
		_, err := io.ReadFull(to, got)
		return err
	})
	if err != nil || string(got) != text {
		t.Fatalf("%q came out of a stream as %q, %v", text, got, err)
	}
}

func dialEndsWithContext(t testing.TB, listen network) {
	a, b := openStreams(t, listen), openStreams(t, listen)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	past, done := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer done()
	for _, ctx := range []context.Context{canceled, past} {
		err := ends(t, "DialStream with a ctx that is over", func() error {
			conn, err := a.DialStream(ctx, b.Addr())
			if err == nil {
				_ = conn.Close() // nobody should have it
			}
			return err
		})
		if !errors.Is(err, ctx.Err()) {
			t.Errorf("DialStream with a ctx that ended with %q: %v", ctx.Err(), err)
		}
	}
}

func dialNobody(t testing.TB, listen network) {
	a, b := openStreams(t, listen), openStreams(t, listen)
	_ = b.Close() // its result is told elsewhere
	ctx, cancel := context.WithTimeout(t.Context(), 10*quiet)
	defer cancel()
	err := ends(t, "DialStream to a transport that was closed", func() error {
		conn, err := a.DialStream(ctx, b.Addr())
		if err == nil {
			_ = conn.Close() // nobody is at the other end
		}
		return err
	})
	if err == nil {
		t.Error("DialStream to a transport that was closed opened a stream")
	}
}
