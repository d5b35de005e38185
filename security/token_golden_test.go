package security_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

var rewriteTokens = flag.Bool("rewrite-tokens", false, "write testdata/token-v1.json anew")

const tokenVectors = "testdata/token-v1.json"

// tokenVector is a token that every version of this package makes and takes.
type tokenVector struct {
	Seed     string       `json:"seed"` // of the private key, in hex
	Name     string       `json:"name"`
	Cluster  string       `json:"cluster"`
	NotAfter int64        `json:"not_after"` // Unix seconds, 0 for never
	Network  netip.Prefix `json:"network"`
	Token    string       `json:"token"`
}

func (v tokenVector) grant() security.Grant {
	g := security.Grant{Name: v.Name, Cluster: v.Cluster, Network: v.Network}
	if v.NotAfter != 0 {
		g.NotAfter = time.Unix(v.NotAfter, 0)
	}
	return g
}

func (v tokenVector) key(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	seed, err := hex.DecodeString(v.Seed)
	if err != nil || len(seed) != ed25519.SeedSize {
		t.Fatalf("seed %q: %v", v.Seed, err)
	}
	return ed25519.NewKeyFromSeed(seed)
}

// message is what is signed, put together from the description of the format.
func (v tokenVector) message(key ed25519.PublicKey) []byte {
	id := sha256.Sum256(key)
	b := append([]byte("swim join token\x00\x01"), id[:8]...)
	b = binary.BigEndian.AppendUint64(b, uint64(v.NotAfter))
	if v.Network.IsValid() {
		ip := v.Network.Addr().AsSlice()
		b = append(append(append(b, byte(len(ip)+1)), ip...), byte(v.Network.Bits()))
	} else {
		b = append(b, 0)
	}
	b = append(append(b, byte(len(v.Cluster))), v.Cluster...)
	return append(append(b, byte(len(v.Name))), v.Name...)
}

func newTokenVectors() []tokenVector {
	seed := hex.EncodeToString(tokenKey(1).Seed())
	return []tokenVector{
		{Seed: seed, Name: "db-1", Cluster: "prod", NotAfter: noon.Unix()},
		{Seed: seed, Name: "db-1", Cluster: "prod"},
		{Seed: seed, Name: "db-1", NotAfter: 1},
		{Seed: seed, Name: "schön 東京", Cluster: "prod", NotAfter: 253402300799},
		{Seed: seed, Name: "db-1", Cluster: "prod", Network: netip.MustParsePrefix("10.0.0.0/8")},
		{Seed: seed, Name: "db-1", Cluster: "prod", NotAfter: noon.Unix(), Network: netip.MustParsePrefix("192.0.2.7/32")},
		{Seed: seed, Name: "db-1", Cluster: "prod", Network: netip.MustParsePrefix("0.0.0.0/0")},
		{Seed: seed, Name: "db-1", Cluster: "prod", Network: netip.MustParsePrefix("fd00:1::/32")},
		{
			Seed: hex.EncodeToString(tokenKey(2).Seed()), Cluster: strings.Repeat("c", 255),
			Name: strings.Repeat("n", wire.MaxNameBytes), Network: netip.MustParsePrefix("::/0"),
		},
	}
}

func readTokenVectors(t testing.TB) (vectors []tokenVector) {
	t.Helper()
	text, err := os.ReadFile(tokenVectors)
	if err == nil {
		err = json.Unmarshal(text, &vectors)
	}
	if err != nil || len(vectors) == 0 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	return vectors
}

func writeTokenVectors(t *testing.T) {
	vectors := newTokenVectors()
	for i := range vectors {
		v := &vectors[i]
		s, err := security.NewTokenSigner(v.key(t))
		if err == nil {
			v.Token, err = s.Sign(v.grant())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.MarshalIndent(vectors, "", "  ")
	if err == nil {
		err = os.WriteFile(tokenVectors, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestGoldenTokens(t *testing.T) {
	if *rewriteTokens {
		writeTokenVectors(t)
	}
	for _, v := range readTokenVectors(t) {
		key := v.key(t)
		public := key.Public().(ed25519.PublicKey)
		s, err := security.NewTokenSigner(key)
		if err != nil {
			t.Fatal(err)
		}
		if token, err := s.Sign(v.grant()); err != nil || token != v.Token {
			t.Errorf("%+v: signed as %q, %v", v, token, err)
		}
		verify, err := security.NewTokenVerifier(v.Cluster, public)
		if err != nil {
			t.Fatal(err)
		}
		addr := ""
		if v.Network.IsValid() {
			addr = netip.AddrPortFrom(v.Network.Addr(), 7946).String()
		}
		if err := verify.Verify(v.Token, v.Name, addr, time.Unix(v.NotAfter, 0)); err != nil {
			t.Errorf("%+v: %v", v, err)
		}
		// And any other program may check it by what the format says.
		binary, err := base64.RawURLEncoding.DecodeString(v.Token)
		if err != nil {
			t.Fatal(err)
		}
		head, sig := binary[:len(binary)-64], binary[len(binary)-64:]
		message := v.message(public)
		if !ed25519.Verify(public, message, sig) || string(message[16:16+len(head)]) != string(head) {
			t.Errorf("%+v: not what the format says", v)
		}
	}
}

// The format is as strict with what the right key has signed: else a token of
// some other program's would mean one thing here and another there.
func TestSignedButMalformed(t *testing.T) {
	key := tokenKey(1)
	public := key.Public().(ed25519.PublicKey)
	good := tokenVector{Name: "db-1", Cluster: "prod", NotAfter: noon.Unix()}.message(public)
	good = good[16 : len(good)-len("\x04prod\x04db-1")]
	with := func(at int, bytes ...byte) []byte {
		head := append([]byte(nil), good...)
		return append(head[:at], bytes...)
	}
	for name, test := range map[string]struct {
		head []byte
		want error
	}{
		"as it should be":       {good, nil},
		"version 0":             {append([]byte{0}, good[1:]...), security.ErrTokenMalformed},
		"version 2":             {append([]byte{2}, good[1:]...), security.ErrTokenMalformed},
		"after the year 9999":   {with(9, 0, 0, 0, 0x3b, 0, 0, 0, 0, 0), security.ErrTokenMalformed},
		"before 1970":           {with(9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0), security.ErrTokenMalformed},
		"network":               {with(17, 5, 10, 0, 0, 0, 8), security.ErrTokenNetwork},
		"network with a host":   {with(17, 5, 10, 1, 0, 0, 8), security.ErrTokenMalformed},
		"network of 33 bits":    {with(17, 5, 10, 0, 0, 0, 33), security.ErrTokenMalformed},
		"network of no address": {with(17, 1, 0), security.ErrTokenMalformed},
		"network of 3 bytes":    {with(17, 4, 10, 0, 0, 8), security.ErrTokenMalformed},
		"network of length 4":   {with(17, 4, 10, 0, 0, 0, 8), security.ErrTokenMalformed},
		"network unannounced":   {with(17, 0, 10, 0, 0, 0, 8), security.ErrTokenMalformed},
		"network, mapped":       {with(17, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 0, 104), security.ErrTokenMalformed},
	} {
		message := append(append([]byte("swim join token\x00"), test.head...), "\x04prod\x04db-1"...)
		token := base64.RawURLEncoding.EncodeToString(append(test.head, ed25519.Sign(key, message)...))
		if err := verifier(t, "prod", 1).Verify(token, "db-1", "", noon); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// FuzzVerify: nothing passes but what was signed, for the name that it was
// signed for; and nothing makes it panic.
func FuzzVerify(f *testing.F) {
	type signed struct{ token, name string }
	good := map[signed]bool{}
	vectors := readTokenVectors(f)
	verifiers := make([]*security.TokenVerifier, len(vectors))
	for i, v := range vectors {
		good[signed{v.Token, v.Name}] = true
		var err error
		if verifiers[i], err = security.NewTokenVerifier(v.Cluster, v.key(f).Public().(ed25519.PublicKey)); err != nil {
			f.Fatal(err)
		}
		f.Add(v.Token, v.Name, netip.AddrPortFrom(v.Network.Addr(), 1).String())
	}
	f.Add("", "", "")
	f.Add("AQ", "a", "10.0.0.1:1")
	f.Fuzz(func(t *testing.T, token, name, addr string) {
		for _, v := range verifiers {
			if v.Verify(token, name, addr, noon) == nil && !good[signed{token, name}] {
				t.Errorf("%q passes for %q at %q", token, name, addr)
			}
		}
	})
}
