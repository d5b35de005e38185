package codec

import (
	"errors"
	"fmt"
	"strconv"
)

// Sending says in which form a [Compressed] sends messages. It reads all forms
// whatever it says. The zero Sending is [SendPlain].
type Sending uint8

const (
	// SendPlain sends every message as the inner codec encodes it.
	SendPlain Sending = iota + 1
	// SendCompressed compresses the messages that get shorter by it.
	SendCompressed
)

func (s Sending) String() string {
	switch s {
	case 0, SendPlain:
		return "plain"
	case SendCompressed:
		return "compressed"
	}
	return "Sending(" + strconv.Itoa(int(s)) + ")"
}

// The limits of what is unpacked. MaxRatio belongs to the format: a sender keeps
// to it and a receiver insists on it. What the inner codec then makes of it comes
// on top: 24 KB that hold the smallest claims at that ratio end as 33 MB of memory.
// MaxDecodedBytes, and MaxUpdates of package wire, are where that ends.
const (
	// MaxRatio is how many times longer than it came a message may be once it is
	// unpacked. A table of 10,000 rows is about 4 times as long; with 512 bytes of
	// metadata in each, and the same in all of them, 45 times. What zstd would
	// bring above it is sent as S2, or else plain.
	MaxRatio = 64
	// DefaultMaxDecodedBytes is the default of [Compressed.MaxDecodedBytes].
	DefaultMaxDecodedBytes = 16 << 20
	// MaxDecodableBytes is the most that it can be set to.
	MaxDecodableBytes = 1 << 30
)

// Check returns nil if c is set up as it can be, and else an error that names
// each field, its value and a remedy. A Compressed that was not checked takes
// MaxDecodedBytes below 1 for the default and above the most for the most, and an
// unknown Send for [SendPlain].
func (c Compressed) Check() error {
	var errs []error
	if c.Send > SendCompressed {
		errs = append(errs, fmt.Errorf("swim: Compressed.Send is %v: set SendPlain or SendCompressed", c.Send))
	}
	if c.MaxDecodedBytes < 0 || c.MaxDecodedBytes > MaxDecodableBytes {
		errs = append(errs, fmt.Errorf("swim: Compressed.MaxDecodedBytes is %d: set 1 to %d, or 0 for %d",
			c.MaxDecodedBytes, MaxDecodableBytes, DefaultMaxDecodedBytes))
	}
	switch c.Codec.(type) {
	case Compressed, *Compressed:
		errs = append(errs, fmt.Errorf("swim: Compressed.Codec is a %T: set the codec that is inside of it", c.Codec))
	}
	return errors.Join(errs...)
}
