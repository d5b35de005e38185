package swimtest

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

const (
	// thaw is for how long packets are waited for after a flood, at most.
	thaw = 400 * time.Millisecond
	// burst is how many packets more are sent at a time meanwhile: a reader who takes the
	// middle of a packet for its beginning waits for what that says its length is.
	burst = 50
)

// packetsSurviveFlood floods a transport that nobody reads, and then reads it. Over a
// connection a write that is given up in the midst of a packet must be the last: what is
// written behind half a packet is taken for its other half. None has to come, not even
// those that are sent when all is well again; but each that comes was sent.
func packetsSurviveFlood(t testing.TB, listen network) {
	a, b := listen(), listen() // b reads nothing yet
	packets, sent := make([][]byte, 64), make(map[string]bool)
	for i := range packets {
		packets[i] = pattern(1337 + i) // none is part of another
		sent[string(packets[i])] = true
	}
	next := 0
	write := func() {
		_ = a.WritePacket(packets[next%len(packets)], b.Addr()) // that it was dropped may be told
		next++
	}
	within(t, patience, "WritePacket to a transport that is not read", func() {
		for start := time.Now(); next < mostWrites && time.Since(start) < writing; {
			if write(); next%1000 == 0 {
				time.Sleep(2 * time.Millisecond) // or those that queue packets hand on but a few
			}
		}
	})
	flood := next
	const last = "the flood is over"
	sent[last] = true
	over := make(chan string, 1)
	go safely(t, func() { over <- firstStrange(b, sent, last) })
	defer repeat(t, func() {
		for range burst {
			write()
		}
		_ = a.WritePacket([]byte(last), b.Addr())
	})()
	select {
	case strange := <-over:
		if strange != "" {
			t.Errorf("after a flood of %d packets, which nobody read, %s", flood, strange)
		}
	case <-time.After(thaw):
	}
}

// firstStrange reads until the last packet comes, which is no fault, or one that nobody
// sent, or no more.
func firstStrange(tr swim.Transport, sent map[string]bool, last string) string {
	p := make([]byte, largest)
	for errs := 0; errs < patienceErrors; errs++ {
		n, _, err := tr.ReadPacket(p)
		if errors.Is(err, net.ErrClosed) {
			return ""
		}
		if err != nil {
			continue
		}
		errs = 0
		if !sent[string(p[:n])] {
			return fmt.Sprintf("a packet of %d bytes arrived that nobody sent", n)
		}
		if string(p[:n]) == last {
			return ""
		}
	}
	return ""
}
