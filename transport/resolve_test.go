package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

var errNotFound = errors.New("no such host")

// book is a resolver that knows a few names, and counts what it is asked.
type book struct {
	asked int
	names map[string][]string
}

func (b *book) lookup(_ context.Context, _, host string) ([]netip.Addr, error) {
	b.asked++
	found, ok := b.names[host]
	if !ok {
		return nil, &net.DNSError{Err: errNotFound.Error(), Name: host, IsNotFound: true}
	}
	var addrs []netip.Addr
	for _, s := range found {
		addrs = append(addrs, netip.MustParseAddr(s))
	}
	return addrs, nil
}

var names = map[string][]string{
	"node1":    {"10.0.0.1"},
	"many":     {"10.0.0.9", "2001:db8::2", "10.0.0.10", "2001:db8::1", "::ffff:10.0.0.9", "10.0.0.9"},
	"a.b.c.":   {"10.0.0.3"},
	"3f2a":     {"10.0.0.4"},
	"x_y-z":    {"10.0.0.5"},
	"knöten":   {"10.0.0.6"},
	"anywhere": {"0.0.0.0"},
	"nothing":  {},
}

func TestResolve(t *testing.T) {
	for seed, want := range map[string]string{
		"node1":               "10.0.0.1:7946",
		"node1:80":            "10.0.0.1:80",
		"node1:00080":         "10.0.0.1:80",
		"a.b.c.":              "10.0.0.3:7946",
		"a.b.c.:1":            "10.0.0.3:1",
		"3f2a":                "10.0.0.4:7946",
		"x_y-z:65535":         "10.0.0.5:65535",
		"knöten":              "10.0.0.6:7946",
		"many":                "10.0.0.9:7946 10.0.0.10:7946 [2001:db8::1]:7946 [2001:db8::2]:7946",
		"many:80":             "10.0.0.9:80 10.0.0.10:80 [2001:db8::1]:80 [2001:db8::2]:80",
		"1.2.3.4":             "1.2.3.4:7946",
		"1.2.3.4:80":          "1.2.3.4:80",
		"[1.2.3.4]":           "1.2.3.4:7946",
		"[1.2.3.4]:80":        "1.2.3.4:80",
		"::1":                 "[::1]:7946",
		"[::1]":               "[::1]:7946",
		"[::1]:80":            "[::1]:80",
		"::1:80":              "[::1:80]:7946",
		"2001:DB8:0::1":       "[2001:db8::1]:7946",
		"::ffff:1.2.3.4":      "1.2.3.4:7946",
		"[::ffff:1.2.3.4]:80": "1.2.3.4:80",
		"fe80::1%eth0":        "[fe80::1%eth0]:7946",
		"fe80::1%Ethernet 2":  "[fe80::1%Ethernet 2]:7946", // as Windows calls them
		"[fe80::1%eth0]":      "[fe80::1%eth0]:7946",
		"[fe80::1%eth0]:80":   "[fe80::1%eth0]:80",
	} {
		b := book{names: names}
		got, err := resolve(t.Context(), b.lookup, seed, 7946)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q is %q, %v; want %q", seed, got, err, want)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	for _, c := range []struct {
		seed  string
		port  int
		wraps error
		says  string
	}{
		{"", 7946, ErrAddress, "want host"},
		{" ", 7946, ErrAddress, "want host"},
		{":7946", 7946, ErrAddress, "want host"},
		{".", 7946, ErrAddress, "want host"},
		{"node1 ", 7946, ErrAddress, "want host"},
		{"node1\n", 7946, ErrAddress, "want host"},
		{"node1,node2", 7946, ErrAddress, "want host"},
		{"http://node1", 7946, ErrAddress, "port"},
		{"http://node1:80", 7946, ErrAddress, "want host"},
		{"10.0.0.0/8", 7946, ErrAddress, "want host"},
		{"node1:", 7946, ErrAddress, "not a number"},
		{"node1:http", 7946, ErrAddress, "not a number"},
		{"node1:-1", 7946, ErrAddress, "not a number"},
		{"node1:65536", 7946, ErrAddress, "not a number"},
		{"node1:80:81", 7946, ErrAddress, "want host"},
		{"node1:0", 7946, ErrAddress, "port 0"},
		{"node1", 0, ErrAddress, "write the port"},
		{"node1", -1, ErrAddress, "not a number"},
		{"node1", 65536, ErrAddress, "not a number"},
		{"[::1", 7946, ErrAddress, "want host"},
		{"::1]", 7946, ErrAddress, "want host"},
		{"[]", 7946, ErrAddress, "want host"},
		{"[]:80", 7946, ErrAddress, "want host"},
		{"[::1]80", 7946, ErrAddress, "want host"},
		{"[[::1]]", 7946, ErrAddress, "want host"},
		{"::%]0", 7946, ErrAddress, "want host"},
		{"[fe80::1%a%b]:80", 7946, ErrAddress, "want host"},
		{"[fe80::1%\n]:80", 7946, ErrAddress, "want host"},
		{"::1%", 7946, ErrAddress, "want host"},
		{"1.2.3.4%eth0", 7946, ErrAddress, "want host"},
		{"1.2.3", 7946, ErrAddress, "want host"},
		{"1.2.3.256", 7946, ErrAddress, "want host"},
		{"01.2.3.4", 7946, ErrAddress, "want host"},
		{"2130706433", 7946, ErrAddress, "want host"},
		{"node.1.", 7946, ErrAddress, "want host"},
		{"0.0.0.0", 7946, ErrAddress, "unspecified"},
		{"[::]:80", 7946, ErrAddress, "unspecified"},
		{"224.0.0.1", 7946, ErrAddress, "multicast"},
		{"[ff02::1%lo]:80", 7946, ErrAddress, "multicast"},
		{"255.255.255.255", 7946, ErrAddress, "broadcast"},
		{"anywhere", 7946, ErrAddress, "unspecified"},
		{"nothing", 7946, errNoAddress, "check the name"},
		{"elsewhere:80", 7946, nil, "check the name"},
	} {
		b := book{names: names}
		got, err := resolve(t.Context(), b.lookup, c.seed, c.port)
		if err == nil {
			t.Errorf("%q is %q", c.seed, got)
			continue
		}
		if said := err.Error(); !strings.HasPrefix(said, "swim: ") || !strings.Contains(said, fmt.Sprintf("seed %q", c.seed)) || !strings.Contains(said, c.says) {
			t.Errorf("%q: the error is not clear: %v", c.seed, err)
		}
		var dns *net.DNSError
		if c.wraps == nil && !errors.As(err, &dns) || c.wraps != nil && !errors.Is(err, c.wraps) {
			t.Errorf("%q: %v does not wrap what it should", c.seed, err)
		}
		if _, known := names[c.seed]; b.asked > 0 && c.wraps == ErrAddress && !known {
			t.Errorf("%q: the resolver was asked", c.seed)
		}
	}
}

// TestResolveLocalhost asks the machine's own resolver.
func TestResolveLocalhost(t *testing.T) {
	got, err := Resolve(t.Context(), "localhost", 7946)
	if err != nil || !slices.Contains(got, "127.0.0.1:7946") {
		t.Errorf("localhost is %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := Resolve(ctx, "some.name.invalid", 7946); !errors.Is(err, context.Canceled) {
		t.Errorf("ctx was over: %q, %v", got, err)
	}
}

func FuzzResolve(f *testing.F) {
	for seed := range names {
		f.Add(seed, 7946)
	}
	for _, seed := range []string{"1.2.3.4:80", "::1", "[fe80::1%eth0]:80", "[::1", "a:b:c", ":", "[]", "%"} {
		f.Add(seed, 0)
	}
	f.Fuzz(func(t *testing.T, seed string, port int) {
		b := book{names: names}
		got, err := resolve(t.Context(), b.lookup, seed, port)
		if (err == nil) != (len(got) > 0) {
			t.Fatalf("%q is %q, %v", seed, got, err)
		}
		for _, addr := range got {
			if _, err := parseTarget(addr); err != nil {
				t.Errorf("%q is %q, to which nothing can be sent: %v", seed, addr, err)
			}
			again, err := resolve(t.Context(), b.lookup, addr, 1)
			if err != nil || len(again) != 1 || again[0] != addr {
				t.Errorf("%q is %q, which is %q, %v", seed, addr, again, err)
			}
		}
	})
}
