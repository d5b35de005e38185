package security_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/security"
)

// What "openssl genpkey -algorithm ed25519" and "openssl pkey -pubout" print for
// the key of RFC 8410, section 10.3.
const (
	opensslPrivate = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n"
	opensslPublic  = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
)

func TestKeysOfOtherTools(t *testing.T) {
	private, err := security.ParseTokenKey([]byte(opensslPrivate))
	if err != nil {
		t.Fatal(err)
	}
	public, err := security.ParseTokenPublicKeys([]byte("# the signer's\n" + opensslPublic))
	if err != nil || len(public) != 1 || !public[0].Equal(private.Public()) {
		t.Fatalf("%v, %v", public, err)
	}
	for want, marshal := range map[string]func() ([]byte, error){
		opensslPrivate: func() ([]byte, error) { return security.MarshalTokenKey(private) },
		opensslPublic:  func() ([]byte, error) { return security.MarshalTokenPublicKeys(public...) },
	} {
		if text, err := marshal(); err != nil || string(text) != want {
			t.Errorf("%s, %v, want %s", text, err, want)
		}
	}
}

func TestPublicKeysRoundTrip(t *testing.T) {
	keys := []ed25519.PublicKey{publicKey(1), publicKey(2), publicKey(3)}
	text, err := security.MarshalTokenPublicKeys(keys...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := security.ParseTokenPublicKeys(text)
	if err != nil || !slices.EqualFunc(got, keys, func(a, b ed25519.PublicKey) bool { return a.Equal(b) }) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	der, err := x509.MarshalPKCS8PrivateKey(other)
	otherPrivate := block("PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(other.Public())
	otherPublic := block("PUBLIC KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(make(ed25519.PublicKey, ed25519.PublicKeySize))
	zeros := block("PUBLIC KEY", der, err)

	for name, text := range map[string]string{
		"empty": "", "text": "hello", "public": opensslPublic, "two": opensslPrivate + opensslPrivate, "another kind": otherPrivate,
		"encrypted": block("ENCRYPTED PRIVATE KEY", []byte("x"), nil), "not DER": block("PRIVATE KEY", []byte("x"), nil),
		"cut": opensslPrivate[:len(opensslPrivate)-10], "with half of another": opensslPrivate + opensslPrivate[:40],
	} {
		if key, err := security.ParseTokenKey([]byte(text)); key != nil || err == nil || !strings.HasPrefix(err.Error(), "swim: ") {
			t.Errorf("private, %s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "private": opensslPrivate, "another kind": otherPublic, "zeros": zeros,
		"a private one too": opensslPublic + opensslPrivate, "not DER": block("PUBLIC KEY", []byte("x"), nil),
		"one cut": opensslPublic[:60] + opensslPublic, "the last cut": opensslPublic + opensslPublic[:60],
	} {
		if keys, err := security.ParseTokenPublicKeys([]byte(text)); keys != nil || err == nil || !strings.HasPrefix(err.Error(), "swim: ") {
			t.Errorf("public, %s: %v", name, err)
		}
	}
	if _, err := security.ParseTokenPublicKeys([]byte(opensslPrivate)); !strings.Contains(err.Error(), `"PRIVATE KEY", want "PUBLIC KEY"`) {
		t.Errorf("a private key for a public one: %v", err)
	}
	if text, err := security.MarshalTokenKey(ed25519.PrivateKey("short")); text != nil || err == nil {
		t.Errorf("a short private key is written as %s", text)
	}
	if text, err := security.MarshalTokenPublicKeys(publicKey(1), nil); text != nil || err == nil {
		t.Errorf("a public key of nothing is written as %s", text)
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signer.pem")
	if err := security.WriteTokenKey(path, tokenKey(1)); err != nil {
		t.Fatal(err)
	}
	key, err := security.ReadTokenKey(path)
	if err != nil || !key.Equal(tokenKey(1)) {
		t.Fatalf("%v", err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := security.WriteTokenKey(path, tokenKey(2)); err == nil {
		t.Error("overwrote a key")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed: %v", err)
	}
	if err := security.WriteTokenKey(filepath.Join(t.TempDir(), "x"), nil); err == nil {
		t.Error("wrote no key")
	}
	if runtime.GOOS == "windows" {
		return
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for _, mode := range []os.FileMode{0o604, 0o640, 0o620, 0o601, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if key, err := security.ReadTokenKey(path); key != nil || err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestReadTokenKeyOfOddFiles(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{large, filepath.Join(dir, "missing"), dir} {
		if key, err := security.ReadTokenKey(path); key != nil || err == nil || !strings.HasPrefix(err.Error(), "swim: ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
