package security_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

func prefixes(t testing.TB, texts ...string) []netip.Prefix {
	t.Helper()
	networks, err := security.ParseNetworks(texts...)
	if err != nil {
		t.Fatal(err)
	}
	return networks
}

func TestNetworks(t *testing.T) {
	for _, test := range []struct {
		networks   []string
		addr       string
		in, refuse bool // refuse: whatever the networks are
	}{
		{[]string{"10.0.0.0/8"}, "10.1.2.3:7946", true, false},
		{[]string{"10.0.0.0/8"}, "11.1.2.3:7946", false, false},
		{[]string{"10.0.0.0/8"}, "[::ffff:10.1.2.3]:7946", true, false},
		{[]string{"10.9.9.9/8"}, "10.1.2.3:7946", true, false},
		{[]string{"::ffff:10.0.0.0/104"}, "10.1.2.3:7946", true, false},
		{[]string{"192.0.2.7"}, "192.0.2.7:1", true, false},
		{[]string{"::ffff:192.0.2.7"}, "192.0.2.7:1", true, false},
		{[]string{"192.0.2.7"}, "192.0.2.8:1", false, false},
		{[]string{"fd00::/8", "10.0.0.0/8"}, "10.1.2.3:1", true, false},
		{[]string{"fd00::/8"}, "[fd12::1]:1", true, false},
		{[]string{"fe80::/10"}, "[fe80::1%eth0]:1", true, false},
		{[]string{"fe80::1%eth1"}, "[fe80::1%eth0]:1", true, false},
		{[]string{"0.0.0.0/0"}, "10.1.2.3:1", true, false},
		{[]string{"0.0.0.0/0"}, "[fd12::1]:1", false, false},
		{[]string{"::/0"}, "10.1.2.3:1", false, false},
		{nil, "10.1.2.3:1", false, false},
		{[]string{"0.0.0.0/0", "::/0"}, "localhost:7946", false, true},
		{[]string{"0.0.0.0/0", "::/0"}, "10.1.2.3", false, true},
		{[]string{"0.0.0.0/0", "::/0"}, "10.1.2.3%x.example.com:1", false, true},
		{[]string{"0.0.0.0/0", "::/0"}, "[10.1.2.3]:1", false, true},
		{[]string{"0.0.0.0/0", "::/0"}, "010.1.2.3:1", false, true},
		{[]string{"0.0.0.0/0", "::/0"}, "10.1.2.3:99999", false, true},
		{[]string{"0.0.0.0/0", "::/0"}, "10.1.2.3:1:2", false, true},
		{[]string{"0.0.0.0/0", "::/0"}, "fd12::1:1", false, true},
		{[]string{"0.0.0.0/0", "::/0"}, "", false, true},
	} {
		networks, m := prefixes(t, test.networks...), wire.Member{Name: "a", Addr: test.addr}
		allow, deny := security.AllowNetworks(networks...).Admit(m, noon), security.DenyNetworks(networks...).Admit(m, noon)
		if (allow == nil) != test.in {
			t.Errorf("%q allowed in %v: %v, want %v", test.addr, test.networks, allow, test.in)
		}
		if (deny != nil) != (test.in || test.refuse) {
			t.Errorf("%q denied in %v: %v, want %v", test.addr, test.networks, deny, test.in || test.refuse)
		}
		if test.refuse && !strings.Contains(security.Reason(allow), "no IP address") {
			t.Errorf("%q: the reason %q does not help", test.addr, security.Reason(allow))
		}
		for _, err := range []error{allow, deny} {
			if err != nil && !errors.Is(err, security.ErrRefused) {
				t.Errorf("%v does not wrap ErrRefused", err)
			}
		}
	}
}

// A prefix that is none was meant to let somebody in, or to keep somebody out.
func TestInvalidNetworksRefuse(t *testing.T) {
	m := wire.Member{Addr: "10.1.2.3:1"}
	for _, p := range []netip.Prefix{{}, netip.PrefixFrom(netip.MustParseAddr("10.0.0.0"), 33)} {
		if security.AllowNetworks(p).Admit(m, noon) == nil || security.DenyNetworks(p).Admit(m, noon) == nil {
			t.Errorf("%v admits", p)
		}
		if err := security.AllowNetworks(p, netip.MustParsePrefix("10.0.0.0/8")).Admit(m, noon); err != nil {
			t.Errorf("%v hides the next: %v", p, err)
		}
	}
}

func TestParseNetworks(t *testing.T) {
	got := prefixes(t, "10.1.2.3/8", "192.0.2.7", "fd00::1/64", "::1", "::ffff:10.0.0.1")
	want := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"),
		netip.MustParsePrefix("fd00::/64"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.1/32"),
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	_, err := security.ParseNetworks("10.0.0.0/8", "10.0.0.0/33", "home", "", "10.0.0.0/", "fe80::1%eth0/10")
	for _, text := range []string{`"10.0.0.0/33"`, `"home"`, `""`, `"10.0.0.0/"`, `"fe80::1%eth0/10"`} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not name %s: %v", text, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), `"10.0.0.0/8" is`) {
		t.Errorf("it names what is fine: %v", err)
	}
}

// A flood of strangers costs no garbage, whether they are let in or not.
func TestAdmissionAllocatesNothing(t *testing.T) {
	names, err := security.AllowNames("db-*")
	if err != nil {
		t.Fatal(err)
	}
	networks := prefixes(t, "10.0.0.0/8", "fd00::/8")
	a := security.All(names, security.DenyNetworks(netip.MustParsePrefix("10.9.0.0/16")), security.AllowNetworks(networks...))
	for _, m := range []wire.Member{
		{Name: "db-1", Addr: "10.1.2.3:7946"},
		{Name: "db-1", Addr: "[fd00::1]:7946"},
		{Name: "db-1", Addr: "11.1.2.3:7946"},
		{Name: "db-1", Addr: "10.9.2.3:7946"},
		{Name: "web-1", Addr: "10.1.2.3:7946"},
	} {
		if n := testing.AllocsPerRun(100, func() { a.Admit(m, noon) }); n != 0 {
			t.Errorf("%+v: %v allocations", m, n)
		}
	}
}
