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
