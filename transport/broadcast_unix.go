//go:build unix

package transport

import "syscall"

// refuseBroadcast takes back a right that Go gives to every datagram socket. A
// node sends to whatever address a member is claimed to have: were that the
// broadcast address of a network, each probe would reach all of its machines.
func refuseBroadcast(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_BROADCAST, 0)
	})
}
