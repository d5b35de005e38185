package security_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// tokenKey is a private key that is the same in each run.
func tokenKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), seed))
}

func publicKey(seed byte) ed25519.PublicKey { return tokenKey(seed).Public().(ed25519.PublicKey) }

func sign(t testing.TB, seed byte, g security.Grant) string {
	t.Helper()
	s, err := security.NewTokenSigner(tokenKey(seed))
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.Sign(g)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func verifier(t testing.TB, cluster string, seeds ...byte) *security.TokenVerifier {
	t.Helper()
	var keys []ed25519.PublicKey
	for _, seed := range seeds {
		keys = append(keys, publicKey(seed))
	}
	v, err := security.NewTokenVerifier(cluster, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerify(t *testing.T) {
	plain := security.Grant{Name: "db-1", Cluster: "prod", NotAfter: noon}
	forever := security.Grant{Name: "db-1", Cluster: "prod"}
	bound := security.Grant{Name: "db-1", Cluster: "prod", Network: netip.MustParsePrefix("10.0.0.0/8")}
	bound6 := security.Grant{Name: "db-1", Cluster: "prod", Network: netip.MustParsePrefix("fd00::/8")}
	const addr = "10.1.2.3:7946"
	v := verifier(t, "prod", 1, 2)
	for _, test := range []struct {
		what, token, name, addr string
		now                     time.Time
		want                    error
	}{
		{"good", sign(t, 1, plain), "db-1", addr, noon, nil},
		{"of the second key", sign(t, 2, plain), "db-1", addr, noon, nil},
		{"without an address", sign(t, 1, plain), "db-1", "", noon, nil},
		{"within the leeway", sign(t, 1, plain), "db-1", addr, noon.Add(security.TokenLeeway), nil},
		{"long before", sign(t, 1, plain), "db-1", addr, time.Time{}, nil},
		{"never ends", sign(t, 1, forever), "db-1", addr, noon.AddDate(1000, 0, 0), nil},
		{"in the network", sign(t, 1, bound), "db-1", addr, noon, nil},
		{"in the network, mapped", sign(t, 1, bound), "db-1", "[::ffff:10.1.2.3]:1", noon, nil},
		{"in the IPv6 network", sign(t, 1, bound6), "db-1", "[fd00::1%eth0]:1", noon, nil},

		{"none", "", "db-1", addr, noon, security.ErrTokenMissing},
		{"of a key unknown", sign(t, 3, plain), "db-1", addr, noon, security.ErrTokenKey},
		{"for another name", sign(t, 1, plain), "db-2", addr, noon, security.ErrTokenSignature},
		{"for a prefix of the name", sign(t, 1, plain), "db-11", addr, noon, security.ErrTokenSignature},
		{"no name", sign(t, 1, plain), "", addr, noon, security.ErrTokenSignature},
		{"no name that can be", sign(t, 1, plain), strings.Repeat("n", 256+len("db-1")), addr, noon, security.ErrTokenSignature},
		{"for another cluster", sign(t, 1, security.Grant{Name: "db-1", Cluster: "test"}), "db-1", addr, noon, security.ErrTokenSignature},
		{"names shifted", sign(t, 1, security.Grant{Name: "d-db-1", Cluster: "pro"}), "db-1", addr, noon, security.ErrTokenSignature},
		{"outside of the network", sign(t, 1, bound), "db-1", "11.1.2.3:7946", noon, security.ErrTokenNetwork},
		{"bound, and no address", sign(t, 1, bound), "db-1", "", noon, security.ErrTokenNetwork},
		{"bound, and a host name", sign(t, 1, bound), "db-1", "10.example.com:1", noon, security.ErrTokenNetwork},
		{"no token", "hello", "db-1", addr, noon, security.ErrTokenMalformed},
		{"huge", strings.Repeat("A", 1<<20), "db-1", addr, noon, security.ErrTokenMalformed},
	} {
		for range 2 { // the second time, it may be remembered
			if err := v.Verify(test.token, test.name, test.addr, test.now); !errors.Is(err, test.want) || err != nil && !errors.Is(err, security.ErrRefused) {
				t.Errorf("%s: %v, want %v", test.what, err, test.want)
			}
		}
	}
	if err := v.Verify(sign(t, 3, plain), "db-1", addr, noon); !strings.Contains(err.Error(), security.TokenKeyID(publicKey(3))) {
		t.Errorf("%v does not say which key", err)
	}
}

// A token that was good, and is remembered, ends all the same, and does not hold
// at another address.
func TestExpiryIsNotRemembered(t *testing.T) {
	v := verifier(t, "prod", 1)
	token := sign(t, 1, security.Grant{Name: "a", Cluster: "prod", NotAfter: noon, Network: netip.MustParsePrefix("10.0.0.1/32")})
	late := noon.Add(security.TokenLeeway + time.Second)
	for range 2 {
		if err := v.Verify(token, "a", "10.0.0.1:1", noon); err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(token, "a", "10.0.0.2:1", noon); !errors.Is(err, security.ErrTokenNetwork) {
			t.Errorf("at another address: %v", err)
		}
		err := v.Verify(token, "a", "10.0.0.1:1", late)
		var expired *security.TokenExpiredError
		if !errors.As(err, &expired) || !expired.NotAfter.Equal(noon) || !errors.Is(err, security.ErrRefused) {
			t.Errorf("%v, want expired at %v", err, noon)
		}
		if got, want := security.Reason(err), "join token expired at 2030-01-01T12:00:00Z"; got != want {
			t.Errorf("the reason is %q, want %q", got, want)
		}
	}
	if err := verifier(t, "prod", 1).Verify(token, "a", "10.0.0.1:1", late); err == nil {
		t.Error("expired, and never seen before: taken")
	}
}

func TestVerifierIsAnAdmission(t *testing.T) {
	var a security.Admission = security.All(security.AllowNetworks(netip.MustParsePrefix("10.0.0.0/8")), verifier(t, "prod", 1))
	m := wire.Member{Name: "db-1", Addr: "10.1.2.3:7946", Token: sign(t, 1, security.Grant{Name: "db-1", Cluster: "prod"})}
	if err := a.Admit(m, noon); err != nil {
		t.Error(err)
	}
	m.Name = "db-2"
	if err := a.Admit(m, noon); !errors.Is(err, security.ErrTokenSignature) {
		t.Errorf("another name: %v", err)
	}
}

func TestSignRefusesWhatNobodyTakes(t *testing.T) {
	s, err := security.NewTokenSigner(tokenKey(1))
	if err != nil {
		t.Fatal(err)
	}
	for field, g := range map[string]security.Grant{
		"Name":      {Cluster: "prod"},
		"Name ":     {Name: "new\nline"},
		"Cluster":   {Name: "a", Cluster: strings.Repeat("c", 256)},
		"NotAfter":  {Name: "a", NotAfter: time.Unix(0, 0)},
		"NotAfter ": {Name: "a", NotAfter: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"Network":   {Name: "a", Network: netip.PrefixFrom(netip.MustParseAddr("10.0.0.0"), 33)},
	} {
		token, err := s.Sign(g)
		if token != "" || err == nil || !strings.Contains(err.Error(), "Grant."+strings.TrimSpace(field)) {
			t.Errorf("%s: %q, %v", field, token, err)
		}
	}
	_, err = s.Sign(security.Grant{NotAfter: time.Unix(0, 0)})
	if err == nil || !strings.Contains(err.Error(), "Name") || !strings.Contains(err.Error(), "NotAfter") {
		t.Errorf("not all at once: %v", err)
	}
}

// The limits of a grant are those of wire and of a cluster's Config.
func TestLongestToken(t *testing.T) {
	g := security.Grant{
		Name: strings.Repeat("n", wire.MaxNameBytes), Cluster: strings.Repeat("c", 255),
		NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), Network: netip.MustParsePrefix("fd00::/128"),
	}
	token := sign(t, 1, g)
	if len(token) != 132 || len(token) > wire.MaxTokenBytes {
		t.Errorf("%d characters", len(token))
	}
	if err := verifier(t, g.Cluster, 1).Verify(token, g.Name, "[fd00::]:1", noon); err != nil {
		t.Error(err)
	}
	g.Network = netip.Prefix{}
	if token = sign(t, 1, g); len(token) != 110 {
		t.Errorf("%d characters", len(token))
	}
}

// faultySigner stands for a key kept elsewhere, behind a faulty line.
type faultySigner struct {
	public crypto.PublicKey
	sig    []byte
	err    error
}

func (s faultySigner) Public() crypto.PublicKey { return s.public }

func (s faultySigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return s.sig, s.err }

func TestSignerOfOddKeys(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{
		"none": nil, "short": ed25519.PrivateKey("short"), "another kind": other,
		"short public": faultySigner{public: ed25519.PublicKey("short")}, "zeros": faultySigner{public: make(ed25519.PublicKey, 32)},
	} {
		if s, err := security.NewTokenSigner(key); s != nil || err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, key := range map[string]faultySigner{
		"fails": {public: publicKey(1), err: errForged}, "signs wrongly": {public: publicKey(1), sig: make([]byte, 64)},
		"short signature": {public: publicKey(1), sig: []byte("short")},
	} {
		s, err := security.NewTokenSigner(key)
		if err != nil {
			t.Fatal(err)
		}
		if token, err := s.Sign(security.Grant{Name: "a"}); token != "" || err == nil || !errors.Is(err, key.err) && key.err != nil {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
}

func TestVerifierOfOddKeys(t *testing.T) {
	for name, keys := range map[string][]ed25519.PublicKey{
		"none": nil, "nil": {nil}, "short": {publicKey(1), publicKey(2)[:31]}, "zeros": {make(ed25519.PublicKey, 32)},
	} {
		if v, err := security.NewTokenVerifier("prod", keys...); v != nil || err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if v, err := security.NewTokenVerifier(strings.Repeat("c", 256), publicKey(1)); v != nil || err == nil {
		t.Error("a cluster's name that is too long: accepted")
	}
	key := publicKey(1)
	v, err := security.NewTokenVerifier("prod", key)
	if err != nil {
		t.Fatal(err)
	}
	clear(key) // the caller's
	if err := v.Verify(sign(t, 1, security.Grant{Name: "a", Cluster: "prod"}), "a", "", noon); err != nil {
		t.Errorf("the caller changed its key: %v", err)
	}
	var zero security.TokenVerifier
	if err := zero.Verify(sign(t, 1, security.Grant{Name: "a"}), "a", "", noon); !errors.Is(err, security.ErrTokenKey) {
		t.Errorf("the zero verifier: %v", err)
	}
}

// No token passes that differs from a good one in anything.
func TestEveryFlippedBitOfATokenIsRefused(t *testing.T) {
	v := verifier(t, "prod", 1)
	for addr, g := range map[string]security.Grant{
		"":            {Name: "a", Cluster: "prod"},
		"10.0.0.1:1":  {Name: "a", Cluster: "prod", NotAfter: noon, Network: netip.MustParsePrefix("10.0.0.0/31")},
		"[fd00::1]:1": {Name: "a", Cluster: "prod", NotAfter: noon, Network: netip.MustParsePrefix("fd00::/127")},
	} {
		token := sign(t, 1, g)
		if err := v.Verify(token, "a", addr, noon); err != nil {
			t.Fatal(err)
		}
		refused := func(what, token string) {
			t.Helper()
			if v.Verify(token, "a", addr, noon) == nil {
				t.Fatalf("%+v: %s: admitted as %q", g, what, token)
			}
		}
		for bit := range 8 * len(token) {
			text := []byte(token)
			text[bit/8] ^= 1 << (bit % 8)
			refused("text flipped", string(text))
		}
		binary, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * len(binary) {
			binary[bit/8] ^= 1 << (bit % 8)
			refused("binary flipped", base64.RawURLEncoding.EncodeToString(binary))
			binary[bit/8] ^= 1 << (bit % 8)
		}
		for n := range binary {
			refused("cut", base64.RawURLEncoding.EncodeToString(binary[:n]))
			refused("longer", base64.RawURLEncoding.EncodeToString(append(binary, binary[:n+1]...)))
		}
		// What decodes to the same bytes is another text, and so another token.
		for i := range len(token) + 1 {
			refused("with a line end", token[:i]+"\n"+token[i:])
			refused("with a line end for a character", token[:i]+"\r"+token[min(i+1, len(token)):])
		}
		refused("padded", token+"=")
		refused("padded", token+"==")
	}
}
