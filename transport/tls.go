package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

// TLS is a [TCP] over TLS 1.3 whose both sides show a certificate of an
// authority of the cluster's. [ListenTLS] makes one; the zero TLS is closed. All
// methods may be called from any goroutine at once.
//
// Whoever the authority vouches for is let in, whatever its name and address:
// packets go to addresses, which certificates of members seldom hold. That a
// member is who its certificate names, the identities say: ReadPacketIdentity,
// and PeerIdentity of streams.
//
// Sessions are not resumed, so that every connection shows the certificates of
// now. Receiving a packet costs an allocation of crypto/tls.
type TLS struct{ TCP }

// IdentifiedConn is a stream of [TLS], as DialStream and AcceptStream give it.
type IdentifiedConn interface {
	net.Conn
	// PeerIdentity is what TLSConfig.Identity made of the peer's certificate.
	PeerIdentity() string
	// CloseWrite tells the peer that nothing more is sent.
	CloseWrite() error
}

// ListenTLS is [ListenTCP] with TLS. Connections of peers count as arriving,
// within the limits and the Timeout, until their handshake has succeeded.
func ListenTLS(ctx context.Context, c TLSConfig) (*TLS, error) {
	k := &credentials{identify: c.Identity, maxAge: c.MaxAge}
	if k.identify == nil {
		k.identify = firstDNSName
	}
	if k.maxAge == 0 {
		k.maxAge = time.Hour
	}
	err := k.use(c.TLS)
	if c.MaxAge < 0 {
		err = errors.Join(err, fmt.Errorf("%w: MaxAge is %v: want more than 0, or 0 for the default", ErrConfig, c.MaxAge))
	}
	if err = errors.Join(err, c.check()); err != nil {
		return nil, err
	}
	t := new(TLS)
	t.secure = k
	if err := t.listen(ctx, c.TCPConfig); err != nil {
		return nil, err
	}
	return t, nil
}

// ReadPacketIdentity is ReadPacket, and returns who sent the packet too: what
// TLSConfig.Identity made of the certificate that the sender has shown and holds
// the key of.
func (t *TLS) ReadPacketIdentity(p []byte) (n int, from, identity string, err error) {
	return t.read(p)
}

// SetTLS makes c the configuration of all handshakes from now on, as
// TLSConfig.TLS was until now. It lets certificates and authorities be rotated
// while t runs: first the authorities of all nodes become the old and the new
// one, then the certificates change, then the old authority goes. Open
// connections stay, for TLSConfig.MaxAge at most. After an error, which wraps
// [ErrConfig], all is as it was.
func (t *TLS) SetTLS(c *tls.Config) error {
	if t.secure == nil {
		return errClosed
	}
	return t.secure.use(c)
}

// errAged: the peer has to show its certificate again.
var errAged = fmt.Errorf("%w: the connection has reached its age", errIdle)

// credentials are what a TLS shows to peers, and asks of them.
type credentials struct {
	sides    atomic.Pointer[sides]
	identify func(*x509.Certificate) (string, error)
	maxAge   time.Duration
}

func (k *credentials) use(c *tls.Config) error {
	s, err := newSides(c)
	if err == nil {
		k.sides.Store(s)
	}
	return err
}

func (k *credentials) dial(ctx context.Context, raw *net.TCPConn) (*carrier, error) {
	return k.shake(ctx, raw, tls.Client(raw, k.sides.Load().client))
}

func (k *credentials) accept(ctx context.Context, raw *net.TCPConn) (*carrier, error) {
	return k.shake(ctx, raw, tls.Server(raw, k.sides.Load().server))
}

// shake makes sure of who the peer is.
func (k *credentials) shake(ctx context.Context, raw *net.TCPConn, conn *tls.Conn) (*carrier, error) {
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnverified, err)
	}
	chain := conn.ConnectionState().PeerCertificates
	if len(chain) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrUnverified, errNoCertificate)
	}
	leaf := chain[0]
	identity, err := k.identify(leaf)
	if err != nil {
		return nil, fmt.Errorf("%w: the certificate of %q: %w", ErrUnverified, leaf.Subject, err)
	}
	return &carrier{Conn: conn, raw: raw, identity: identity, until: leaf.NotAfter}, nil
}

// lifetime is how long a connection may last whose peer's certificate expires
// at a time. Connections that were opened together do not end together.
func (k *credentials) lifetime(until time.Time) time.Duration {
	age := k.maxAge - rand.N(k.maxAge/4+1)
	return min(age, time.Until(until))
}

// tlsStream is a stream that knows its peer.
type tlsStream struct {
	*tls.Conn
	identity string
}

var _ IdentifiedConn = (*tlsStream)(nil)

func secureStream(c *carrier) net.Conn { return &tlsStream{c.Conn.(*tls.Conn), c.identity} }

// PeerIdentity implements [IdentifiedConn].
func (s *tlsStream) PeerIdentity() string { return s.identity }
