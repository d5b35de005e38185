package transport

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestUDPBinds listens in all ways there are and expects packets and streams at
// the address that Addr gives, and at loopback of the families bound to.
func TestUDPBinds(t *testing.T) {
	for _, c := range []struct {
		bind       string
		is4, is6   bool
		everywhere bool
	}{
		{bind: "127.0.0.1:0", is4: true},
		{bind: "127.0.0.2:0", is4: runtime.GOOS == "linux"},
		{bind: "localhost:0", is4: true},
		{bind: "[::ffff:127.0.0.1]:0", is4: true},
		{bind: `{{ "127.0.0.1" }}:0`, is4: true},
		{bind: "[::1]:0", is6: true},
		{bind: "0.0.0.0:0", is4: true, everywhere: true},
		{bind: "[::]:0", is4: runtime.GOOS != "openbsd", is6: true, everywhere: true},
		{bind: ":0", is4: true, everywhere: true},
	} {
		t.Run(c.bind, func(t *testing.T) {
			if c.is6 {
				needIPv6(t)
			} else if !c.is4 {
				t.Skip("this system has no such loopback address")
			}
			u := listenUDP(t, c.bind)
			bound, err := netip.ParseAddrPort(u.Addr())
			if err != nil || bound.Port() == 0 || bound.Addr().IsUnspecified() || bound.Addr().Is4In6() {
				t.Fatalf("Addr is %s", u.Addr())
			}
			reach := []string{u.Addr()}
			if c.everywhere {
				if c.is4 {
					reach = append(reach, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), bound.Port()).String())
				}
				if c.is6 {
					reach = append(reach, netip.AddrPortFrom(netip.IPv6Loopback(), bound.Port()).String())
				}
			} else if !bound.Addr().IsLoopback() {
				t.Fatalf("Addr is %s", u.Addr())
			}
			for _, addr := range reach {
				exchange(t, u, addr)
			}
		})
	}
}

// exchange lets u talk with itself at one of its addresses.
func exchange(t *testing.T, u *UDP, addr string) {
	t.Helper()
	if err := u.WritePacket([]byte("hello"), addr); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	n, from, err := u.ReadPacket(buf)
	if err != nil || string(buf[:n]) != "hello" || from != addr {
		t.Errorf("got %q from %s, %v; want it from %s", buf[:n], from, err, addr)
	}
	out, err := u.DialStream(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	in, err := u.AcceptStream()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
}

func TestUDPStreamsComeFromTheBoundAddress(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8")
	}
	a, b := listenUDP(t, "127.0.0.2:0"), listenUDP(t, "127.0.0.3:0")
	_, in := openStream(t, a, b)
	if from := in.RemoteAddr().(*net.TCPAddr).IP.String(); from != "127.0.0.2" {
		t.Errorf("the stream came from %s, want 127.0.0.2", from)
	}
}

func TestUDPRefusesAddresses(t *testing.T) {
	u := listenUDP(t, "0.0.0.0:0")
	for _, to := range []string{
		"", "localhost:7946", "127.0.0.1", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:65536", "127.0.0.1:-1",
		"127.1:7946", "::1:7946", "[::1]", "[127.0.0.1]:7946", " 127.0.0.1:7946", "127.0.0.1:7946\n", "\xff\x00",
		"127.0.0.1:0", "0.0.0.0:7946", "[::]:7946", "224.0.0.1:7946", "[ff02::1]:7946", "255.255.255.255:7946",
		"[::ffff:224.0.0.1]:7946", "[fe80::1%]]:7946", "[fe80::1%a\n]:7946", strings.Repeat("1", 1000),
	} {
		err := u.WritePacket([]byte("x"), to)
		if !errors.Is(err, ErrAddress) || !strings.HasPrefix(err.Error(), "swim: ") {
			t.Errorf("packet to %q: %v", to, err)
		}
		if _, err := u.DialStream(t.Context(), to); !errors.Is(err, ErrAddress) {
			t.Errorf("stream to %q: %v", to, err)
		}
	}
}

// TestUDPSendsNoBroadcast: which address is a network's broadcast address only
// the system knows, so it is the one to refuse it.
func TestUDPSendsNoBroadcast(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has a broadcast address on loopback")
	}
	u := listenUDP(t, "0.0.0.0:0")
	if err := u.WritePacket([]byte("x"), "127.255.255.255:7946"); !errors.Is(err, os.ErrPermission) {
		t.Errorf("sent to all of 127.0.0.0/8: %v", err)
	}
}

// TestUDPGoesOnAfterUndeliverablePackets sends to a port where nobody listens,
// which systems report at whatever comes next.
func TestUDPGoesOnAfterUndeliverablePackets(t *testing.T) {
	u, gone := listenUDP(t, "127.0.0.1:0"), listenUDP(t, "127.0.0.1:0")
	gone.Close()
	for range 100 {
		_ = u.WritePacket([]byte("anybody?"), gone.Addr())
	}
	for u.WritePacket([]byte("me"), u.Addr()) != nil {
	}
	buf := make([]byte, 8)
	for {
		n, from, err := u.ReadPacket(buf)
		if errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
		if err == nil {
			if string(buf[:n]) != "me" || from != u.Addr() {
				t.Errorf("got %q from %s", buf[:n], from)
			}
			return
		}
	}
}

func TestUDPWriteDeadline(t *testing.T) {
	u := listenUDP(t, "127.0.0.1:0")
	past := func() { u.udp.SetWriteDeadline(time.Now().Add(-time.Second)) }

	// One that has passed while nothing was sent is set anew.
	past()
	if err := u.WritePacket([]byte("x"), u.Addr()); err != nil {
		t.Errorf("after a pause: %v", err)
	}
	// One that is far ahead is left alone: setting it costs as much as sending.
	past()
	if err := u.WritePacket([]byte("x"), u.Addr()); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the deadline was set for every packet: %v", err)
	}
	// It is set again before it can pass.
	u.born = u.born.Add(-maxWriteBlock / 2)
	if err := u.WritePacket([]byte("x"), u.Addr()); err != nil {
		t.Errorf("near the deadline: %v", err)
	}
	if ahead := u.writableFor(); ahead <= maxWriteBlock/2 || ahead > maxWriteBlock {
		t.Errorf("the deadline is %v ahead", ahead)
	}
}

func TestUDPStats(t *testing.T) {
	u := listenUDP(t, "127.0.0.1:0")
	exchange(t, u, u.Addr())
	if s := u.Stats(); s != (UDPStats{}) {
		t.Errorf("one peer, and %+v", s)
	}
	for i := range 2*maxSenders + 1 {
		u.senders.name(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), uint16(i>>16)+1))
	}
	if s := u.Stats(); s.SendersForgotten == 0 {
		t.Errorf("%d peers, and %+v", 2*maxSenders, s)
	}
}

func TestZeroUDPIsClosed(t *testing.T) {
	var u UDP
	for name, err := range map[string]error{
		"ReadPacket":   second(u.ReadPacket(make([]byte, 8))),
		"WritePacket":  u.WritePacket(nil, "127.0.0.1:7946"),
		"DialStream":   last(u.DialStream(t.Context(), "127.0.0.1:7946")),
		"AcceptStream": last(u.AcceptStream()),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := u.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func BenchmarkParseTarget(b *testing.B) {
	for _, to := range []string{"192.168.100.200:7946", "[2001:db8:1:2:3:4:5:6]:7946"} {
		b.Run(to, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parseTarget(to); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"127.0.0.1:7946", "[::1]:7946", "[fe80::1%eth0]:1", "[::ffff:1.2.3.4]:5", "x", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parseTarget(s)
		if err != nil {
			if !errors.Is(err, ErrAddress) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if again, err := parseTarget(a.String()); err != nil || again != a {
			t.Errorf("%q is %v, which is %v, %v", s, a, again, err)
		}
		if ip := a.Addr(); ip.IsMulticast() || ip.IsUnspecified() || ip.Is4In6() || a.Port() == 0 {
			t.Errorf("%q gave %v", s, a)
		}
	})
}
