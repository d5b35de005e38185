package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// inBubble runs a test on a virtual clock, with endpoints a and b of a network.
func inBubble(t *testing.T, test func(t *testing.T, n *MemoryNetwork, a, b *Memory)) {
	synctest.Test(t, func(t *testing.T) {
		n := NewMemoryNetwork(1)
		test(t, n, listenMemory(t, n, "a"), listenMemory(t, n, "b"))
	})
}

// timed returns how long do takes on the virtual clock.
func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

func TestStreamDelaysAreExact(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		n.SetLinkFaults("a", "b", Faults{MinDelay: 30 * time.Millisecond})
		n.SetLinkFaults("b", "a", Faults{MinDelay: 5 * time.Millisecond})
		var out, in net.Conn
		if took := timed(func() { out, in = openStream(t, a, b) }); took != 35*time.Millisecond {
			t.Errorf("opening took %v", took)
		}
		buf := make([]byte, 8)
		if took := timed(func() { out.Write([]byte("ping")); in.Read(buf) }); took != 30*time.Millisecond {
			t.Errorf("from a to b took %v", took)
		}
		if took := timed(func() { in.Write([]byte("pong")); out.Read(buf) }); took != 5*time.Millisecond {
			t.Errorf("from b to a took %v", took)
		}
		if took := timed(func() { out.Close(); in.Read(buf) }); took != 30*time.Millisecond {
			t.Errorf("the end took %v", took)
		}
		if took := timed(func() { a.DialStream(t.Context(), "nobody") }); took != 0 {
			t.Errorf("links to nobody have no delay, took %v", took)
		}
	})
}

// TestStreamDelaysInRealTime: a clock that goes on between two looks at it is
// what a bubble does not have.
func TestStreamDelaysInRealTime(t *testing.T) {
	n := NewMemoryNetwork(1)
	n.SetFaults(Faults{MaxDelay: 50 * time.Microsecond})
	a, b := listenMemory(t, n, "a"), listenMemory(t, n, "b")
	p := []byte("x")
	for range 5 {
		out, in := openStream(t, a, b)
		out.SetDeadline(time.Now().Add(10 * time.Second))
		in.SetDeadline(time.Now().Add(10 * time.Second))
		for range 50 {
			for _, c := range [][2]net.Conn{{out, in}, {in, out}} {
				if _, err := c[0].Write(p); err != nil {
					t.Fatal(err)
				}
				if _, err := c[1].Read(p); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestStreamKeepsOrder: bytes do not overtake each other when delays shrink.
func TestStreamKeepsOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		out, in := openStream(t, a, b)
		var sent []byte
		for i := range 100 {
			n.SetFaults(Faults{MaxDelay: time.Duration(100-i) * time.Millisecond, Loss: 1, Duplicate: 1, Reorder: 1})
			sent = append(sent, byte(i))
			if _, err := out.Write(sent[i:]); err != nil {
				t.Fatal(err)
			}
		}
		n.SetFaults(Faults{})
		out.Close()
		if got, err := io.ReadAll(in); err != nil || !slices.Equal(got, sent) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestStreamAcrossCut(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		out, in := openStream(t, a, b)
		buf := make([]byte, 64)
		out.Write([]byte("before"))
		n.Cut([]string{"a"}, []string{"b"})

		// What had arrived can be read, what comes after waits.
		out.Write([]byte(" during"))
		if k, err := in.Read(buf); string(buf[:k]) != "before" || err != nil {
			t.Errorf("read %q, %v", buf[:k], err)
		}
		in.SetReadDeadline(time.Now().Add(time.Minute))
		if took := timed(func() { _, err := in.Read(buf); wantTimeout(t, err) }); took != time.Minute {
			t.Errorf("gave up after %v", took)
		}
		// The other direction goes on.
		in.Write([]byte("back"))
		if k, err := out.Read(buf); string(buf[:k]) != "back" || err != nil {
			t.Errorf("read %q, %v", buf[:k], err)
		}
		// The writer fills the window, and waits.
		out.SetWriteDeadline(time.Now().Add(time.Minute))
		k, err := out.Write(make([]byte, 2*streamWindowBytes))
		wantTimeout(t, err)
		if k != streamWindowBytes-len(" during") {
			t.Errorf("wrote %d bytes", k)
		}
		// Nothing is lost.
		time.AfterFunc(time.Hour, n.Heal)
		in.SetReadDeadline(time.Time{})
		if took := timed(func() { k, err = in.Read(buf[:7]) }); took != time.Hour || string(buf[:k]) != " during" || err != nil {
			t.Errorf("after %v read %q, %v", took, buf[:k], err)
		}
	})
}

func wantTimeout(t *testing.T, err error) {
	t.Helper()
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("want a timeout, got %v", err)
	}
}

// TestStreamEndAcrossCut: nobody learns across a cut that the other side left.
func TestStreamEndAcrossCut(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		out, in := openStream(t, a, b)
		n.Partition([]string{"a"}, []string{"b"})
		out.Close()
		in.SetDeadline(time.Now().Add(time.Minute))
		_, err := in.Read(make([]byte, 1))
		wantTimeout(t, err)
		in.SetDeadline(time.Time{})
		if _, err := in.Write([]byte("x")); err != nil {
			t.Errorf("the writer cannot know yet: %v", err)
		}
		time.AfterFunc(time.Second, n.Heal)
		if k, err := in.Read(make([]byte, 1)); k != 0 || err != io.EOF {
			t.Errorf("read %d, %v", k, err)
		}
		if _, err := in.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("the reader is gone: %v", err)
		}
	})
}

func TestDialAcrossCut(t *testing.T) {
	for _, c := range []struct {
		name string
		cut  func(n *MemoryNetwork)
	}{
		{"there", func(n *MemoryNetwork) { n.Cut([]string{"a"}, []string{"b"}) }},
		{"back", func(n *MemoryNetwork) { n.Cut([]string{"b"}, []string{"a"}) }},
		{"both ways", func(n *MemoryNetwork) { n.Partition([]string{"a"}, []string{"b"}) }},
		{"isolated", func(n *MemoryNetwork) { n.Isolate("b") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
				n.SetFaults(Faults{MinDelay: time.Millisecond})
				c.cut(n)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if took := timed(func() {
					if _, err := a.DialStream(ctx, "b"); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("dialing ended with %v", err)
					}
				}); took != time.Minute {
					t.Errorf("gave up after %v", took)
				}
				time.AfterFunc(time.Hour, n.Heal)
				if took := timed(func() { openStream(t, a, b) }); took != time.Hour+2*time.Millisecond {
					t.Errorf("opened after %v", took)
				}
				c.cut(n)
				time.AfterFunc(time.Hour, func() { a.Close() })
				if took := timed(func() {
					if _, err := a.DialStream(t.Context(), "b"); !errors.Is(err, net.ErrClosed) {
						t.Errorf("dialing ended with %v", err)
					}
				}); took != time.Hour {
					t.Errorf("closed after %v", took)
				}
			})
		})
	}
}

// TestDialCutMidway: a handshake that a cut interrupts begins anew.
func TestDialCutMidway(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		n.SetFaults(Faults{MinDelay: 10 * time.Millisecond})
		time.AfterFunc(15*time.Millisecond, func() { n.Isolate("a") })
		time.AfterFunc(time.Hour, n.Heal)
		if took := timed(func() { openStream(t, a, b) }); took != time.Hour+20*time.Millisecond {
			t.Errorf("opened after %v", took)
		}
	})
}

func TestDialRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		n.SetFaults(Faults{MinDelay: time.Millisecond})
		b.Close()
		if took := timed(func() {
			if _, err := a.DialStream(t.Context(), "b"); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("dialing ended with %v", err)
			}
		}); took != 2*time.Millisecond {
			t.Errorf("refused after %v", took)
		}
	})
}

func TestBacklogIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		for range MemoryBacklog {
			out, err := a.DialStream(t.Context(), "b")
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
		}
		opened := make(chan net.Conn)
		go func() {
			out, err := a.DialStream(t.Context(), "b")
			if err != nil {
				t.Error(err)
			}
			opened <- out
		}()
		synctest.Wait()
		select {
		case <-opened:
			t.Error("one more than the backlog was opened")
		default:
		}
		if _, err := b.AcceptStream(); err != nil {
			t.Fatal(err)
		}
		out := <-opened
		// Those not accepted end with the endpoint.
		b.Close()
		if k, err := out.Read(make([]byte, 1)); k != 0 || err != io.EOF {
			t.Errorf("read %d, %v", k, err)
		}
	})
}

func TestStreamDeadlines(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *MemoryNetwork, a, b *Memory) {
		out, in := openStream(t, a, b)
		buf := make([]byte, 8)
		for _, wait := range []time.Duration{-time.Second, 0, time.Second, time.Hour} {
			in.SetReadDeadline(time.Now().Add(wait))
			for _, want := range []time.Duration{max(wait, 0), 0} { // once passed, it stays so
				if took := timed(func() { _, err := in.Read(buf); wantTimeout(t, err) }); took != want {
					t.Errorf("deadline in %v passed after %v", wait, took)
				}
			}
		}
		// A later one takes the place of an earlier one, and of one passed.
		for _, from := range []time.Duration{-time.Second, time.Second} {
			in.SetDeadline(time.Now().Add(from))
			in.SetDeadline(time.Now().Add(time.Hour))
			if took := timed(func() { _, err := in.Read(buf); wantTimeout(t, err) }); took != time.Hour {
				t.Errorf("the later deadline passed after %v", took)
			}
		}
		// None lets wait for ever; one set meanwhile wakes who waits.
		in.SetDeadline(time.Time{})
		time.AfterFunc(time.Hour, func() { in.SetReadDeadline(time.Now()) })
		if took := timed(func() { _, err := in.Read(buf); wantTimeout(t, err) }); took != time.Hour {
			t.Errorf("woken after %v", took)
		}
		// Deadlines of one direction are not those of the other, nor of the peer.
		in.SetReadDeadline(time.Now().Add(-1))
		out.SetReadDeadline(time.Now().Add(-1))
		if _, err := in.Write([]byte("x")); err != nil {
			t.Error(err)
		}
		in.SetDeadline(time.Time{})
		out.SetDeadline(time.Time{})
		in.SetWriteDeadline(time.Now().Add(-1))
		if _, err := out.Read(buf); err != nil {
			t.Error(err)
		}
		_, err := in.Write([]byte("x"))
		wantTimeout(t, err)
	})
}

// TestDeadlineThatFiredTooLate sets a deadline anew while the timer of the old
// one has fired and waits for the lock.
func TestDeadlineThatFiredTooLate(t *testing.T) {
	var mu sync.Mutex
	wake := sync.NewCond(&mu)
	var d deadline
	mu.Lock()
	d.set(time.Now().Add(time.Millisecond), wake)
	<-time.After(20 * time.Millisecond)
	d.set(time.Now().Add(time.Hour), wake)
	mu.Unlock()
	<-time.After(20 * time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	if d.passed {
		t.Error("the old deadline ended the new one")
	}
	d.clear()
}

func TestStreamClose(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		out, in := openStream(t, a, b)
		if got := []string{out.LocalAddr().String(), out.RemoteAddr().String(), in.LocalAddr().String(), in.RemoteAddr().String(), in.LocalAddr().Network()}; !slices.Equal(got, []string{"a", "b", "b", "a", "memory"}) {
			t.Errorf("the addresses are %q", got)
		}
		time.AfterFunc(time.Hour, func() { out.Close() })
		if took := timed(func() {
			if _, err := out.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("read ended with %v", err)
			}
		}); took != time.Hour {
			t.Errorf("closed after %v", took)
		}
		for name, err := range map[string]error{
			"Write":       last(out.Write([]byte("x"))),
			"SetDeadline": out.SetDeadline(time.Time{}),
			"CloseWrite":  out.(*memoryConn).CloseWrite(),
		} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
		for range 2 {
			if out.Close() != nil || in.Close() != nil {
				t.Error("Close fails")
			}
		}
		if len(n.pipes) != 0 {
			t.Errorf("the network keeps %d pipes that nobody holds", len(n.pipes))
		}
	})
}

// TestMemoryLeavesNoGoroutine: synctest fails if a goroutine is left waiting.
func TestMemoryLeavesNoGoroutine(t *testing.T) {
	inBubble(t, func(t *testing.T, n *MemoryNetwork, a, b *Memory) {
		n.SetFaults(Faults{MinDelay: time.Hour})
		for _, m := range []*Memory{a, b} {
			go m.ReadPacket(make([]byte, 8))
			go m.AcceptStream()
			go m.DialStream(context.Background(), "a")
			write(t, m, "a", "under way")
		}
		synctest.Wait()
		a.Close()
		b.Close()
	})
}
