package security

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
)

// KeyBytes is the length of a key.
const KeyBytes = 32

// Key is a secret that the nodes of a cluster share. Print it as you like: what
// shows is its [KeyID]. The zero value is no key.
type Key struct{ secret [KeyBytes]byte }

// KeyID tells the keys of a keyring apart. It is a hash of the key, no secret,
// and travels at the head of each sealed packet.
type KeyID [4]byte

// String returns the id as eight hex digits.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// GenerateKey returns a new random key.
func GenerateKey() Key {
	var k Key
	rand.Read(k.secret[:]) // it does not return if it fails
	return k
}

// NewKey returns the key of [KeyBytes] bytes, which should be as good as random.
// For what people make up there is [KeyFromPassphrase]. The error is [ErrBadKey].
func NewKey(secret []byte) (Key, error) {
	if len(secret) != KeyBytes {
		return Key{}, fmt.Errorf("%w: it has %d bytes: give %d", ErrBadKey, len(secret), KeyBytes)
	}
	k := Key{[KeyBytes]byte(secret)}
	if k.zero() {
		return Key{}, fmt.Errorf("%w: all its bytes are 0: take one of GenerateKey", ErrBadKey)
	}
	return k, nil
}

// ParseKey reads a key as [Key.Secret] writes it: base64, of the usual or the URL
// alphabet, padded or not; or as 64 hex digits. Spaces around it are ignored. The
// error is [ErrBadKey] and does not repeat the text.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	var secret []byte
	var err error
	if len(text) == hex.EncodedLen(KeyBytes) {
		secret, err = hex.DecodeString(text)
	} else {
		text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
		if len(text) == base64.StdEncoding.EncodedLen(KeyBytes) {
			text = strings.TrimSuffix(text, "=")
		}
		if len(text) != base64.RawStdEncoding.EncodedLen(KeyBytes) {
			return Key{}, fmt.Errorf("%w: it has %d characters: give 43 or 44 of base64, or 64 of hex", ErrBadKey, len(text))
		}
		// Strict: bits that belong to no byte are a slip of who copied it.
		secret, err = base64.RawStdEncoding.Strict().DecodeString(text)
	}
	if err != nil {
		return Key{}, fmt.Errorf("%w: it is neither base64 nor hex: give 43 or 44 characters of base64, or 64 of hex", ErrBadKey)
	}
	return NewKey(secret)
}

// Secret returns the key as text that [ParseKey] and [LoadKeyFile] read. Keep it
// where only the nodes can read it.
func (k Key) Secret() string { return base64.StdEncoding.EncodeToString(k.secret[:]) }

// ID returns the key's id.
func (k Key) ID() KeyID {
	sum := sha256.Sum256(append([]byte("swim key id "), k.secret[:]...))
	return KeyID(sum[:])
}

// Equal reports whether two keys are the same, in constant time.
func (k Key) Equal(other Key) bool {
	return subtle.ConstantTimeCompare(k.secret[:], other.secret[:]) == 1
}

func (k Key) zero() bool { return k.Equal(Key{}) }

// String returns the id, never the secret.
func (k Key) String() string {
	if k.zero() {
		return "Key()"
	}
	return "Key(" + k.ID().String() + ")"
}

// Format writes the id whatever the verb: %d or %#v would print the bytes.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue is what package slog writes.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText fails: a key that slips into a configuration dump or a log must
// not be written, and must not be lost in silence either. Use [Key.Secret].
func (k Key) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("%w: it is not written by accident: call Key.Secret", ErrBadKey)
}

// UnmarshalText is [ParseKey], for configurations that are decoded from text.
func (k *Key) UnmarshalText(text []byte) error {
	parsed, err := ParseKey(string(bytes.TrimSpace(text)))
	if err == nil {
		*k = parsed
	}
	return err
}
