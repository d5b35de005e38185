package codec

import (
	"errors"
	"fmt"
)

// What is wrong with a message. Decode wraps each in a [DecodeError].
var (
	// ErrTruncated: the data ends before the message does, or a length or count
	// claims more than the data holds.
	ErrTruncated = errors.New("swim: truncated message")
	// ErrMalformed: a value is not of the type or in the range of its field, or
	// a required field is missing; or what is marked as compressed does not unpack
	// to what it claims, or is compressed twice.
	ErrMalformed = errors.New("swim: malformed message")
	// ErrTrailing: the data goes on after the message.
	ErrTrailing = errors.New("swim: bytes after the end of the message")
	// ErrTooLarge: the message has more than [wire.MaxUpdates] claims or
	// [wire.MaxBroadcasts] broadcasts, or claims to unpack to more than is allowed; or,
	// when appending, it has more bytes than MessagePack's 32-bit lengths can tell of.
	ErrTooLarge = errors.New("swim: message too large")
)

// DecodeError is every error of Decode. It is put into words only when asked,
// so that refusing a flood of garbage costs one small allocation a packet.
type DecodeError struct {
	// Err is [ErrTruncated], [ErrMalformed], [ErrTrailing] or [ErrTooLarge].
	Err error
	// Offset is the index in the data of the first byte of the value refused,
	// and the length of the data if there is no value where one must be. Where a
	// compressed message unpacks, and is refused then, it is the index in that.
	Offset int
}

func (e DecodeError) Error() string { return fmt.Sprintf("%v (byte %d)", e.Err, e.Offset) }

// Unwrap returns e.Err.
func (e DecodeError) Unwrap() error { return e.Err }
