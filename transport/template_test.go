package transport

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestResolveBind(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		// No template: untouched, whatever it is.
		{"", ""},
		{"127.0.0.1:7946", "127.0.0.1:7946"},
		{"nonsense }} [", "nonsense }} ["},
		// One address, with a port behind it or without.
		{`{{ "10.0.0.1" }}:7946`, "10.0.0.1:7946"},
		{`{{ "10.0.0.1" }}`, "10.0.0.1"},
		{`{{"10.0.0.1"}}:0`, "10.0.0.1:0"},
		{`{{ "fd00::1" }}:7946`, "[fd00::1]:7946"},
		{`[{{ "fd00::1" }}]:7946`, "[fd00::1]:7946"},
		{`[{{ "10.0.0.1" }}]:7946`, "10.0.0.1:7946"},
		{`[{{ "fd00::1" }}]`, "fd00::1"},
		{`{{ "fe80::1%eth0" }}:1`, "[fe80::1%eth0]:1"},
		{`{{ "::ffff:10.0.0.1" }}:1`, "10.0.0.1:1"},
		{` {{ " 10.0.0.1 " }} `, "10.0.0.1"},
		{`{{ if true }}{{ "10.0.0.1" }}{{ end }}:1`, "10.0.0.1:1"},
		{`10.0.{{ "0.1" }}:1`, "10.0.0.1:1"},
		// What people write.
		{`{{ GetAllInterfaces | include "flags" "loopback" | include "type" "IPv4" | limit 1 | attr "address" }}:7946`, "127.0.0.1:7946"},
	} {
		got, err := ResolveBind(c.in)
		if err != nil || got != c.want {
			t.Errorf("%q is %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

func TestResolveBindErrors(t *testing.T) {
	for _, c := range []struct{ in, says string }{
		{"{{", "unclosed action"},
		{"{{ GetNothing }}:7946", "not defined"},
		{`{{ GetInterfaceIP "(" }}:7946`, "regexp"},
		{`{{ GetInterfaceIP "no-such-interface" }}:7946`, "write the address itself"},
		{`{{ "" }}:7946`, "write the address itself"},
		{`{{ "" }}`, "write the address itself"},
		{`{{ "10.0.0.1 10.0.0.2" }}:7946`, `2 addresses, "10.0.0.1 10.0.0.2": narrow it`},
		{`{{ "10.0.0.1,10.0.0.2" }}:7946`, "narrow it"},
		{`{{ "10.0.0.1" }} {{ "10.0.0.2" }}:7946`, "narrow it"},
		{`{{ "eth0" }}:7946`, `"eth0", which is no IP address`},
		{`{{ "fe80::1%a%b" }}:7946`, "no IP address"},
		{`{{ "10.0.0.0/8" }}:7946`, "no IP address"},
		{`{{ "10.0.0.1:7946" }}`, "no IP address"},
		{`{{ "10.0.0.1" }}:`, "not a number"},
		{`{{ "10.0.0.1" }}:http`, "not a number"},
		{`{{ "10.0.0.1" }}:65536`, "not a number"},
	} {
		got, err := ResolveBind(c.in)
		if !errors.Is(err, ErrTemplate) {
			t.Errorf("%q is %q, %v", c.in, got, err)
			continue
		}
		if said := err.Error(); !strings.HasPrefix(said, "swim: ") || !strings.Contains(said, fmt.Sprintf("%q", c.in)) || !strings.Contains(said, c.says) {
			t.Errorf("%q: the error is not clear: %v", c.in, err)
		}
	}
}

// TestResolveBindOfThisMachine: what GetPrivateIP finds depends on the machine;
// it must be one address, or the error that says there is none.
func TestResolveBindOfThisMachine(t *testing.T) {
	got, err := ResolveBind("{{ GetPrivateIP }}:7946")
	if err != nil {
		if !errors.Is(err, ErrTemplate) || !strings.Contains(err.Error(), "no address of this machine fits") {
			t.Error(err)
		}
		return
	}
	if a, err := netip.ParseAddrPort(got); err != nil || a.Port() != 7946 {
		t.Errorf("got %q, %v", got, err)
	}
}
