package security_test

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

func TestVerifyingAgainAllocatesNothing(t *testing.T) {
	v := verifier(t, "prod", 1)
	m := wire.Member{Name: "db-1", Addr: "10.0.0.1:7946"}
	m.Token = sign(t, 1, security.Grant{Name: "db-1", Cluster: "prod", NotAfter: noon, Network: netip.MustParsePrefix("10.0.0.0/8")})
	if n := testing.AllocsPerRun(100, func() {
		if v.Admit(m, noon) != nil {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Nor does it feed the collector to send tokens that are bad.
func TestRefusingTokensAllocatesLittle(t *testing.T) {
	v := verifier(t, "prod", 1)
	token := sign(t, 1, security.Grant{Name: "db-1", Cluster: "prod"})
	bound := sign(t, 1, security.Grant{Name: "db-1", Cluster: "prod", Network: netip.MustParsePrefix("10.0.0.0/8")})
	for what, m := range map[string]wire.Member{
		"missing": {Name: "db-1"}, "cut": {Name: "db-1", Token: token[:100]}, "no base64": {Name: "db-1", Token: token[:109] + "!"},
		"another name": {Name: "db-2", Token: token}, "another network": {Name: "db-1", Addr: "11.0.0.1:1", Token: bound},
	} {
		most := 0.0
		switch what {
		case "no base64": // the decoder's error
			most = 1
		case "another name": // of crypto/ed25519, in a tenth of a millisecond
			most = 1
		}
		if n := testing.AllocsPerRun(20, func() {
			if v.Admit(m, noon) == nil {
				t.Fatal("admitted")
			}
		}); n > most {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}

// The goroutines of many streams ask at once.
func TestVerifierIsConcurrent(t *testing.T) {
	v := verifier(t, "prod", 1)
	var tokens []string
	for i := range 20 {
		tokens = append(tokens, sign(t, 1, security.Grant{Name: fmt.Sprint("m", i), Cluster: "prod"}))
	}
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for i := range 200 {
				name := i % len(tokens)
				if err := v.Verify(tokens[name], fmt.Sprint("m", name), "", noon); err != nil {
					t.Error(err)
				}
				if v.Verify(tokens[name], fmt.Sprint("m", name+1), "", noon) == nil {
					t.Error("another's token is taken")
				}
			}
		})
	}
	running.Wait()
}

func BenchmarkToken(b *testing.B) {
	g := security.Grant{Name: "db-1", Cluster: "prod", NotAfter: noon, Network: netip.MustParsePrefix("10.0.0.0/8")}
	token, v := sign(b, 1, g), verifier(b, "prod", 1)
	s, err := security.NewTokenSigner(tokenKey(1))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Sign(g); err != nil {
				b.Fatal(err)
			}
		}
	})
	run := func(name, token, member string, good bool) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if (v.Verify(token, member, "10.0.0.1:1", noon) == nil) != good {
					b.Fatal("misjudged")
				}
			}
		})
	}
	run("Verify/bad", token, "db-2", false) // as long as a good one at first
	run("Verify/again", token, "db-1", true)
	run("Verify/malformed", token[:100], "db-1", false)
}
