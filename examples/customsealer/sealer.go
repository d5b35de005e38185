package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/swim-go/swim"
)

// fipsSealer seals by AES-256-GCM with what Go's FIPS 140-3 module approves, and
// so works where GODEBUG=fips140=only forbids the rest. The sealers of package
// security choose their nonces themselves, which that mode does not allow.
//
// Each packet has a key of its own, made of the cluster's and a random salt that
// travels with it. GCM with random nonces is good for 2^32 packets under one key,
// and a large cluster with one for all would be there within days.
//
// It has no state, so any number of goroutines may use it at once; and so it does
// not know a packet that it has opened before.
type fipsSealer struct {
	// Keys are of keyBytes each. The first seals, and all of them open.
	Keys [][]byte
}

var (
	_ swim.Sealer    = (*fipsSealer)(nil)
	_ swim.Validator = (*fipsSealer)(nil)
)

const (
	keyBytes  = 32
	saltBytes = 16
	gcmBytes  = 12 + 16 // the nonce and the tag
	maxKeys   = 2       // for a rotation; each costs time for every forged packet
)

var errForged = errors.New("sealed with another key, or altered")

// Validate is asked by swim.Start, before anything is sent.
func (s *fipsSealer) Validate() error {
	if len(s.Keys) == 0 || len(s.Keys) > maxKeys {
		return fmt.Errorf("it has %d keys: give 1 to %d", len(s.Keys), maxKeys)
	}
	for i, key := range s.Keys {
		if len(key) != keyBytes {
			return fmt.Errorf("key %d has %d bytes: give %d random ones", i, len(key), keyBytes)
		}
	}
	return nil
}

// packetCipher is the cipher of the one packet that has this salt.
func packetCipher(key, salt []byte) (cipher.AEAD, error) {
	packetKey, err := hkdf.Key(sha256.New, key, salt, "swim packet", keyBytes)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(packetKey)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal appends salt, nonce, hidden text and tag. The tag covers the header, too,
// which names the cluster: packets of another with the same key do not open.
func (s *fipsSealer) Seal(dst, plain, header []byte) ([]byte, error) {
	var salt [saltBytes]byte
	rand.Read(salt[:])
	aead, err := packetCipher(s.Keys[0], salt[:])
	if err != nil {
		return dst, err
	}
	return aead.Seal(append(dst, salt[:]...), nil, plain, header), nil
}

// Open tries one key after the other, each of which finds sealed unharmed.
func (s *fipsSealer) Open(dst, sealed, header []byte) ([]byte, error) {
	if len(sealed) < saltBytes+gcmBytes {
		return nil, errForged
	}
	for _, key := range s.Keys {
		if aead, err := packetCipher(key, sealed[:saltBytes]); err == nil {
			if plain, err := aead.Open(dst, nil, sealed[saltBytes:], header); err == nil {
				return plain, nil
			}
		}
	}
	return nil, errForged
}

// Overhead has to be right: packets are filled by it.
func (s *fipsSealer) Overhead() int { return saltBytes + gcmBytes }
