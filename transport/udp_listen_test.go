package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestListenUDPErrors(t *testing.T) {
	goroutines, files := runtime.NumGoroutine(), openFiles()
	takenTCP, err := net.Listen("tcp4", loopback(1)+":0")
	if err != nil {
		t.Fatal(err)
	}
	takenUDP, err := net.ListenPacket("udp4", loopback(2)+":0")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		bind   string
		wraps  error
		remedy string
	}{
		{"", ErrAddress, "host:port"},
		{"nonsense", ErrAddress, "host:port"},
		{"127.0.0.1", ErrAddress, "host:port"},
		{"::1", ErrAddress, "host:port"},
		{"::1:7946", ErrAddress, "host:port"},
		{"http://127.0.0.1:7946", ErrAddress, "host:port"},
		{"127.0.0.1:", ErrAddress, "0 picks a free one"},
		{"127.0.0.1:http", ErrAddress, "0 picks a free one"},
		{"127.0.0.1:65536", ErrAddress, "0 picks a free one"},
		{"127.0.0.1:-1", ErrAddress, "0 picks a free one"},
		{"127.0.0.256:0", ErrAddress, "neither an IP address nor a host name"},
		{"127.1:0", ErrAddress, "neither an IP address nor a host name"},
		{"two words:0", ErrAddress, "neither an IP address nor a host name"},
		{"{{ nonsense }}:0", ErrTemplate, "not defined"},
		{`{{ "" }}:0`, ErrTemplate, "write the address itself"},
		{"203.0.113.77:0", syscall.EADDRNOTAVAIL, "bind one that it has"},
		{takenTCP.Addr().String(), ErrInUse, "for streams"},
		{takenTCP.Addr().String(), syscall.EADDRINUSE, "0 picks a free one"},
		{takenUDP.LocalAddr().String(), ErrInUse, "for packets"},
		{takenUDP.LocalAddr().String(), syscall.EADDRINUSE, "0 picks a free one"},
	} {
		u, err := ListenUDP(t.Context(), c.bind)
		if err == nil {
			u.Close()
			t.Errorf("%q was bound", c.bind)
			continue
		}
		said := err.Error()
		if !strings.HasPrefix(said, "swim: ") || !strings.Contains(said, fmt.Sprintf("%q", c.bind)) || !strings.Contains(said, c.remedy) {
			t.Errorf("%q: the error is not clear: %v", c.bind, err)
		}
		if !errors.Is(err, c.wraps) && runtime.GOOS != "windows" {
			t.Errorf("%q: %v does not wrap %v", c.bind, err, c.wraps)
		}
	}
	takenTCP.Close()
	takenUDP.Close()
	wantBack(t, "goroutines", runtime.NumGoroutine, goroutines)
	wantBack(t, "open files", openFiles, files)
}

func TestListenUDPUnresolvableName(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, bind := range []string{"127.0.0.1:0", "some.name.invalid:0"} {
		if u, err := ListenUDP(ctx, bind); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, %v", bind, u, err)
		}
	}
}

// TestListenUDPSamePort: the port of one family is the port of the other.
func TestListenUDPSamePort(t *testing.T) {
	u := listenUDP(t, loopback(1)+":0")
	tcp, udp := u.tcp.Addr().(*net.TCPAddr).Port, u.udp.LocalAddr().(*net.UDPAddr).Port
	if tcp != udp || tcp == 0 {
		t.Errorf("streams on port %d, packets on %d", tcp, udp)
	}
	// The port is free again after Close.
	addr := u.Addr()
	u.Close()
	if again := listenUDP(t, addr); again.Addr() != addr {
		t.Errorf("bound %s, got %s", addr, again.Addr())
	}
}

func TestOpenTriesOtherPorts(t *testing.T) {
	taken := fmt.Errorf("for packets: %w", os.NewSyscallError("bind", syscall.EADDRINUSE))
	other := errors.New("other")
	for _, c := range []struct {
		name  string
		port  uint16
		fails []error // of the first tries
		tries int
		err   error
	}{
		{"at once", 0, nil, 1, nil},
		{"third port", 0, []error{taken, taken}, 3, nil},
		{"all taken", 0, make([]error, 100), maxPortTries, taken},
		{"another trouble", 0, []error{taken, other}, 2, other},
		{"port given", 7946, []error{taken}, 1, taken},
	} {
		tries := 0
		_, err := binding{port: c.port}.open(func() (*UDP, error) {
			tries++
			if tries > len(c.fails) {
				return new(UDP), nil
			}
			if err := c.fails[tries-1]; err != nil {
				return nil, err
			}
			return nil, taken
		})
		if tries != c.tries || err != c.err {
			t.Errorf("%s: %d tries, %v; want %d, %v", c.name, tries, err, c.tries, c.err)
		}
	}
}
