package swimtest

import (
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

func acceptWaits(t testing.TB, listen network) {
	a, b := openStreams(t, listen), openStreams(t, listen)
	select {
	case conn := <-b.accepted:
		t.Fatalf("AcceptStream returned %v before any was opened", conn)
	case <-time.After(quiet):
	}
	out, in := a.dial(t, b)
	echo(t, out, in, "hello")
}

func acceptsEach(t testing.TB, listen network) {
	const n = 5
	a, b := openStreams(t, listen), openStreams(t, listen)
	var want, got []string
	for i := range n {
		out := a.dialOut(t, b)
		want = append(want, string(rune('a'+i)))
		if _, err := io.WriteString(out, want[i]); err != nil {
			t.Fatalf("Write to a stream: %v", err)
		}
	}
	for range n {
		select {
		case in := <-b.accepted:
			t.Cleanup(func() { _ = in.Close() })
			name := make([]byte, 1)
			_ = in.SetReadDeadline(time.Now().Add(patience)) // told elsewhere
			if _, err := io.ReadFull(in, name); err != nil {
				t.Fatalf("Read from a stream: %v", err)
			}
			got = append(got, string(name))
		case <-time.After(patience):
			t.Fatalf("AcceptStream returned %d streams of %d", len(got), n)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) { // in whatever order
		t.Errorf("AcceptStream returned streams %q, opened were %q", got, want)
	}
	select {
	case <-b.accepted:
		t.Error("AcceptStream returned one stream more than were opened")
	case <-time.After(quiet):
	}
}

func acceptGoesOn(t testing.TB, listen network) {
	a, b := openStreams(t, listen), openStreams(t, listen)
	for range 5 {
		if err := a.dialOut(t, b).Close(); err != nil {
			t.Errorf("Close of a stream: %v", err)
		}
	}
	out := a.dialOut(t, b)
	if _, err := out.Write([]byte("!")); err != nil {
		t.Fatalf("Write to a stream: %v", err)
	}
	for late := time.After(patience); ; {
		select {
		case in := <-b.accepted:
			t.Cleanup(func() { _ = in.Close() })
			_ = in.SetReadDeadline(time.Now().Add(patience)) // told elsewhere
			if n, _ := in.Read(make([]byte, 1)); n == 1 {
				return
			}
		case <-late:
			t.Fatal("AcceptStream returned no stream any more, after peers that hung up")
		}
	}
}

func closeEndsAccept(t testing.TB, listen network) {
	tr := listen().(swim.StreamTransport)
	accept := func() error {
		conn, err := tr.AcceptStream()
		if err == nil {
			_ = conn.Close() // nobody opened it
		}
		return err
	}
	waiting := make(chan error, 1)
	go safely(t, func() {
		err := accept()
		for n := 0; n < patienceErrors && err != nil && !errors.Is(err, net.ErrClosed); n++ {
			err = accept()
		}
		waiting <- err
	})
	time.Sleep(time.Millisecond) // it most likely waits by then; if not, it is told all the same
	_ = tr.Close()               // its result is told elsewhere
	if err := ends(t, "AcceptStream, when Close was called,", func() error { return <-waiting }); !errors.Is(err, net.ErrClosed) {
		t.Errorf("AcceptStream ended with %v, want an error that wraps net.ErrClosed", err)
	}
	if err := ends(t, "AcceptStream after Close", accept); !errors.Is(err, net.ErrClosed) {
		t.Errorf("AcceptStream after Close: %v, want an error that wraps net.ErrClosed", err)
	}
}
