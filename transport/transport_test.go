package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"
)

// either is what the transports have in common: swim.StreamTransport. That they keep its
// contract is for TestContract to see; here is what they promise beyond that.
type either interface {
	Addr() string
	ReadPacket(p []byte) (int, string, error)
	WritePacket(p []byte, to string) error
	DialStream(ctx context.Context, to string) (net.Conn, error)
	AcceptStream() (net.Conn, error)
	Close() error
}

// kinds makes pairs of endpoints that reach each other.
var kinds = []struct {
	name string
	pair func(testing.TB) (a, b either)
}{
	{"UDP over IPv4", func(t testing.TB) (either, either) {
		return listenUDP(t, loopback(1)+":0"), listenUDP(t, loopback(1)+":0")
	}},
	{"UDP over IPv6", func(t testing.TB) (either, either) {
		needIPv6(t)
		return listenUDP(t, "[::1]:0"), listenUDP(t, "[::1]:0")
	}},
	{"Memory", func(t testing.TB) (either, either) {
		n := NewMemoryNetwork(1)
		return listenMemory(t, n, "a"), listenMemory(t, n, "b")
	}},
}

func forEach(t *testing.T, test func(t *testing.T, a, b either)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			a, b := k.pair(t)
			test(t, a, b)
		})
	}
}

func listenUDP(t testing.TB, bind string) *UDP {
	t.Helper()
	u, err := ListenUDP(t.Context(), bind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.Close() })
	return u
}

func listenMemory(t testing.TB, n *MemoryNetwork, addr string) *Memory {
	t.Helper()
	m, err := n.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// loopback returns an address of this machine, where it can one that no other
// process uses: a port found free, taken or closed on it stays so.
func loopback(i byte) string {
	if runtime.GOOS != "linux" {
		return "127.0.0.1"
	}
	pid := os.Getpid()
	return netip.AddrFrom4([4]byte{127, byte(pid>>8)%127 + 1, byte(pid), i}).String()
}

func needIPv6(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6 loopback")
	}
	l.Close()
}

func TestPacketsOfAllSizes(t *testing.T) {
	forEach(t, func(t *testing.T, a, b either) {
		buf := make([]byte, MaxPacketBytes)
		for _, size := range []int{0, 1, 1400, bufferBytes, bufferBytes + 1, MaxPacketBytes} {
			sent := bytes.Repeat([]byte{byte(size), 0xff}, size/2+1)[:size]
			if err := a.WritePacket(sent, b.Addr()); err != nil {
				t.Fatalf("%d bytes: %v", size, err)
			}
			n, from, err := b.ReadPacket(buf)
			if err != nil || from != a.Addr() || !bytes.Equal(buf[:n], sent) {
				t.Errorf("sent %d bytes from %s, got %d from %s, %v", size, a.Addr(), n, from, err)
			}
		}
		if err := a.WritePacket(make([]byte, MaxPacketBytes+1), b.Addr()); !errors.Is(err, ErrPacketSize) {
			t.Errorf("a packet above the limit: %v", err)
		}
	})
}

func TestStreamsBothWays(t *testing.T) {
	forEach(t, func(t *testing.T, a, b either) {
		out, in := openStream(t, a, b)
		for _, step := range []struct {
			from, to net.Conn
		}{{out, in}, {in, out}} {
			sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<14) // 256 KiB, several windows
			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := step.from.Write(sent); err != nil {
					t.Error(err)
				}
			})
			got := make([]byte, len(sent))
			if _, err := io.ReadFull(step.to, got); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("the bytes differ, or %v", err)
			}
			wg.Wait()
		}
		// The end of one direction leaves the other open.
		if err := out.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if n, err := in.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("read after the end: %d, %v", n, err)
		}
		if _, err := in.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		in.Close()
		if rest, err := io.ReadAll(out); string(rest) != "x" || err != nil {
			t.Errorf("read %q, %v", rest, err)
		}
	})
}

// openStream opens a stream from a to b, closed with the test.
func openStream(t testing.TB, a, b either) (out, in net.Conn) {
	t.Helper()
	out, err := a.DialStream(t.Context(), b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	in, err = b.AcceptStream()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return out, in
}

func TestDialErrors(t *testing.T) {
	forEach(t, func(t *testing.T, a, b either) {
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := a.DialStream(canceled, b.Addr()); !errors.Is(err, context.Canceled) {
			t.Errorf("ctx was over: %v", err)
		}
		if _, err := a.DialStream(t.Context(), ""); !errors.Is(err, ErrAddress) {
			t.Errorf("no address: %v", err)
		}
		b.Close()
		_, err := a.DialStream(t.Context(), b.Addr())
		if err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("dialed a closed endpoint: %v", err)
		}
	})
}

func TestEverythingFailsAfterClose(t *testing.T) {
	forEach(t, func(t *testing.T, a, b either) {
		out, in := openStream(t, a, b)
		for range 3 {
			if err := a.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		for name, err := range map[string]error{
			"ReadPacket":             second(a.ReadPacket(make([]byte, 8))),
			"WritePacket":            a.WritePacket(nil, b.Addr()),
			"WritePacket to nowhere": a.WritePacket(nil, ""),
			"DialStream":             last(a.DialStream(t.Context(), b.Addr())),
			"AcceptStream":           last(a.AcceptStream()),
		} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
		if a.Addr() == "" {
			t.Error("Addr changed")
		}
		// A stream that was handed out belongs to its holder.
		if _, err := out.Write([]byte("x")); err != nil {
			t.Error(err)
		}
		if _, err := io.ReadFull(in, make([]byte, 1)); err != nil {
			t.Error(err)
		}
	})
}

func last[T any](_ T, err error) error           { return err }
func second[T, U any](_ T, _ U, err error) error { return err }

// TestCloseAtAnyMoment closes an endpoint, twice at once, while everything is
// done to it, and expects all calls to end with net.ErrClosed.
func TestCloseAtAnyMoment(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			goroutines, files := runtime.NumGoroutine(), openFiles()
			for round := range 100 {
				a, b := k.pair(t)
				closeUnderLoad(t, a, b, round)
				a.Close()
				b.Close()
			}
			wantBack(t, "goroutines", runtime.NumGoroutine, goroutines)
			wantBack(t, "open files", openFiles, files)
		})
	}
}

func closeUnderLoad(t *testing.T, a, b either, round int) {
	var wg sync.WaitGroup
	untilClosed := func(do func() error) {
		wg.Go(func() {
			for {
				if err := do(); errors.Is(err, net.ErrClosed) {
					return
				}
			}
		})
	}
	for range 2 {
		buf := make([]byte, 64)
		untilClosed(func() error { return second(a.ReadPacket(buf)) })
		untilClosed(func() error { return a.WritePacket([]byte("to b"), b.Addr()) })
		untilClosed(func() error { return a.WritePacket([]byte("to a"), a.Addr()) })
	}
	hangUp := func(c net.Conn, err error) error {
		if err == nil {
			c.Close()
		}
		return err
	}
	untilClosed(func() error { return hangUp(a.AcceptStream()) })
	untilClosed(func() error { return hangUp(a.DialStream(t.Context(), a.Addr())) })
	for range round {
		runtime.Gosched()
	}
	for range 2 {
		wg.Go(func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatalf("round %d: Close left calls waiting", round)
	}
}

// openFiles counts the file descriptors of this process where it can.
func openFiles() int {
	files, _ := os.ReadDir("/proc/self/fd")
	return len(files)
}

// wantBack waits until a count is back at what it was: goroutines that were
// told to end, and sockets they hold, are gone a moment later.
func wantBack(t *testing.T, what string, count func() int, want int) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		got := count()
		if got <= want {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d %s left behind", got-want, what)
		}
	}
}

func TestPacketsCostNoAllocation(t *testing.T) {
	forEach(t, func(t *testing.T, a, b either) {
		p, buf := make([]byte, 1400), make([]byte, 1500)
		to := b.Addr()
		var failed error
		allocs := testing.AllocsPerRun(1000, func() {
			if err := a.WritePacket(p, to); err != nil {
				failed = err
			} else if _, _, err := b.ReadPacket(buf); err != nil {
				failed = err
			}
		})
		if failed != nil {
			t.Fatal(failed)
		}
		if allocs != 0 {
			t.Errorf("sending and receiving a packet costs %v allocations", allocs)
		}
	})
}

func BenchmarkPacket(b *testing.B) {
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			from, to := k.pair(b)
			p, buf, addr := make([]byte, 1400), make([]byte, 1500), to.Addr()
			b.SetBytes(int64(len(p)))
			b.ReportAllocs()
			for b.Loop() {
				if err := from.WritePacket(p, addr); err != nil {
					b.Fatal(err)
				}
				if _, _, err := to.ReadPacket(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkStream(b *testing.B) {
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			from, to := k.pair(b)
			p, buf := make([]byte, 4<<10), make([]byte, 4<<10)
			b.SetBytes(int64(len(p)))
			b.ReportAllocs()
			for b.Loop() {
				out, err := from.DialStream(b.Context(), to.Addr())
				if err != nil {
					b.Fatal(err)
				}
				in, err := to.AcceptStream()
				if err != nil {
					b.Fatal(err)
				}
				out.Write(p)
				if _, err := io.ReadFull(in, buf); err != nil {
					b.Fatal(err)
				}
				in.Close()
				out.Close()
			}
		})
	}
}
