package transport

import (
	"context"
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// mute returns an address where connecting hangs: its queue of connections is
// full and nobody accepts.
func mute(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	sa, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(sa.(*syscall.SockaddrInet4).Port))
	c, err := net.Dial("tcp4", addr) // a backlog of 0 has room for one
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return addr
}

func TestUDPDialEndsEarly(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(u *UDP, cancel func())
		want error
	}{
		{"with its context", func(_ *UDP, cancel func()) { cancel() }, context.Canceled},
		{"with Close", func(u *UDP, _ func()) { u.Close() }, net.ErrClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, to := listenUDP(t, "127.0.0.1:0"), mute(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- last(u.DialStream(ctx, to)) }()
			select {
			case err := <-ended:
				t.Fatalf("dialing did not hang: %v", err)
			case <-time.After(50 * time.Millisecond):
			}
			c.end(u, cancel)
			if err := <-ended; !errors.Is(err, c.want) {
				t.Errorf("dialing ended with %v", err)
			}
		})
	}
}
