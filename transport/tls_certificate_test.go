package transport

import (
	"crypto/tls"
	"testing"
)

// crypto/tls: where GetCertificate returns nil, Certificates are used.
func TestGetCertificateThatReturnsNil(t *testing.T) {
	ca := newAuthority(t)
	c := ca.config("a")
	c.TLS.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }
	a, b := listenTLS(t, c), listenTLS(t, ca.config("b"))
	openStream(t, b, a)
	openStream(t, a, b)
}

// GetCertificate "is asked at each handshake, so that a file may be read again".
func TestGetCertificateGoesBeforeCertificates(t *testing.T) {
	ca := newAuthority(t)
	c := ca.config("old")
	fresh := ca.member("new")
	c.TLS.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &fresh, nil }
	a, b := listenTLS(t, c), listenTLS(t, ca.config("b"))
	for range 2 {
		out, _ := openStream(t, b, a)
		_, in := openStream(t, a, b)
		if to, by := out.(IdentifiedConn).PeerIdentity(), in.(IdentifiedConn).PeerIdentity(); to != "new" || by != "new" {
			t.Errorf("it is %q who is called, and %q who calls", to, by)
		}
	}
}
