package swim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
)

// authority signs certificates.
type authority struct {
	*testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{T: t}
	a.cert, a.key = a.issue(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) issue(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.Fatal(err)
	}
	c.SerialNumber = big.NewInt(1)
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		a.Fatal(err)
	}
	return c, key
}

// listen opens a TLS transport with a certificate of that name.
func (a *authority) listen(name string) *transport.TLS {
	a.Helper()
	cert, key := a.issue(&x509.Certificate{
		DNSNames: []string{name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	listener, err := transport.ListenTLS(a.Context(), transport.TLSConfig{
		TCPConfig: transport.TCPConfig{Bind: "127.0.0.1:0"},
		TLS: &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}, RootCAs: pool,
		},
	})
	if err != nil {
		a.Fatal(err)
	}
	return listener
}

// Five nodes do all there is to do over connections alone: join, learn of changes,
// lose one, and see one leave.
func TestNodesOverConnections(t *testing.T) {
	for name, listen := range map[string]func(t *testing.T) func(name string, c *swim.Config){
		"TCP": func(t *testing.T) func(string, *swim.Config) {
			return func(_ string, c *swim.Config) {
				tcp, err := transport.ListenTCP(t.Context(), transport.TCPConfig{Bind: "127.0.0.1:0"})
				if err != nil {
					t.Fatal(err)
				}
				c.Transport = tcp
			}
		},
		"TLS": func(t *testing.T) func(string, *swim.Config) {
			ca := newAuthority(t)
			return func(name string, c *swim.Config) { c.Transport, c.VerifyNames = ca.listen(name), true }
		},
	} {
		t.Run(name, func(t *testing.T) {
			connect := listen(t)
			var nodes []*swim.Node
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				cfg := swim.Local()
				cfg.Name = name
				cfg.ProbeInterval, cfg.ProbeTimeout = 200*time.Millisecond, 100*time.Millisecond
				cfg.Limits.Stranger = security.Rate{PerSecond: 1, Burst: 1} // which nobody is
				connect(name, &cfg)
				node := start(t, cfg)
				if len(nodes) > 0 {
					if got, err := node.Join(t.Context(), nodes[0].Local().Addr); got != 1 || err != nil {
						t.Fatalf("Join = %d, %v", got, err)
					}
				}
				nodes = append(nodes, node)
			}
			is := func(name string, state swim.State) {
				t.Helper()
				for _, node := range nodes {
					until(t, node, node.Local().Name+" sees "+name+" "+state.String(), func() bool {
						m, _ := node.Member(name)
						return m.State == state
					})
				}
			}
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				is(name, swim.Alive)
			}
			if err := nodes[1].SetMeta(t.Context(), []byte("changed")); err != nil {
				t.Fatal(err)
			}
			for _, node := range nodes {
				until(t, node, "b has changed", func() bool { m, _ := node.Member("b"); return m.Meta == "changed" })
			}
			_ = nodes[4].Close()
			nodes = nodes[:4]
			is("e", swim.Failed)
			if _, err := nodes[3].Leave(t.Context()); err != nil {
				t.Fatal(err)
			}
			nodes = nodes[:3]
			is("d", swim.Left)
			for _, node := range nodes {
				s := node.Stats()
				if s.Protocol.MessagesSpoofed != 0 || s.Drops.RateStrangers != 0 || s.Alive != 3 {
					t.Errorf("%s: %d alive, %d spoofed, dropped %+v", node.Local().Name, s.Alive, s.Protocol.MessagesSpoofed, s.Drops)
				}
			}
		})
	}
}
