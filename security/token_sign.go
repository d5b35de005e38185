package security

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
)

// TokenSigner makes join tokens. One is enough for a cluster, and it need not be
// on a member: no node needs the private key.
type TokenSigner struct {
	key    crypto.Signer
	public ed25519.PublicKey
	id     tokenID
}

// NewTokenSigner returns a signer with an Ed25519 key: an [ed25519.PrivateKey], or
// whatever stands for one that is kept elsewhere. Any other key is an error.
// [ed25519.GenerateKey] makes a new one, [WriteTokenKey] keeps it in a file.
func NewTokenSigner(key crypto.Signer) (*TokenSigner, error) {
	if private, ok := key.(ed25519.PrivateKey); ok && len(private) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("swim: Ed25519 private key of %d bytes, want %d", len(private), ed25519.PrivateKeySize)
	}
	if key == nil {
		return nil, errors.New("swim: no key to sign tokens with")
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("swim: tokens are signed with an Ed25519 key, not with one for %T", key.Public())
	}
	if err := checkTokenKey(public); err != nil {
		return nil, err
	}
	return &TokenSigner{key, public, tokenIDOf(public)}, nil
}

// Sign makes the token for a grant: up to 132 characters of A-Z, a-z, 0-9, - and
// _, and 110 where it is not bound to a network. The same grant and key make the
// same token. An error says what is wrong with the grant, or is the key's own.
func (s *TokenSigner) Sign(g Grant) (string, error) {
	t, err := g.terms(s.id)
	if err != nil {
		return "", err
	}
	message := t.appendMessage(nil, g.Cluster, g.Name)
	sig, err := s.key.Sign(rand.Reader, message, crypto.Hash(0))
	if err != nil {
		return "", fmt.Errorf("swim: signing a token: %w", err)
	}
	// A key that is kept elsewhere may turn out to be another, and a token that
	// nobody takes is found out late.
	if !ed25519.Verify(s.public, message, sig) {
		return "", errors.New("swim: signing a token: the key made a signature that does not verify")
	}
	return tokenText.EncodeToString(append(t.appendTo(nil), sig...)), nil
}
