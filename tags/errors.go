package tags

import (
	"errors"
	"fmt"
)

// The limits of tags, which hold for writing and reading.
const (
	// MaxBytes bounds all tags together, encoded. It is what a member's metadata may
	// have at most.
	MaxBytes = 1 << 15
	// MaxTags bounds their number.
	MaxTags = 256
	// MaxKeyBytes bounds a key, which is never empty.
	MaxKeyBytes = 128
	// MaxValueBytes bounds a value, which may be empty.
	MaxValueBytes = 4096
)

// ErrInvalid is wrapped by every error about bytes that are no tags, and about a key
// or value that is not UTF-8 or, of a key, empty.
var ErrInvalid = errors.New("swim: invalid tags")

// What is found at once in metadata of another sort costs nothing to refuse.
var (
	errNoMap     = fmt.Errorf("%w: want a MessagePack map", ErrInvalid)
	errNoStrings = fmt.Errorf("%w: want strings of MessagePack, and as many as there are to be", ErrInvalid)
)

// SizeError says that tags are above a limit.
type SizeError struct {
	// What is above it: "tags" are too many, a "key", a "value" or "metadata", which
	// is all of them together, is too long.
	What string
	// Size is what it has, in bytes or tags, and Limit what it may have.
	Size, Limit int
}

func (e *SizeError) Error() string {
	if e.What == "tags" {
		return fmt.Sprintf("swim: %d tags, want at most %d", e.Size, e.Limit)
	}
	return fmt.Sprintf("swim: %s of tags of %d bytes, want at most %d", e.What, e.Size, e.Limit)
}

// within returns a SizeError if size is above limit.
func within(what string, size, limit int) error {
	if size > limit {
		return &SizeError{What: what, Size: size, Limit: limit}
	}
	return nil
}
