package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// TLSConfig is what a [TLS] is made of. Bind and TLS are required.
type TLSConfig struct {
	TCPConfig
	// TLS has this node's certificate, with its key, and the authorities whose
	// certificates peers have to show. It is copied.
	//
	// The certificate is in Certificates, or comes from GetCertificate, which is
	// asked at each handshake, so that a file may be read again; for connections
	// that this side opens from GetClientCertificate, if that is set. It must be
	// good for both: ExtKeyUsage ServerAuth and ClientAuth.
	//
	// The authorities are RootCAs; ClientCAs, if set, those of peers that open
	// connections. GetConfigForClient may choose for each of them, and what it
	// returns is held to the same rules. ServerName, if set, is a name that all
	// certificates must have. MinVersion, ClientAuth and what belongs to the
	// resumption of sessions is set for you.
	TLS *tls.Config
	// Identity says who a peer is by its certificate, which has been verified.
	// An error refuses the peer. Default: its first DNS name, and a certificate
	// without one is refused.
	Identity func(*x509.Certificate) (string, error)
	// MaxAge is after how long a connection for packets is closed, so that its
	// peer shows its certificate again; it is closed when that expires, too.
	// Default 1 h.
	MaxAge time.Duration
}

var (
	errNoDNSName     = errors.New("it has no DNS name")
	errNoCertificate = errors.New("swim: the peer shows no certificate")
)

func firstDNSName(c *x509.Certificate) (string, error) {
	if len(c.DNSNames) == 0 {
		return "", errNoDNSName
	}
	return c.DNSNames[0], nil
}

// sides are the configurations for the two ends of a connection.
type sides struct{ server, client *tls.Config }

// newSides makes of a user's configuration one that lets nobody in unverified.
func newSides(c *tls.Config) (*sides, error) {
	if c == nil {
		return nil, fmt.Errorf("%w: TLS is nil: want a certificate, and the authorities of the cluster", ErrConfig)
	}
	if err := checkTLS(c); err != nil {
		return nil, err
	}
	c = c.Clone()
	return &sides{server: serverSide(c), client: clientSide(c)}, nil
}

func checkTLS(c *tls.Config) error {
	var wrong []error
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%w: "+format, append([]any{ErrConfig}, args...)...))
	}
	if len(c.Certificates) == 0 && c.GetCertificate == nil {
		say("TLS has no certificate: set Certificates or GetCertificate")
	}
	if c.RootCAs == nil && c.ClientCAs == nil {
		say("TLS has no authorities: set RootCAs, since those of the system vouch for anybody")
	}
	if c.InsecureSkipVerify {
		say("TLS.InsecureSkipVerify is true: leave it out; without ServerName no name is asked for")
	}
	if c.MaxVersion != 0 && c.MaxVersion < tls.VersionTLS13 {
		say("TLS.MaxVersion is %s: want TLS 1.3, or 0", tls.VersionName(c.MaxVersion))
	}
	return errors.Join(wrong...)
}

// authorities returns the first pool that is set.
func authorities(pools ...*x509.CertPool) *x509.CertPool {
	for _, p := range pools {
		if p != nil {
			return p
		}
	}
	return nil
}

// common is what both ends have.
func common(c *tls.Config) *tls.Config {
	c = c.Clone()
	c.MinVersion = tls.VersionTLS13
	// A session resumed is one whose certificates nobody shows again.
	c.SessionTicketsDisabled = true
	c.ClientSessionCache = nil
	return c
}

func serverSide(c *tls.Config) *tls.Config {
	server := common(c)
	server.ClientAuth = tls.RequireAndVerifyClientCert
	server.ClientCAs = authorities(c.ClientCAs, c.RootCAs)
	if c.GetCertificate != nil && len(c.Certificates) > 0 {
		// Peers ask for no name, and so crypto/tls would take the first of
		// Certificates and never ask.
		server.Certificates = nil
		server.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			own, err := c.GetCertificate(hello)
			if own != nil || err != nil {
				return own, err
			}
			return oneOf(c.Certificates, hello.SupportsCertificate), nil
		}
	}
	if choose := c.GetConfigForClient; choose != nil {
		server.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			chosen, err := choose(hello)
			if err != nil || chosen == nil {
				return nil, err
			}
			if err := checkTLS(chosen); err != nil {
				return nil, err
			}
			s := serverSide(chosen)
			s.GetConfigForClient = nil
			return s, nil
		}
	}
	return server
}

func clientSide(c *tls.Config) *tls.Config {
	client := common(c)
	client.RootCAs = authorities(c.RootCAs, c.ClientCAs)
	if c.GetClientCertificate == nil && c.GetCertificate != nil {
		client.GetClientCertificate = func(r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			own, err := c.GetCertificate(&tls.ClientHelloInfo{
				ServerName:        c.ServerName,
				SignatureSchemes:  r.SignatureSchemes,
				SupportedVersions: []uint16{tls.VersionTLS13},
			})
			if own != nil || err != nil {
				return own, err
			}
			// From there that means one of Certificates; from here it would be a panic.
			if own = oneOf(c.Certificates, r.SupportsCertificate); own == nil {
				own = new(tls.Certificate)
			}
			return own, nil
		}
	}
	if c.ServerName == "" {
		// crypto/tls verifies a name or nothing at all; so nothing, and then the
		// chain by ourselves.
		client.InsecureSkipVerify = true
		client.VerifyConnection = func(s tls.ConnectionState) error {
			if err := verifyChain(client, s.PeerCertificates); err != nil {
				return err
			}
			if c.VerifyConnection != nil {
				return c.VerifyConnection(s)
			}
			return nil
		}
	}
	return client
}

// oneOf returns the first certificate that the peer supports, or the first.
func oneOf(certificates []tls.Certificate, supports func(*tls.Certificate) error) *tls.Certificate {
	for i := range certificates {
		if supports(&certificates[i]) == nil {
			return &certificates[i]
		}
	}
	if len(certificates) > 0 {
		return &certificates[0]
	}
	return nil
}

// verifyChain does what crypto/tls does with a server's certificates, but for
// the name.
func verifyChain(c *tls.Config, chain []*x509.Certificate) error {
	if len(chain) == 0 {
		return errNoCertificate
	}
	options := x509.VerifyOptions{
		Roots:         c.RootCAs,
		Intermediates: x509.NewCertPool(),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if c.Time != nil {
		options.CurrentTime = c.Time()
	}
	for _, cert := range chain[1:] {
		options.Intermediates.AddCert(cert)
	}
	if _, err := chain[0].Verify(options); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err}
	}
	return nil
}
