package transport

import (
	"errors"
	"fmt"
	"net"
)

var (
	// ErrAddress is wrapped by every error about an address that is not
	// written as it must be, or that no packet may be sent to. Nothing was
	// opened or sent.
	ErrAddress = errors.New("swim: unusable address")
	// ErrInUse is wrapped by the error about an address that somebody else
	// listens on, on every system. Nothing was opened.
	ErrInUse = errors.New("swim: address in use")
	// ErrPacketSize is wrapped by the error about a packet larger than
	// [MaxPacketBytes]. Nothing was sent.
	ErrPacketSize = errors.New("swim: packet too large")
	// ErrTemplate is wrapped by every error about an address template that
	// does not come to exactly one address.
	ErrTemplate = errors.New("swim: unusable address template")
	// ErrConfig is wrapped by every error about a configuration of [TCP] or
	// [TLS] that cannot be used. Nothing was opened.
	ErrConfig = errors.New("swim: unusable transport configuration")
	// ErrConnections is wrapped by the error about a packet for which [TCP] or
	// [TLS] would have to open one connection more than its limits allow, while
	// all that are open are in use. Nothing was sent.
	ErrConnections = errors.New("swim: too many connections are in use")
	// ErrUnverified is wrapped by the error about a TLS handshake in which one
	// side did not accept the other's certificate, or that failed otherwise. The
	// connection is closed.
	ErrUnverified = errors.New("swim: TLS handshake failed")
)

// errClosed is made once, so that a caller who goes on after Close costs
// nothing.
var errClosed = fmt.Errorf("swim: transport is closed: %w", net.ErrClosed)

// MaxPacketBytes bounds one packet of any transport in here: it is the largest
// payload of a UDP datagram over IPv4.
const MaxPacketBytes = 65507

func checkPacketSize(p []byte) error {
	if len(p) > MaxPacketBytes {
		return fmt.Errorf("%w: %d bytes, want at most %d", ErrPacketSize, len(p), MaxPacketBytes)
	}
	return nil
}
