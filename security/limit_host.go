package security

import (
	"hash/maphash"
	"net/netip"
	"strings"
)

// What a host is told apart by, so that no name has the hash of an address.
const (
	hostIPv4 = iota + 1
	hostIPv6
)

// hashHost is the hash of the host of a source. A source comes from the
// transport, not out of a packet, so it is in the notation of netip.AddrPort
// unless the transport has one of its own.
func hashHost(seed maphash.Seed, source string) uint64 {
	host := hostOf(source)
	// An error would be allocated, so what cannot be an address is not tried. All
	// IPv6 addresses are in brackets here.
	if host == "" || host[0] != '[' && (host[0] < '0' || host[0] > '9') {
		return maphash.String(seed, host)
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if err != nil {
		return maphash.String(seed, host)
	}
	var key [9]byte
	if addr = addr.Unmap(); addr.Is4() {
		ip := addr.As4()
		key[0] = hostIPv4
		copy(key[1:], ip[:])
	} else {
		ip := addr.As16()
		key[0] = hostIPv6
		copy(key[1:], ip[:8])
	}
	return maphash.Bytes(seed, key[:])
}

// hostOf is what stands before the port: "[::1]" of "[::1]:7946".
func hostOf(source string) string {
	if i := strings.LastIndexByte(source, ':'); i >= 0 && !strings.HasSuffix(source, "]") {
		return source[:i]
	}
	return source
}
