package swimtest

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

func packetsUnaltered(t testing.TB, listen network) {
	a, b := open(t, listen), open(t, listen)
	var sent [][]byte
	for _, n := range []int{1, 2, 60, 512, 1000, 1399, 1400} {
		sent = append(sent, pattern(n))
	}
	for i, p := range sent {
		b.arrives(t, "a packet", func() error { return a.WritePacket(p, b.Addr()) }, func(r received) bool {
			which := sameAsOne(r.data, sent)
			if which < 0 {
				t.Fatalf("a packet of %d bytes arrived that nobody sent, after one of %d was", len(r.data), len(p))
			}
			return which == i
		})
	}
}

// A node sends to its own address too, to learn whether its input works.
func packetsReachAddr(t testing.TB, listen network) {
	a, b, c := open(t, listen), open(t, listen), open(t, listen)
	if a.Addr() == b.Addr() || b.Addr() == c.Addr() || a.Addr() == c.Addr() {
		t.Fatalf("three transports have the addresses %q, %q and %q", a.Addr(), b.Addr(), c.Addr())
	}
	for _, to := range []*inbox{a, b, c} {
		for _, from := range []*inbox{a, b, c} {
			to.deliver(t, from, to.Addr(), "from "+from.Addr()+" to "+to.Addr())
		}
	}
}

func addrStays(t testing.TB, listen network) {
	a, b := open(t, listen), open(t, listen)
	was := a.Addr()
	a.deliver(t, b, was, "hello")
	b.deliver(t, a, b.Addr(), "hello")
	if now := a.Addr(); now != was {
		t.Errorf("Addr was %q, and is %q after some packets", was, now)
	}
	_ = a.Close() // its result is told elsewhere
	if now := a.Addr(); now != was {
		t.Errorf("Addr was %q, and is %q after Close", was, now)
	}
}

func readWaits(t testing.TB, listen network) {
	a, b := listen(), listen()
	type read struct {
		n   int
		err error
	}
	reads := make(chan read, 1)
	go safely(t, func() {
		p := make([]byte, largest)
		for {
			n, _, err := a.ReadPacket(p)
			if err == nil || errors.Is(err, net.ErrClosed) {
				reads <- read{n, err}
				return
			}
		}
	})
	select {
	case r := <-reads:
		t.Fatalf("ReadPacket returned %d bytes, %v, before any were sent", r.n, r.err)
	case <-time.After(quiet):
	}
	defer repeat(t, func() { _ = b.WritePacket([]byte("hello"), a.Addr()) })()
	select {
	case r := <-reads:
		if r.err != nil || r.n != len("hello") {
			t.Fatalf("ReadPacket returned %d bytes, %v, for a packet of 5", r.n, r.err)
		}
	case <-time.After(patience):
		t.Fatalf("ReadPacket did not return within %v, while packets were sent", patience)
	}
}

// readCopies reads two packets into two buffers that are longer than they say.
func readCopies(t testing.TB, listen network) {
	const room, text, other = 64, "the first", "the second"
	a, b := listen(), listen()
	var bufs [2][room + 8]byte
	defer repeat(t, func() {
		_ = a.WritePacket([]byte(text), b.Addr())
		_ = a.WritePacket([]byte(other), b.Addr())
	})()
	var got [2]string
	for i := range bufs {
		buf := &bufs[i]
		for j := range buf {
			buf[j] = 0xaa
		}
		n := ends(t, "ReadPacket", func() int { return mustRead(t, b, buf[:room]) })
		got[i] = string(buf[:max(0, min(n, room))])
		if got[i] != text && got[i] != other {
			t.Fatalf("ReadPacket returned %d bytes, of which p holds %q; sent were %q and %q", n, got[i], text, other)
		}
		if !bytes.Equal(buf[room:], bytes.Repeat([]byte{0xaa}, 8)) {
			t.Errorf("ReadPacket wrote beyond p")
		}
	}
	if string(bufs[0][:len(got[0])]) != got[0] {
		t.Errorf("what ReadPacket had copied to p changed with the next packet")
	}
}

// mustRead reads past temporary errors. On an end it says so, which is not what anybody
// sent.
func mustRead(t testing.TB, tr swim.Transport, p []byte) int {
	for range patienceErrors {
		n, _, err := tr.ReadPacket(p)
		if err == nil {
			return n
		}
		if errors.Is(err, net.ErrClosed) {
			t.Errorf("ReadPacket: %v", err)
			return 0
		}
	}
	t.Errorf("ReadPacket failed %d times in a row", patienceErrors)
	return 0
}

// repeat calls f now and then until it is stopped.
func repeat(t testing.TB, f func()) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go safely(t, func() {
		defer close(done)
		tick := time.NewTicker(resend / 4)
		defer tick.Stop()
		for {
			f()
			select {
			case <-tick.C:
			case <-ended:
				return
			}
		}
	})
	return func() { close(ended); <-done }
}

func readTellsSender(t testing.TB, listen network) {
	a, b := open(t, listen), open(t, listen)
	question := b.deliver(t, a, b.Addr(), "question")
	a.deliver(t, b, question.from, "answer")
}

// readTellsText finds the same address in another notation. Where a sender is reached at
// another address than it announces, as over connections, it is not known.
func readTellsText(t testing.TB, listen network) {
	a, b := open(t, listen), open(t, listen)
	from := b.deliver(t, a, b.Addr(), "hello").from
	said, err := netip.ParseAddrPort(from)
	if err != nil {
		return // there is no telling whether two texts are one address
	}
	announced, err := netip.ParseAddrPort(a.Addr())
	if err == nil && said.Addr().Unmap() == announced.Addr().Unmap() && said.Port() == announced.Port() && from != a.Addr() {
		t.Errorf("ReadPacket returns the sender as %q, who announces %q", from, a.Addr())
	}
}

func readCuts(t testing.TB, listen network) {
	const long, next, room = "longer than that", "next", 8
	a, b := listen(), listen()
	defer repeat(t, func() {
		_ = a.WritePacket([]byte(long), b.Addr())
		_ = a.WritePacket([]byte(next), b.Addr())
	})()
	end := time.Now().Add(patience)
	for came := make(map[string]bool); len(came) < 2; {
		if time.Now().After(end) {
			t.Fatalf("ReadPacket into %d bytes never returned the beginning of %q", room, long)
		}
		var buf [room + 8]byte
		n := ends(t, "ReadPacket", func() int { return mustRead(t, b, buf[:room]) })
		if t.Failed() {
			return
		}
		switch got := string(buf[:min(n, len(buf))]); {
		case n == room && got == long[:room], got == next:
			came[got] = true
		default:
			t.Fatalf("ReadPacket into %d bytes returned %d, %q, for a packet that is %q", room, n, got, long)
		}
		if runtime.GOOS == "windows" && came[next] {
			return // its sockets report a packet that was cut as an error, which is temporary
		}
	}
}

// Some systems report to whoever reads next that an earlier packet found nobody.
func readGoesOn(t testing.TB, listen network) {
	a, b, gone := open(t, listen), open(t, listen), open(t, listen)
	gone.deliver(t, a, gone.Addr(), "while it was there")
	_ = gone.Close() // its result is told elsewhere
	defer repeat(t, func() { _ = a.WritePacket([]byte("to nobody"), gone.Addr()) })()
	a.deliver(t, b, a.Addr(), "at once")
	time.Sleep(quiet)
	a.deliver(t, b, a.Addr(), "a moment later")
}

func writeKeepsNothing(t testing.TB, listen network) {
	a, b := open(t, listen), open(t, listen)
	const n = 100
	send := func() error {
		p := pattern(n)
		err := a.WritePacket(p, b.Addr())
		clear(p)
		return err
	}
	b.arrives(t, "a packet", send, func(r received) bool {
		if !bytes.Equal(r.data, pattern(n)) {
			t.Fatalf("what was written to p after WritePacket had returned arrived in the packet")
		}
		return true
	})
}

const (
	// longWrite is longer than a WritePacket may block, though the machine be busy.
	longWrite = 2 * time.Second
	// writing is for how long a receiver that reads nothing is written to, and mostWrites
	// how often at most: more than the buffers of a system hold.
	writing    = 150 * time.Millisecond
	mostWrites = 20_000
)

func writeDoesNotBlock(t testing.TB, listen network) {
	a, b := listen(), listen() // b reads nothing
	p := pattern(1400)
	var longest time.Duration
	within(t, patience, "WritePacket to a transport that is not read", func() {
		start := time.Now()
		for n := 0; n < mostWrites && time.Since(start) < writing; n++ {
			before := time.Now()
			_ = a.WritePacket(p, b.Addr()) // that it was dropped may be told, and may not
			longest = max(longest, time.Since(before))
		}
	})
	if longest > longWrite {
		t.Errorf("WritePacket to a transport that is not read blocked for %v", longest)
	}
}

func writeToNobody(t testing.TB, listen network) {
	a, known, unknown := open(t, listen), open(t, listen), open(t, listen)
	known.deliver(t, a, known.Addr(), "while it was there")
	for _, b := range []*inbox{known, unknown} {
		_ = b.Close() // its result is told elsewhere
	}
	for range 10 {
		for _, b := range []*inbox{known, unknown} {
			if err := a.WritePacket([]byte("anybody there?"), b.Addr()); err != nil {
				t.Fatalf("WritePacket to %s, where nobody is any more: %v", b.Addr(), err)
			}
		}
		time.Sleep(time.Millisecond) // for what comes back to come back
	}
}
