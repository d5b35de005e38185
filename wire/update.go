package wire

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Update is one claim about one member, as gossiped.
type Update struct {
	Member
	// From names the accuser of a Suspect or Failed claim; it is empty where
	// the member speaks for itself. Distinct accusers of one suspicion are what
	// Lifeguard counts as independent confirmations.
	From string
	// Age is for how many seconds the subject of a Failed or Left claim has
	// been gone. It travels with the claim so that a memory of the dead ends at
	// the same time everywhere and cannot be handed on for ever.
	Age uint32
}

// ErrInvalid is wrapped by every error about a claim or a message that no
// correct peer sends.
var ErrInvalid = errors.New("swim: invalid claim")

// Check returns nil if u is a claim that a correct peer may make, and else an
// error that wraps [ErrInvalid] and names the field.
func (u *Update) Check() error {
	if err := CheckName(u.Name); err != nil {
		return err
	}
	switch {
	case !u.State.Valid():
		return fmt.Errorf("%w: state %d", ErrInvalid, u.State)
	case len(u.Addr) == 0 || len(u.Addr) > MaxAddrBytes:
		return fmt.Errorf("%w: address of %d bytes, want 1 to %d", ErrInvalid, len(u.Addr), MaxAddrBytes)
	case len(u.Meta) > MaxMetaBytes:
		return fmt.Errorf("%w: metadata of %d bytes, want at most %d", ErrInvalid, len(u.Meta), MaxMetaBytes)
	case len(u.Token) > MaxTokenBytes:
		return fmt.Errorf("%w: token of %d bytes, want at most %d", ErrInvalid, len(u.Token), MaxTokenBytes)
	case len(u.From) > MaxNameBytes:
		return fmt.Errorf("%w: accuser of %d bytes, want at most %d", ErrInvalid, len(u.From), MaxNameBytes)
	}
	return nil
}

// CheckName returns nil if name can be a member's name: 1 to [MaxNameBytes]
// bytes of UTF-8 without control characters, so that it can be logged as it is.
func CheckName(name string) error {
	if len(name) == 0 || len(name) > MaxNameBytes {
		return fmt.Errorf("%w: name of %d bytes, want 1 to %d", ErrInvalid, len(name), MaxNameBytes)
	}
	for i, r := range name {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(name[i:]); size <= 1 {
				return fmt.Errorf("%w: name %q is not UTF-8", ErrInvalid, name)
			}
		}
		if unicode.IsControl(r) {
			return fmt.Errorf("%w: name %q holds a control character", ErrInvalid, name)
		}
	}
	return nil
}
