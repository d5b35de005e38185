package security_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// Tokens, and only from the data centre: whoever deploys the members signs one
// for each, and the members have the public key alone.
func ExampleTokenVerifier() {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	signer, err := security.NewTokenSigner(private)
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := signer.Sign(security.Grant{
		Name:     "db-1",
		Cluster:  "prod",
		NotAfter: time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	verifier, err := security.NewTokenVerifier("prod", public)
	if err != nil {
		fmt.Println(err)
		return
	}
	admission := security.All(security.AllowNetworks(netip.MustParsePrefix("10.0.0.0/8")), verifier)

	now := time.Date(2030, 5, 31, 12, 0, 0, 0, time.UTC)
	for _, m := range []wire.Member{
		{Name: "db-1", Addr: "10.1.2.3:7946", Token: token},
		{Name: "db-2", Addr: "10.1.2.3:7946", Token: token},
		{Name: "db-1", Addr: "192.0.2.1:7946", Token: token},
		{Name: "db-1", Addr: "10.1.2.3:7946"},
	} {
		fmt.Println(security.Reason(admission.Admit(m, now)))
	}
	err = admission.Admit(wire.Member{Name: "db-1", Addr: "10.1.2.3:7946", Token: token}, now.AddDate(0, 1, 0))
	fmt.Println(security.Reason(err))
	var expired *security.TokenExpiredError
	fmt.Println(errors.As(err, &expired))
	// Output:
	//
	// join token for another name or cluster, or altered
	// the address is in none of the allowed networks
	// a join token is required
	// join token expired at 2030-06-01T00:00:00Z
	// true
}

// A rule of one's own, beside those that are there.
func ExampleAdmissionFunc() {
	versions := security.AdmissionFunc(func(m wire.Member, _ time.Time) error {
		if !strings.Contains(m.Meta, "version=2") {
			return errors.New("this cluster runs version 2")
		}
		return nil
	})
	databases, err := security.AllowNames("db-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	admission := security.Any(databases, versions)
	fmt.Println(admission.Admit(wire.Member{Name: "web-1", Meta: "version=2"}, time.Now()))
	fmt.Println(security.Reason(admission.Admit(wire.Member{Name: "web-1", Meta: "version=1"}, time.Now())))
	// Output:
	// <nil>
	// the name is not one of those allowed; this cluster runs version 2
}

// Networks as they stand in a configuration.
func ExampleParseNetworks() {
	networks, err := security.ParseNetworks("10.0.0.0/8", "2001:db8::7")
	fmt.Println(networks, err)
	_, err = security.ParseNetworks("10.0.0.0/8", "10.0.0/8")
	fmt.Println(err)
	// Output:
	// [10.0.0.0/8 2001:db8::7/128] <nil>
	// swim: network "10.0.0/8" is neither an IP address nor a prefix such as 10.0.0.0/8
}
