package security

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"

	"golang.org/x/crypto/chacha20poly1305"
)

// box seals messages under one key. Any number of goroutines may use it at once.
type box interface {
	// seal appends the body and the tag of plain to dst, which ends in prefix.
	seal(dst, prefix, plain, header []byte) []byte
	// open appends what body and tag hold to dst, or reveals nothing. Both
	// are of tagBytes at least together.
	open(dst, prefix, sealed, header []byte) ([]byte, bool)
}

// boxMaker returns the box of a session. It is called before anything is
// authenticated, so it has to be cheap.
type boxMaker func(session []byte) box

// algorithm is an index into suites.
type algorithm int

const (
	hmacSHA256 algorithm = iota
	aes256GCM
	xchacha20Poly1305
	algorithms
)

// suites are the ways to seal. The name gives each a key of its own, so that one
// keyring serves all of them, and what one has sealed never opens by another.
var suites = [algorithms]struct {
	name string
	bind func(subkey []byte) boxMaker
}{
	hmacSHA256:        {"hmac-sha256", bindHMAC},
	aes256GCM:         {"aes-256-gcm", bindGCM},
	xchacha20Poly1305: {"xchacha20-poly1305", bindXChaCha},
}

// subkey derives the key of one algorithm.
func subkey(k Key, name string) []byte {
	return must(hkdf.Key(sha256.New, k.secret[:], nil, "swim sealer v1 "+name, KeyBytes))
}

// must is for what fails only if a constant of this package is wrong.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// aeadBox authenticates the header as associated data. The prefix needs no place
// there: the key and the nonce are made of all its bytes, and a packet whose key
// or nonce is not the sender's does not open.
type aeadBox struct {
	cipher.AEAD
	nonceAt int // where the nonce begins in the prefix; it goes to its end
}

func (b *aeadBox) seal(dst, prefix, plain, header []byte) []byte {
	return b.Seal(dst, prefix[b.nonceAt:], plain, header)
}

func (b *aeadBox) open(dst, prefix, sealed, header []byte) ([]byte, bool) {
	plain, err := b.Open(dst, prefix[b.nonceAt:], sealed, header)
	return plain, err == nil
}

// bindXChaCha: the nonce of 24 bytes has room for the session, so all sessions
// share a key.
func bindXChaCha(subkey []byte) boxMaker {
	b := &aeadBox{must(chacha20poly1305.NewX(subkey)), sessionAt}
	return func([]byte) box { return b }
}

// bindGCM: a nonce of 12 bytes is too short to be random, or to hold a session
// and a counter. So each session has a key, in which the counter alone is unique.
func bindGCM(subkey []byte) boxMaker {
	return func(session []byte) box {
		// The subkey is as good as random, so HKDF's second half is enough.
		key := must(hkdf.Expand(sha256.New, subkey, "swim session "+string(session), KeyBytes))
		return &aeadBox{must(cipher.NewGCM(must(aes.NewCipher(key)))), counterAt}
	}
}
