package transport

import (
	"io"
	"testing"
	"time"
)

func TestStreamsThatWaitAreBounded(t *testing.T) {
	const limit, many = 4, 7
	a, b := listenTCP(t, TCPConfig{MaxPerHost: limit, Timeout: time.Minute}), listenTCP(t, TCPConfig{})
	for i := range many {
		out, err := b.DialStream(t.Context(), a.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		// One after the other, so that none is refused as one that says nothing.
		eventually(t, "waits, or is refused", func() bool {
			a.pool.mu.Lock()
			defer a.pool.mu.Unlock()
			return a.pool.arriving.n == 0 && a.pool.waiting.n == min(i+1, limit)
		})
	}
	eventually(t, "refused", func() bool { return a.Stats().Refused == many-limit })
	for range limit {
		in, err := a.AcceptStream()
		if err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	eventually(t, "given back", func() bool {
		a.pool.mu.Lock()
		defer a.pool.mu.Unlock()
		return a.pool.waiting.n == 0 && len(a.pool.waiting.hosts) == 0
	})
}

func TestStreamThatNobodyAccepts(t *testing.T) {
	a, b := listenTCP(t, TCPConfig{Timeout: 300 * time.Millisecond}), listenTCP(t, TCPConfig{})
	out, err := b.DialStream(t.Context(), a.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	wantEnded(t, out)
	eventually(t, "counted", func() bool { return a.Stats().Refused == 1 })
}

// TestStreamsHaveNoDeadline: the time to say what they are for is over.
func TestStreamsHaveNoDeadline(t *testing.T) {
	const timeout = 500 * time.Millisecond
	ca := newAuthority(t)
	c := ca.config("a")
	c.Timeout = timeout
	for name, ends := range map[string][2]either{
		"TCP": {listenTCP(t, TCPConfig{Timeout: timeout}), listenTCP(t, TCPConfig{})},
		"TLS": {listenTLS(t, c), listenTLS(t, ca.config("b"))},
	} {
		t.Run(name, func(t *testing.T) {
			out, in := openStream(t, ends[1], ends[0])
			time.AfterFunc(2*timeout, func() { io.WriteString(out, "late") })
			got := make([]byte, 4)
			if _, err := io.ReadFull(in, got); err != nil || string(got) != "late" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
