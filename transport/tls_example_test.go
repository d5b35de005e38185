package transport_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/swim-go/swim/transport"
)

// authority issues certificates for the examples. Yours is elsewhere.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority() *authority {
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "our authority"}, IsCA: true,
		BasicConstraintsValid: true, NotAfter: time.Now().Add(time.Hour),
	}
	a := new(authority)
	a.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, _ := x509.CreateCertificate(rand.Reader, cert, cert, &a.key.PublicKey, a.key)
	a.cert, _ = x509.ParseCertificate(der)
	return a
}

func (a *authority) issue(name string) tls.Certificate {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, _ := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a.cert, &key.PublicKey, a.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// Two members, and one of another authority.
func ExampleListenTLS() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ours, theirs := newAuthority(), newAuthority()
	listen := func(a *authority, name string) *transport.TLS {
		t, err := transport.ListenTLS(ctx, transport.TLSConfig{
			TCPConfig: transport.TCPConfig{Bind: "127.0.0.1:0"},
			TLS:       &tls.Config{Certificates: []tls.Certificate{a.issue(name)}, RootCAs: a.pool()},
		})
		if err != nil {
			panic(err)
		}
		return t
	}
	a, b, c := listen(ours, "a.example"), listen(ours, "b.example"), listen(theirs, "c.example")
	defer a.Close()
	defer b.Close()
	defer c.Close()

	if err := a.WritePacket([]byte("hello"), b.Addr()); err != nil {
		fmt.Println(err)
		return
	}
	p := make([]byte, 1500)
	n, _, identity, err := b.ReadPacketIdentity(p)
	fmt.Println(string(p[:n]), "from", identity, err)

	_, err = c.DialStream(ctx, b.Addr())
	fmt.Println("from the other cluster:", errors.Is(err, transport.ErrUnverified))
	// Output:
	// hello from a.example <nil>
	// from the other cluster: true
}

// A new certificate, while the node runs.
func ExampleTLS_SetTLS() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ca := newAuthority()
	with := func(name string) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{ca.issue(name)}, RootCAs: ca.pool()}
	}
	t, err := transport.ListenTLS(ctx, transport.TLSConfig{
		TCPConfig: transport.TCPConfig{Bind: "127.0.0.1:0"},
		TLS:       with("before"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer t.Close()
	go func() {
		for {
			in, err := t.AcceptStream()
			if err != nil {
				return
			}
			io.WriteString(in, "hello "+in.(transport.IdentifiedConn).PeerIdentity())
			in.Close()
		}
	}()
	for _, name := range []string{"before", "after"} {
		if err := t.SetTLS(with(name)); err != nil {
			fmt.Println(err)
			return
		}
		out, err := t.DialStream(ctx, t.Addr())
		if err != nil {
			fmt.Println(err)
			return
		}
		text, err := io.ReadAll(out)
		fmt.Println(string(text), err)
		out.Close()
	}
	// Output:
	// hello before <nil>
	// hello after <nil>
}
