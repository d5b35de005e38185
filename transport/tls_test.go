package transport

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestIdentityOfPacketsAndStreams(t *testing.T) {
	ca := newAuthority(t)
	a, b := listenTLS(t, ca.config("a.example")), listenTLS(t, ca.config("b.example"))
	from := ask(t, a, b, "first")
	if err := a.WritePacket([]byte("question"), b.Addr()); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 16)
	n, again, identity, err := b.ReadPacketIdentity(buf)
	if err != nil || string(buf[:n]) != "question" || again != from || identity != "a.example" {
		t.Errorf("got %q from %s, who is %q, %v", buf[:n], again, identity, err)
	}
	if err := b.WritePacket([]byte("answer"), from); err != nil {
		t.Fatal(err)
	}
	n, from, identity, err = a.ReadPacketIdentity(buf)
	if err != nil || string(buf[:n]) != "answer" || from != b.Addr() || identity != "b.example" {
		t.Errorf("got %q from %s, who is %q, %v", buf[:n], from, identity, err)
	}
	out, in := openStream(t, a, b)
	if to, by := out.(IdentifiedConn).PeerIdentity(), in.(IdentifiedConn).PeerIdentity(); to != "b.example" || by != "a.example" {
		t.Errorf("the stream goes to %q and comes from %q", to, by)
	}
}

func TestIdentityOfYourOwn(t *testing.T) {
	ca := newAuthority(t)
	refused := errors.New("not with us")
	c := ca.config("b")
	c.Identity = func(cert *x509.Certificate) (string, error) {
		if cert.DNSNames[0] == "c" {
			return "", refused
		}
		return cert.Subject.CommonName, nil
	}
	told := make(chan error, 8)
	c.Trouble = func(_ string, err error) { told <- err }
	a, b, other := listenTLS(t, ca.config("a")), listenTLS(t, c), listenTLS(t, ca.config("c"))
	_, in := openStream(t, a, b)
	if by := in.(IdentifiedConn).PeerIdentity(); by != "cn of a" {
		t.Errorf("the stream comes from %q", by)
	}
	if err := other.WritePacket([]byte("x"), b.Addr()); err != nil {
		t.Fatal(err)
	}
	if err := <-told; !errors.Is(err, refused) || !errors.Is(err, ErrUnverified) {
		t.Errorf("told %v", err)
	}
	if _, err := b.DialStream(t.Context(), other.Addr()); !errors.Is(err, refused) {
		t.Errorf("dialed it: %v", err)
	}
	eventually(t, "counted", func() bool { return b.Stats().Unverified == 1 })
}

// TestUnverifiedPeersAreRefused: whichever side opens the connection.
func TestUnverifiedPeersAreRefused(t *testing.T) {
	ca, foreign := newAuthority(t), newAuthority(t)
	past := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }
	future := func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) }
	for name, c := range map[string]struct {
		certificate tls.Certificate
		asClient    bool // good enough to listen with
		asServer    bool // good enough to dial with
	}{
		"another authority": {certificate: foreign.member("x")},
		"expired":           {certificate: ca.member("x", past)},
		"not valid yet":     {certificate: ca.member("x", future)},
		"no name":           {certificate: ca.member("x", func(c *x509.Certificate) { c.DNSNames = nil })},
		"for servers only": {asServer: true, certificate: ca.member("x", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		})},
		"for clients only": {asClient: true, certificate: ca.member("x", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			a := listenTLS(t, ca.config("a"))
			config := ca.config("x")
			config.TLS.Certificates = []tls.Certificate{c.certificate}
			x := listenTLS(t, config)

			conn, err := a.DialStream(t.Context(), x.Addr())
			if c.asServer {
				if err != nil {
					t.Fatal(err)
				}
				conn.Close()
			} else if !errors.Is(err, ErrUnverified) || !strings.HasPrefix(err.Error(), "swim: ") {
				t.Errorf("dialed it: %v", err)
			}
			if err := x.WritePacket([]byte("x"), a.Addr()); err != nil {
				t.Fatal(err)
			}
			if c.asClient {
				wantPacket(t, a, "x")
				return
			}
			eventually(t, "refused", func() bool { return a.Stats().Unverified == 1 && x.Stats().Unopened > 0 })
			if s := a.Stats(); s.Accepted != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// dialTLS opens a connection as a client of its own would.
func dialTLS(t *testing.T, to string, c *tls.Config) error {
	t.Helper()
	conn, err := tls.Dial("tcp", to, c)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	// By TLS 1.3 a client learns with its first read that it was refused.
	opening := preamble(forPackets)
	if _, err = conn.Write(opening[:]); err == nil {
		_, err = io.ReadFull(conn, make([]byte, preambleBytes))
	}
	return err
}

func TestClientsOfTheirOwn(t *testing.T) {
	ca := newAuthority(t)
	a := listenTLS(t, ca.config("a"))
	good := tls.Config{Certificates: []tls.Certificate{ca.member("x")}, RootCAs: ca.pool(), ServerName: "a"}
	if err := dialTLS(t, a.Addr(), good.Clone()); err != nil {
		t.Fatalf("with all that is asked for: %v", err)
	}
	none, old := good.Clone(), good.Clone()
	none.Certificates = nil
	old.MaxVersion = tls.VersionTLS12
	for name, c := range map[string]*tls.Config{"no certificate": none, "TLS 1.2": old} {
		before := a.Stats().Unverified
		if err := dialTLS(t, a.Addr(), c); err == nil {
			t.Errorf("%s: let in", name)
		}
		eventually(t, name, func() bool { return a.Stats().Unverified == before+1 })
	}
	// And one without TLS.
	opening := preamble(forPackets)
	wantEnded(t, call(t, a.Addr(), append(opening[:], make([]byte, 100)...)...))
	eventually(t, "without TLS", func() bool { return a.Stats().Unverified == 3 })
	if s := a.Stats(); s.Accepted != 1 {
		t.Errorf("%+v", s)
	}
}

func TestServersOfTLS12AreRefused(t *testing.T) {
	ca := newAuthority(t)
	l, err := tls.Listen("tcp", loopback(1)+":0", &tls.Config{
		Certificates: []tls.Certificate{ca.member("old")}, MaxVersion: tls.VersionTLS12,
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	a := listenTLS(t, ca.config("a"))
	if _, err := a.DialStream(t.Context(), l.Addr().String()); !errors.Is(err, ErrUnverified) {
		t.Errorf("dialed it: %v", err)
	}
}

func TestServerNameIsAskedFor(t *testing.T) {
	ca := newAuthority(t)
	c := ca.config("a.cluster")
	c.TLS.ServerName = "b.cluster"
	a, b, x := listenTLS(t, c), listenTLS(t, ca.config("b.cluster")), listenTLS(t, ca.config("x.cluster"))
	openStream(t, a, b)
	var name x509.HostnameError
	if _, err := a.DialStream(t.Context(), x.Addr()); !errors.As(err, &name) || !errors.Is(err, ErrUnverified) {
		t.Errorf("dialed another name: %v", err)
	}
}

// TestVerifyConnectionIsCalled: what the user checks comes on top, for both ends.
func TestVerifyConnectionIsCalled(t *testing.T) {
	ca := newAuthority(t)
	revoked := errors.New("revoked")
	c := ca.config("a")
	c.TLS.VerifyConnection = func(s tls.ConnectionState) error {
		if s.PeerCertificates[0].DNSNames[0] == "x" {
			return revoked
		}
		return nil
	}
	a, x := listenTLS(t, c), listenTLS(t, ca.config("x"))
	openStream(t, a, listenTLS(t, ca.config("b")))
	if _, err := a.DialStream(t.Context(), x.Addr()); !errors.Is(err, revoked) {
		t.Errorf("dialed it: %v", err)
	}
	if err := x.WritePacket([]byte("x"), a.Addr()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "refused", func() bool { return a.Stats().Unverified == 1 })
}

// TestSlowHandshakesAreEnded and bounded, as connections without TLS are.
func TestSlowHandshakesAreEnded(t *testing.T) {
	ca := newAuthority(t)
	c := ca.config("a")
	c.Timeout, c.MaxPerHost = 100*time.Millisecond, 4
	a := listenTLS(t, c)
	var calls []net.Conn
	for range 4 {
		calls = append(calls, call(t, a.Addr(), 22, 3, 1, 0, 100))
	}
	for range 4 {
		conn, err := net.Dial("tcp", a.Addr())
		if err == nil { // else it was refused as fast as that
			wantEnded(t, conn)
			conn.Close()
		}
	}
	for _, conn := range calls {
		wantEnded(t, conn)
	}
	eventually(t, "counted", func() bool { s := a.Stats(); return s.TimedOut+s.Refused == 8 && s.TimedOut >= 4 })
}

func TestCertificatesRotate(t *testing.T) {
	ca := newAuthority(t)
	var current atomic.Pointer[tls.Certificate]
	use := func(name string) {
		m := ca.member(name)
		current.Store(&m)
	}
	use("first")
	a := listenTLS(t, TLSConfig{TLS: &tls.Config{
		RootCAs:        ca.pool(),
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return current.Load(), nil },
	}})
	b := listenTLS(t, ca.config("b"))
	for _, name := range []string{"first", "second", "third"} {
		use(name)
		_, in := openStream(t, a, b)
		out, _ := openStream(t, b, a)
		if by, to := in.(IdentifiedConn).PeerIdentity(), out.(IdentifiedConn).PeerIdentity(); by != name || to != name {
			t.Errorf("the certificate is %s; shown were %s and %s", name, by, to)
		}
	}
}

// TestAuthoritiesRotate: old, both, new, one node after the other, and every
// two of them reach each other at each step.
func TestAuthoritiesRotate(t *testing.T) {
	before, after := newAuthority(t), newAuthority(t)
	both := before.pool()
	both.AddCert(after.cert)
	step := func(issuer *authority, roots *x509.CertPool) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{issuer.member("m")}, RootCAs: roots}
	}
	a, b := listenTLS(t, before.config("m")), listenTLS(t, before.config("m"))
	for i, c := range []*tls.Config{step(before, both), step(after, both), step(after, after.pool())} {
		for _, node := range []*TLS{a, b} {
			if err := node.SetTLS(c); err != nil {
				t.Fatal(err)
			}
			for _, way := range [][2]*TLS{{a, b}, {b, a}} {
				out, in := openStream(t, way[0], way[1])
				if _, err := out.Write([]byte{byte(i)}); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(in, make([]byte, 1)); err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
			}
		}
	}
	late := listenTLS(t, before.config("late"))
	if _, err := a.DialStream(t.Context(), late.Addr()); !errors.Is(err, ErrUnverified) {
		t.Errorf("the old authority still counts: %v", err)
	}
	if err := a.SetTLS(new(tls.Config)); !errors.Is(err, ErrConfig) {
		t.Errorf("an empty configuration: %v", err)
	}
	openStream(t, a, b) // and all is as it was
}

// TestConnectionsAge: a peer has to show its certificate again, at the latest
// when it expires.
func TestConnectionsAge(t *testing.T) {
	ca := newAuthority(t)
	aging := ca.config("a")
	aging.MaxAge = 300 * time.Millisecond
	expiring := ca.config("c", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(3 * time.Second) })
	for name, c := range map[string]TLSConfig{"MaxAge": aging, "expiry": expiring} {
		t.Run(name, func(t *testing.T) {
			a, b := listenTLS(t, c), listenTLS(t, ca.config("b"))
			ask(t, a, b, "hello")
			eventually(t, "it ends", func() bool { return a.Stats().Outgoing == 0 && b.Stats().Incoming == 0 })
			if s := a.Stats(); s.Idled+b.Stats().Idled == 0 || s.Lost+s.TimedOut != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
	k := credentials{maxAge: time.Hour}
	for range 1000 {
		if life := k.lifetime(time.Now().Add(24 * time.Hour)); life > time.Hour || life < 45*time.Minute {
			t.Fatalf("a life of %v", life)
		}
	}
}

func TestChosenConfigsAreHeldToTheRules(t *testing.T) {
	ca := newAuthority(t)
	var chosen atomic.Pointer[tls.Config]
	c := ca.config("a")
	c.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return chosen.Load(), nil }
	a := listenTLS(t, c)
	anonymous := &tls.Config{RootCAs: ca.pool(), ServerName: "a"}
	lax := &tls.Config{Certificates: c.TLS.Certificates, ClientAuth: tls.NoClientCert, RootCAs: ca.pool()}
	for _, choice := range []*tls.Config{nil, lax, {Certificates: c.TLS.Certificates}} {
		chosen.Store(choice)
		if err := dialTLS(t, a.Addr(), anonymous.Clone()); err == nil {
			t.Errorf("%+v: let in without a certificate", choice)
		}
	}
	chosen.Store(lax)
	out, in := openStream(t, listenTLS(t, ca.config("b")), a)
	go out.Write([]byte("hello"))
	got := make([]byte, 5)
	if _, err := io.ReadFull(in, got); err != nil || !bytes.Equal(got, []byte("hello")) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestTLSConfigErrors(t *testing.T) {
	ca := newAuthority(t)
	good := ca.config("a").TLS
	bad := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}
	for said, c := range map[string]TLSConfig{
		"TLS is nil":                {},
		"no certificate":            {TLS: &tls.Config{RootCAs: good.RootCAs}},
		"no authorities":            {TLS: &tls.Config{Certificates: good.Certificates}},
		"InsecureSkipVerify":        {TLS: bad},
		"TLS.MaxVersion is TLS 1.2": {TLS: bad},
		"MaxAge is -1ns":            {TLS: good, MaxAge: -1},
		"MaxPerHost is -1":          {TLS: bad, TCPConfig: TCPConfig{MaxPerHost: -1}},
	} {
		l, err := ListenTLS(t.Context(), c)
		if l != nil || !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), said) {
			t.Errorf("want an error that says %q, got %v", said, err)
		}
	}
	if err := new(TLS).SetTLS(good); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the zero TLS: %v", err)
	}
}

// TestTLSPacketsCostLittle: one allocation of crypto/tls, and under the race
// detector, where its buffers are not always there again, some more.
func TestTLSPacketsCostLittle(t *testing.T) {
	ca := newAuthority(t)
	a, b := listenTLS(t, ca.config("a")), listenTLS(t, ca.config("b"))
	p, buf, to := make([]byte, 1400), make([]byte, 1500), b.Addr()
	allocs := testing.AllocsPerRun(1000, func() {
		if a.WritePacket(p, to) == nil {
			b.ReadPacket(buf)
		}
	})
	if allocs > 2 {
		t.Errorf("sending and receiving a packet costs %v allocations", allocs)
	}
}
