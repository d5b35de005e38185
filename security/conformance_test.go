package security_test

import (
	"crypto/ed25519"
	"net/netip"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/swimtest"
)

// Each sealer here keeps the contract of the seam it is made for.
func TestSealerContract(t *testing.T) {
	for _, s := range sealers {
		t.Run(s.name, func(t *testing.T) {
			swimtest.TestSealer(t, func(t *testing.T) swim.Sealer { return s.make(ringOf(t)) })
		})
	}
}

// Each admission here keeps the contract of the seam it is made for.
func TestAdmissionContract(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	allowed, err := security.AllowNames("node-*", "db.*")
	if err != nil {
		t.Fatal(err)
	}
	denied, err := security.DenyNames("intruder")
	if err != nil {
		t.Fatal(err)
	}
	networks := security.AllowNetworks(netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fd00::/8"))
	for name, newAdmission := range map[string]func() swim.Admission{
		"AllowNames":    func() swim.Admission { return allowed },
		"DenyNames":     func() swim.Admission { return denied },
		"AllowNetworks": func() swim.Admission { return networks },
		"DenyNetworks":  func() swim.Admission { return security.DenyNetworks(netip.MustParsePrefix("10.0.0.0/8")) },
		"All":           func() swim.Admission { return security.All(denied, networks) },
		"Any":           func() swim.Admission { return security.Any(allowed, networks) },
		"nobody":        func() swim.Admission { return security.Any() },
		"tokens": func() swim.Admission {
			v, err := security.NewTokenVerifier("cluster", key)
			if err != nil {
				t.Fatal(err)
			}
			return v
		},
	} {
		t.Run(name, func(t *testing.T) { swimtest.TestAdmission(t, newAdmission) })
	}
}
