package security

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// Keys for tokens are files in PEM, as other tools write and read them: PKCS #8
// for the private one ("openssl genpkey -algorithm ed25519"), and PKIX, one or
// several to a file, for the public ones.
const (
	pemPrivate = "PRIVATE KEY"
	pemPublic  = "PUBLIC KEY"
	// maxTokenKeyBytes bounds a file with a private key, which has 119.
	maxTokenKeyBytes = 1 << 16
)

// MarshalTokenKey returns the PEM form of a private key.
func MarshalTokenKey(key ed25519.PrivateKey) ([]byte, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("swim: Ed25519 private key of %d bytes, want %d", len(key), ed25519.PrivateKeySize)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("swim: token key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPrivate, Bytes: der}), nil
}

// ParseTokenKey reads one private key from its PEM form, PKCS #8: one made by
// [MarshalTokenKey], or by "openssl genpkey -algorithm ed25519".
func ParseTokenKey(text []byte) (ed25519.PrivateKey, error) {
	blocks, err := tokenKeyBlocks(text, pemPrivate)
	if err != nil {
		return nil, err
	}
	if len(blocks) != 1 {
		return nil, fmt.Errorf("swim: %d private keys, want one", len(blocks))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(blocks[0])
	if err != nil {
		return nil, fmt.Errorf("swim: token key: %w", err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("swim: token key is a %T, want one for Ed25519", parsed)
	}
	return key, nil
}

// MarshalTokenPublicKeys returns the PEM form of public keys, one after the other.
func MarshalTokenPublicKeys(keys ...ed25519.PublicKey) ([]byte, error) {
	var text []byte
	for _, key := range keys {
		if err := checkTokenKey(key); err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			return nil, fmt.Errorf("swim: token key: %w", err)
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: der})...)
	}
	return text, nil
}

// ParseTokenPublicKeys reads all public keys from their PEM form. There is at
// least one, or an error.
func ParseTokenPublicKeys(text []byte) ([]ed25519.PublicKey, error) {
	blocks, err := tokenKeyBlocks(text, pemPublic)
	if err != nil {
		return nil, err
	}
	var keys []ed25519.PublicKey
	for _, der := range blocks {
		parsed, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			return nil, fmt.Errorf("swim: token key: %w", err)
		}
		key, ok := parsed.(ed25519.PublicKey)
		if !ok {
			return nil, fmt.Errorf("swim: token key is a %T, want one for Ed25519", parsed)
		}
		if err := checkTokenKey(key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// tokenKeyBlocks returns what the PEM blocks of a text hold. All have to be of
// that kind: a private key where a public one belongs is about to be given away.
func tokenKeyBlocks(text []byte, kind string) (blocks [][]byte, err error) {
	begun := bytes.Count(text, []byte("-----BEGIN "))
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != kind {
			return nil, fmt.Errorf("swim: token key: PEM block %q, want %q", block.Type, kind)
		}
		blocks = append(blocks, block.Bytes)
	}
	// The decoder passes over what it cannot read. A key would be missing.
	if len(blocks) == 0 || len(blocks) != begun {
		return nil, fmt.Errorf("swim: token key: %d of %d PEM blocks can be read, want at least one, and all", len(blocks), begun)
	}
	return blocks, nil
}

// WriteTokenKey writes a private key to a new file that only its owner may
// read. A file that is there already is an error, and is left as it is.
func WriteTokenKey(path string, key ed25519.PrivateKey) error {
	text, err := MarshalTokenKey(key)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("swim: token key: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path) // half a key is none
		return fmt.Errorf("swim: token key: %w", err)
	}
	return nil
}

// ReadTokenKey reads a private key from a file. On systems where files have a
// mode, one that others than its owner may read or write is an error.
func ReadTokenKey(path string) (ed25519.PrivateKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("swim: token key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("swim: token key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("swim: token key: %s has mode %04o, and is for its owner alone: chmod 600 it", path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxTokenKeyBytes))
	if err != nil {
		return nil, fmt.Errorf("swim: token key: %w", err)
	}
	return ParseTokenKey(text)
}
