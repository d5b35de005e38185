package transport_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
	"github.com/swim-go/swim/transport"
)

// Each transport here keeps the contract of the seam it is made for.
func TestContract(t *testing.T) {
	memory, tlsConfig := transport.NewMemoryNetwork(1), cluster(t)
	for name, listen := range map[string]func(t *testing.T) (swim.Transport, error){
		"Memory": func(*testing.T) (swim.Transport, error) { return memory.Listen("") },
		"UDP over IPv4": func(t *testing.T) (swim.Transport, error) {
			return transport.ListenUDP(t.Context(), "127.0.0.1:0")
		},
		"UDP over IPv6": func(t *testing.T) (swim.Transport, error) {
			needsIPv6(t)
			return transport.ListenUDP(t.Context(), "[::1]:0")
		},
		"TCP over IPv4": func(t *testing.T) (swim.Transport, error) {
			return transport.ListenTCP(t.Context(), transport.TCPConfig{Bind: "127.0.0.1:0"})
		},
		"TCP over IPv6": func(t *testing.T) (swim.Transport, error) {
			needsIPv6(t)
			return transport.ListenTCP(t.Context(), transport.TCPConfig{Bind: "[::1]:0"})
		},
		"TLS": func(t *testing.T) (swim.Transport, error) {
			return transport.ListenTLS(t.Context(), tlsConfig())
		},
	} {
		t.Run(name, func(t *testing.T) {
			swimtest.TestTransport(t, func(t *testing.T) swim.Transport {
				tr, err := listen(t)
				if err != nil {
					t.Fatal(err)
				}
				return tr
			})
		})
	}
}

// A network that loses every fifth packet, repeats, delays and reorders keeps it too.
func TestContractOverBadNetwork(t *testing.T) {
	memory := transport.NewMemoryNetwork(1)
	memory.SetFaults(transport.Faults{
		Loss: 0.2, Duplicate: 0.2, MaxDelay: 5 * time.Millisecond, Reorder: 0.2, ReorderBy: 10 * time.Millisecond,
	})
	swimtest.TestTransport(t, func(t *testing.T) swim.Transport {
		m, err := memory.Listen("")
		if err != nil {
			t.Fatal(err)
		}
		return m
	})
}

func needsIPv6(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6 loopback")
	}
	l.Close()
}

// cluster returns a maker of configurations, each with a certificate of one authority
// for a name of its own.
func cluster(t *testing.T) func() transport.TLSConfig {
	t.Helper()
	var serial atomic.Int64
	issue := func(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if parent == nil {
			parent, signer = template, key
		}
		template.SerialNumber = big.NewInt(serial.Add(1))
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert, key
	}
	authority, signer := issue(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	return func() transport.TLSConfig {
		cert, key := issue(&x509.Certificate{
			DNSNames:    []string{"node-" + strconv.FormatInt(serial.Load(), 10)},
			KeyUsage:    x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		}, authority, signer)
		return transport.TLSConfig{
			TCPConfig: transport.TCPConfig{Bind: "127.0.0.1:0"},
			TLS:       &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}}, RootCAs: roots},
		}
	}
}
