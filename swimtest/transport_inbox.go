package swimtest

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

const (
	// resend is how long a packet may be under way before it is taken for lost.
	resend = 20 * time.Millisecond
	// quiet is for how long nothing may happen where nothing should.
	quiet = 50 * time.Millisecond
	// largest is what the packets of these checks take at most: somewhat more than
	// Config.PacketBytes is by default.
	largest = 2048
	// patienceErrors bounds the errors in a row that are borne for temporary.
	patienceErrors = 1000
)

// received is a packet that was read.
type received struct {
	data []byte
	from string
}

// inbox is a transport that is read by a goroutine of its own.
type inbox struct {
	swim.Transport
	packets chan received
	reading sync.WaitGroup
}

// open makes a transport and reads it until it is closed.
func open(t testing.TB, listen network) *inbox {
	t.Helper()
	b := &inbox{Transport: listen(), packets: make(chan received, 4096)}
	beside(t, &b.reading, func() {
		for errs := 0; errs < patienceErrors; errs++ {
			p := make([]byte, largest)
			n, from, err := b.ReadPacket(p)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			errs = 0
			select {
			case b.packets <- received{p[:n], from}:
			default: // a network may lose packets, and so may this
			}
		}
	})
	return b
}

// arrives sends until a packet comes for which ok holds, which it returns, and fails t
// if none does. what names it.
func (b *inbox) arrives(t testing.TB, what string, send func() error, ok func(received) bool) received {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	again := time.NewTicker(resend)
	defer again.Stop()
	for {
		if err := send(); err != nil {
			t.Fatalf("WritePacket: %v", err)
		}
		for waiting := true; waiting; {
			select {
			case r := <-b.packets:
				if ok(r) {
					return r
				}
			case <-again.C:
				waiting = false
			case <-end.C:
				t.Fatalf("%s did not arrive within %v", what, patience)
			}
		}
	}
}

// deliver sends text from a transport to an address until b has it.
func (b *inbox) deliver(t testing.TB, from swim.Transport, to, text string) received {
	t.Helper()
	return b.arrives(t, "a packet from "+from.Addr()+" to "+to,
		func() error { return from.WritePacket([]byte(text), to) },
		func(r received) bool { return string(r.data) == text })
}

// pattern is a packet of n bytes that no other is part of.
func pattern(n int) []byte {
	p := make([]byte, n)
	rng := seeded(uint64(n))
	for i := range p {
		p[i] = byte(rng.Uint32())
	}
	return p
}

// ends returns what f returns, and fails t if it does not.
func ends[T any](t testing.TB, what string, f func() T) (result T) {
	t.Helper()
	within(t, patience, what, func() { result = f() })
	return result
}

// sameAsOne is which of the packets data is, or -1.
func sameAsOne(data []byte, all [][]byte) int {
	for i, p := range all {
		if bytes.Equal(p, data) {
			return i
		}
	}
	return -1
}
