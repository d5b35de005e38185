package transport

import (
	"net"
	"net/netip"
	"testing"

	"github.com/hashicorp/go-sockaddr"
)

// nic is an interface that is up, with its addresses.
func nic(t *testing.T, name string, flags net.Flags, addrs ...string) sockaddr.IfAddrs {
	t.Helper()
	var all sockaddr.IfAddrs
	for _, a := range addrs {
		ip, err := sockaddr.NewIPAddr(a)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sockaddr.IfAddr{SockAddr: ip, Interface: net.Interface{Name: name, Flags: flags}})
	}
	return all
}

func TestChooseAdvertised(t *testing.T) {
	const up = net.FlagUp
	lo := nic(t, "lo", up|net.FlagLoopback, "127.0.0.1/8", "::1/128")
	bridge := nic(t, "docker0", up, "172.17.0.1/16", "fe80::42:1/64")
	private := nic(t, "eth0", up, "fe80::1/64", "10.1.2.3/24", "fd00::3/64")
	for _, c := range []struct {
		name          string
		interfaces    []sockaddr.IfAddrs
		byDefault     string
		both, v4, six string // for a socket of both families, of IPv4, of IPv6
	}{
		{"nothing at all", nil, "", "127.0.0.1", "127.0.0.1", "::1"},
		{"loopback only", []sockaddr.IfAddrs{lo}, "lo", "127.0.0.1", "127.0.0.1", "::1"},
		{"one network", []sockaddr.IfAddrs{lo, private}, "eth0", "10.1.2.3", "10.1.2.3", "fd00::3"},
		{"no default route known", []sockaddr.IfAddrs{lo, private}, "", "10.1.2.3", "10.1.2.3", "fd00::3"},
		{"the bridge of containers is listed first", []sockaddr.IfAddrs{lo, bridge, private}, "eth0", "10.1.2.3", "10.1.2.3", "fd00::3"},
		{"public machine with a bridge", []sockaddr.IfAddrs{bridge, nic(t, "eth0", up, "8.8.4.4/24", "2600::1/64")}, "eth0", "8.8.4.4", "8.8.4.4", "2600::1"},
		{"private and public at once", []sockaddr.IfAddrs{nic(t, "eth0", up, "8.8.4.4/24", "10.1.2.3/24")}, "eth0", "10.1.2.3", "10.1.2.3", "::1"},
		{"private beside public, no default route known", []sockaddr.IfAddrs{nic(t, "eth0", up, "8.8.4.4/24"), nic(t, "eth1", up, "10.1.2.3/24")}, "", "10.1.2.3", "10.1.2.3", "::1"},
		{"IPv6 only", []sockaddr.IfAddrs{lo, nic(t, "eth0", up, "fe80::1/64", "2600::1/64")}, "eth0", "2600::1", "127.0.0.1", "2600::1"},
		{"IPv4 beside the default route's IPv6", []sockaddr.IfAddrs{nic(t, "eth0", up, "fd00::3/64"), nic(t, "eth1", up, "8.8.4.4/24")}, "eth0", "8.8.4.4", "8.8.4.4", "fd00::3"},
		{"link-local only", []sockaddr.IfAddrs{lo, nic(t, "eth0", up, "fe80::1/64", "169.254.1.2/16")}, "eth0", "127.0.0.1", "127.0.0.1", "::1"},
		{"documentation network", []sockaddr.IfAddrs{lo, nic(t, "eth0", up, "192.0.2.2/24")}, "eth0", "192.0.2.2", "192.0.2.2", "::1"},
		{"another beats documentation", []sockaddr.IfAddrs{nic(t, "eth0", up, "192.0.2.2/24", "192.168.1.5/24")}, "eth0", "192.168.1.5", "192.168.1.5", "::1"},
		{"address on loopback interface", []sockaddr.IfAddrs{nic(t, "lo", up|net.FlagLoopback, "127.0.0.1/8", "10.9.9.9/32")}, "", "10.9.9.9", "10.9.9.9", "::1"},
		{"interface that is down", []sockaddr.IfAddrs{lo, nic(t, "eth0", 0, "10.1.2.3/24")}, "eth0", "127.0.0.1", "127.0.0.1", "::1"},
		{"lowest of equals", []sockaddr.IfAddrs{nic(t, "eth0", up, "10.1.2.9/24", "10.1.2.3/24", "10.1.2.5/24")}, "eth0", "10.1.2.3", "10.1.2.3", "::1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all sockaddr.IfAddrs
			for _, i := range c.interfaces {
				all = append(all, i...)
			}
			for _, f := range []struct {
				want   string
				v4, v6 bool
			}{{c.both, true, true}, {c.v4, true, false}, {c.six, false, true}} {
				if got := choose(all, c.byDefault, f.v4, f.v6); got != netip.MustParseAddr(f.want) {
					t.Errorf("IPv4 %v, IPv6 %v: got %s, want %s", f.v4, f.v6, got, f.want)
				}
			}
		})
	}
}

func TestReachable(t *testing.T) {
	for _, s := range []string{"127.0.0.2:7946", "[::1]:7946", "10.1.2.3:1"} {
		bound := netip.MustParseAddrPort(s)
		if got := reachable(bound); got != bound {
			t.Errorf("bound to %s, reachable at %s", bound, got)
		}
	}
	for _, s := range []string{"0.0.0.0:7946", "[::]:7946"} {
		bound := netip.MustParseAddrPort(s)
		got := reachable(bound)
		if got.Port() != 7946 || got.Addr().IsUnspecified() || (bound.Addr().Is4() && !got.Addr().Is4()) {
			t.Errorf("bound to %s, reachable at %s", bound, got)
		}
	}
}
