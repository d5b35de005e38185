package transport

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// connecting are the kinds of endpoints that carry packets over connections.
var connecting = []struct {
	name string
	pair func(testing.TB) (a, b either)
}{
	{"TCP over IPv4", func(t testing.TB) (either, either) {
		return listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	}},
	{"TCP over IPv6", func(t testing.TB) (either, either) {
		needIPv6(t)
		return listenTCP(t, TCPConfig{Bind: "[::1]:0"}), listenTCP(t, TCPConfig{Bind: "[::1]:0"})
	}},
	{"TLS", func(t testing.TB) (either, either) {
		ca := newAuthority(t)
		return listenTLS(t, ca.config("a")), listenTLS(t, ca.config("b"))
	}},
}

// TestConnectionsAreTransports runs the tests that all transports share, but for
// those that expect the sender of a packet to be the address it listens on.
func TestConnectionsAreTransports(t *testing.T) {
	all := kinds
	t.Cleanup(func() { kinds = all })
	kinds = connecting
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"StreamsBothWays", TestStreamsBothWays},
		{"DialErrors", TestDialErrors},
		{"EverythingFailsAfterClose", TestEverythingFailsAfterClose},
		{"CloseAtAnyMoment", TestCloseAtAnyMoment},
	} {
		t.Run(c.name, c.test)
	}
	kinds = connecting[:2] // crypto/tls allocates
	t.Run("PacketsCostNoAllocation", TestPacketsCostNoAllocation)
}

func BenchmarkConnections(b *testing.B) {
	all := kinds
	b.Cleanup(func() { kinds = all })
	kinds = append(all[:1:1], connecting...)
	b.Run("Packet", BenchmarkPacket)
	b.Run("Stream", BenchmarkStream)
}

// BenchmarkFlood is what one peer takes in, of a sender that does not wait.
func BenchmarkFlood(b *testing.B) {
	for _, k := range connecting {
		b.Run(k.name, func(b *testing.B) {
			from, to := k.pair(b)
			p, buf, addr := make([]byte, 1400), make([]byte, 1500), to.Addr()
			done := make(chan struct{})
			go func() {
				defer close(done)
				for from.WritePacket(p, addr) == nil {
				}
			}()
			b.SetBytes(int64(len(p)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := to.ReadPacket(buf); err != nil {
					b.Fatal(err)
				}
			}
			from.Close()
			<-done
		})
	}
}

// listenTCP listens on loopback unless c says otherwise.
func listenTCP(t testing.TB, c TCPConfig) *TCP {
	t.Helper()
	if c.Bind == "" {
		c.Bind = loopback(1) + ":0"
	}
	tcp, err := ListenTCP(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tcp.Close() })
	return tcp
}

// eventually waits until a count is what it should be.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: not within 10 s", what)
		}
	}
}

// ask sends a packet and returns where the answer to it goes.
func ask(t testing.TB, a, b either, p string) (from string) {
	t.Helper()
	if err := a.WritePacket([]byte(p), b.Addr()); err != nil {
		t.Fatal(err)
	}
	return wantPacket(t, b, p)
}

// wantPacket reads the next packet, and returns its sender.
func wantPacket(t testing.TB, b either, want string) (from string) {
	t.Helper()
	buf := make([]byte, len(want)+1)
	n, from, err := b.ReadPacket(buf)
	if err != nil || string(buf[:n]) != want {
		t.Fatalf("got %q from %s, %v; want %q", buf[:n], from, err, want)
	}
	return from
}

func TestPacketsOfAllSizesOverConnections(t *testing.T) {
	for _, k := range connecting {
		t.Run(k.name, func(t *testing.T) {
			a, b := k.pair(t)
			buf := make([]byte, MaxPacketBytes+1)
			for _, size := range []int{0, 1, 1400, frameBufferBytes - 2, frameBufferBytes, 16 << 10, MaxPacketBytes} {
				sent := bytes.Repeat([]byte{byte(size), 0xff}, size/2+1)[:size]
				for _, way := range []struct{ from, to either }{{a, b}, {b, a}, {a, a}} {
					if err := way.from.WritePacket(sent, way.to.Addr()); err != nil {
						t.Fatalf("%d bytes: %v", size, err)
					}
					if n, _, err := way.to.ReadPacket(buf); err != nil || !bytes.Equal(buf[:n], sent) {
						t.Errorf("sent %d bytes, got %d, %v", size, n, err)
					}
				}
			}
			if err := a.WritePacket(make([]byte, MaxPacketBytes+1), b.Addr()); !errors.Is(err, ErrPacketSize) {
				t.Errorf("a packet above the limit: %v", err)
			}
		})
	}
}

// TestAnswersGoBackWhereTheQuestionCameFrom: one connection serves both ways,
// and who is asked is known by the address that was dialed.
func TestAnswersGoBackWhereTheQuestionCameFrom(t *testing.T) {
	a, b := listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	for range 10 {
		from := ask(t, a, b, "question")
		if from == a.Addr() {
			t.Fatal("the sender's port cannot be the one it listens on")
		}
		if netip.MustParseAddrPort(from).Addr() != netip.MustParseAddrPort(a.Addr()).Addr() {
			t.Errorf("a packet of %s came from %s", a.Addr(), from)
		}
		if err := b.WritePacket([]byte("answer"), from); err != nil {
			t.Fatal(err)
		}
		if from := wantPacket(t, a, "answer"); from != b.Addr() {
			t.Errorf("the answer of %s came from %s", b.Addr(), from)
		}
	}
	if s := a.Stats(); s.Outgoing != 1 || s.Opened != 1 || s.Incoming != 0 || s.Accepted != 0 {
		t.Errorf("who asked: %+v", s)
	}
	if s := b.Stats(); s.Incoming != 1 || s.Accepted != 1 || s.Outgoing != 0 {
		t.Errorf("who answered: %+v", s)
	}
	// To the address that a listens on, it takes a connection of its own.
	ask(t, b, a, "another question")
	if s := b.Stats(); s.Outgoing != 1 {
		t.Errorf("who asks in turn: %+v", s)
	}
}

// TestAnswersEndWithTheConnection: at the port that a connection came from nobody
// listens, or somebody else.
func TestAnswersEndWithTheConnection(t *testing.T) {
	a, b := listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	from := ask(t, a, b, "question")
	a.Close()
	eventually(t, "the connection ends", func() bool { return b.Stats().Incoming == 0 })
	other, err := net.Listen("tcp", from)
	if err != nil {
		t.Skip("the port is still taken: ", err)
	}
	defer other.Close()
	for range 3 {
		if err := b.WritePacket([]byte("answer"), from); err != nil {
			t.Fatal(err)
		}
	}
	if s := b.Stats(); s.Stale != 3 || s.Outgoing != 0 {
		t.Errorf("answers on a connection that is gone: %+v", s)
	}
	// A peer that was reached there listens there.
	conn, err := b.DialStream(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := b.WritePacket([]byte("question"), from); err != nil {
		t.Fatal(err)
	}
	if s := b.Stats(); s.Stale != 3 || s.Outgoing != 1 {
		t.Errorf("after a stream to it: %+v", s)
	}
}

func TestDepartedAreForgottenInTime(t *testing.T) {
	var d departed
	at := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 1)
	}
	d.add(at(1), 0)
	if !d.has(at(1), departedTime-1) || d.has(at(2), 0) {
		t.Error("not remembered, or another was")
	}
	if !d.has(at(1), departedTime) || d.has(at(1), 2*departedTime) {
		t.Error("not forgotten in its time")
	}
	d.add(at(1), 2*departedTime)
	if d.has(at(1), 9*departedTime) {
		t.Error("remembered though nobody came by to forget it")
	}
	for i := range 3 * maxDeparted {
		d.add(at(i), 9*departedTime)
		if len(d.young) > maxDeparted || len(d.old) > maxDeparted {
			t.Fatalf("%d and %d entries", len(d.young), len(d.old))
		}
	}
	if d.forgotten != maxDeparted {
		t.Errorf("%d forgotten early, want %d", d.forgotten, maxDeparted)
	}
}

func TestTCPConfigErrors(t *testing.T) {
	_, err := ListenTCP(t.Context(), TCPConfig{MaxOutgoing: -1, MaxIncoming: -2, MaxPerHost: -3, IdleTimeout: -4, Timeout: -5})
	if !errors.Is(err, ErrConfig) {
		t.Fatal(err)
	}
	for _, said := range []string{"MaxOutgoing is -1", "MaxIncoming is -2", "MaxPerHost is -3", "IdleTimeout is -4ns", "Timeout is -5ns", "want"} {
		if !strings.Contains(err.Error(), said) {
			t.Errorf("%v does not say %q", err, said)
		}
	}
	taken := listenTCP(t, TCPConfig{})
	for bind, want := range map[string]error{
		"": ErrAddress, "127.0.0.1": ErrAddress, taken.Addr(): ErrInUse, "{{ nonsense }}:0": ErrTemplate,
	} {
		if _, err := ListenTCP(t.Context(), TCPConfig{Bind: bind}); !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "swim: ") {
			t.Errorf("bind %q: %v", bind, err)
		}
	}
}

func TestZeroTCPIsClosed(t *testing.T) {
	for name, z := range map[string]either{"TCP": new(TCP), "TLS": new(TLS)} {
		for call, err := range map[string]error{
			"ReadPacket":   second(z.ReadPacket(make([]byte, 8))),
			"WritePacket":  z.WritePacket(nil, "127.0.0.1:7946"),
			"DialStream":   last(z.DialStream(t.Context(), "127.0.0.1:7946")),
			"AcceptStream": last(z.AcceptStream()),
		} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s of the zero %s: %v", call, name, err)
			}
		}
		if err := z.Close(); err != nil {
			t.Error(err)
		}
	}
	if s := new(TCP).Stats(); s != (TCPStats{}) {
		t.Errorf("the zero TCP has %+v", s)
	}
}
