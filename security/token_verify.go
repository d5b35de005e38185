package security

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/swim-go/swim/wire"
)

// TokenLeeway is for how long after its end a token is still taken, since the
// clock that the signer had in mind and the verifier's may differ.
const TokenLeeway = time.Minute

// TokenVerifier checks join tokens, for one cluster. It is an [Admission] that
// asks each member for one. Any number of goroutines may use it at once.
//
// A signature takes about 0.1 ms to check, once for each token and name: those
// that were good are remembered, the last 32,768 at least, so asking again takes
// a fraction of a microsecond. Before it checks a signature, it checks all else.
type TokenVerifier struct {
	cluster  string
	keys     map[tokenID]ed25519.PublicKey
	verified tokenCache
}

// NewTokenVerifier returns a verifier for the cluster of that name, which takes
// tokens signed with any of the keys. To change the signer's key, give all
// verifiers the new one beside the old, then have new tokens signed with the new
// one, and take the old one away when no token of it is left.
func NewTokenVerifier(cluster string, keys ...ed25519.PublicKey) (*TokenVerifier, error) {
	var problems []error
	if len(cluster) > tokenClusterBytes {
		problems = append(problems, errTokenCluster)
	}
	if len(keys) == 0 {
		problems = append(problems, errors.New("swim: no key to verify tokens with: give the signer's public key"))
	}
	v := &TokenVerifier{cluster: cluster, keys: make(map[tokenID]ed25519.PublicKey)}
	for i, key := range keys {
		if err := checkTokenKey(key); err != nil {
			problems = append(problems, fmt.Errorf("swim: key %d of %d: %w", i+1, len(keys), err))
			continue
		}
		v.keys[tokenIDOf(key)] = ed25519.PublicKey(append([]byte(nil), key...))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return v, nil
}

// Verify returns nil if the token lets a member of that name, at that address
// in host:port notation, be in the cluster now. Else the error is a
// [TokenExpiredError] or wraps one of [ErrTokenMissing], [ErrTokenMalformed],
// [ErrTokenKey], [ErrTokenNetwork] and [ErrTokenSignature]. Only a token that
// is bound to a network needs the address. Token and name may be views: what is
// remembered of them is copied.
func (v *TokenVerifier) Verify(token, name, addr string, now time.Time) error {
	t, known := v.verified.find(token, name)
	if known {
		return t.hold(addr, now)
	}
	t, sig, err := parseToken(token)
	if err != nil {
		return err
	}
	key, ok := v.keys[t.key]
	if !ok {
		return fmt.Errorf("%w: %x", ErrTokenKey, t.key)
	}
	if err := t.hold(addr, now); err != nil {
		return err
	}
	var room [tokenMessageBytes]byte
	if !ed25519.Verify(key, t.appendMessage(room[:0], v.cluster, name), sig[:]) {
		return ErrTokenSignature
	}
	v.verified.add(token, name, t)
	return nil
}

// Admit verifies the token that a member announces.
func (v *TokenVerifier) Admit(m wire.Member, now time.Time) error {
	return v.Verify(m.Token, m.Name, m.Addr, now)
}

// hold checks what changes while the signature stays good.
func (t terms) hold(addr string, now time.Time) error {
	if t.notAfter != 0 && now.Unix() > t.notAfter+int64(TokenLeeway/time.Second) {
		return &TokenExpiredError{time.Unix(t.notAfter, 0)}
	}
	if t.network.IsValid() {
		if ip, ok := ipOf(addr); !ok || !t.network.Contains(ip) {
			return ErrTokenNetwork
		}
	}
	return nil
}

// checkTokenKey refuses what is no public key. All zeros are one, by the letter: a
// point of order 4, under which anybody can sign. It is what a buffer holds
// that nobody filled.
func checkTokenKey(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("swim: Ed25519 public key of %d bytes, want %d", len(key), ed25519.PublicKeySize)
	}
	if [ed25519.PublicKeySize]byte(key) == [ed25519.PublicKeySize]byte{} {
		return errors.New("swim: Ed25519 public key of zeros")
	}
	return nil
}
