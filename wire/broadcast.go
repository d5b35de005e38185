package wire

import "fmt"

// Broadcast is a payload that one member sent to all, on its way.
//
// Origin, Epoch and Seq tell it apart from all others, and Seq has no holes: whoever
// has 1 to 7 and 9 of a life of a member knows that 8 is missing. It comes in four
// forms:
//
//   - with its Channel and its payload, which may be empty;
//   - announced: too large for a packet, it has its Size and no Payload, and is to be
//     fetched from whoever announced it;
//   - void: with no Channel and no Payload, since a later one of the same key took its
//     place. It says that nothing is missing at Seq;
//   - in a [Fetch] by packet, as what the sender has of Origin: all below Seq, and of
//     those from Seq on the ones whose bit is set in Payload, the lowest bit of the first
//     byte being that of Seq itself.
type Broadcast struct {
	// Origin and Epoch are the life of the member that it comes from.
	Origin string
	Epoch  uint64
	// Seq numbers the broadcasts of that life, from 1 to [MaxBroadcastSeq].
	Seq uint64
	// Channel is the one that it was sent on, of up to [MaxChannelBytes].
	Channel string
	// Key, if not "", is what it speaks of: of two with the same Origin, Channel and Key
	// the later stands for both. It has up to [MaxKeyBytes].
	Key string
	// Size is how long the payload is, where it is announced.
	Size uint32
	// Payload is the user's, of up to [MaxPayloadBytes].
	Payload []byte
}

// Void reports whether b says only that nothing is missing at its Seq.
func (b *Broadcast) Void() bool { return b.Channel == "" && b.Size == 0 && len(b.Payload) == 0 }

// Announced reports whether the payload is to be fetched.
func (b *Broadcast) Announced() bool { return b.Size > 0 }

// Check returns nil if a correct peer may pass b on, and else an error that wraps
// [ErrInvalid] and names the field.
func (b *Broadcast) Check() error {
	if err := CheckName(b.Origin); err != nil {
		return fmt.Errorf("origin: %w", err)
	}
	if b.Seq == 0 || b.Seq > MaxBroadcastSeq {
		return fmt.Errorf("%w: broadcast number %d, want 1 to %d", ErrInvalid, b.Seq, uint64(MaxBroadcastSeq))
	}
	if b.Void() {
		return nil
	}
	if err := CheckChannel(b.Channel); err != nil {
		return err
	}
	switch {
	case len(b.Key) > MaxKeyBytes:
		return fmt.Errorf("%w: key of %d bytes, want at most %d", ErrInvalid, len(b.Key), MaxKeyBytes)
	case b.Size > MaxPayloadBytes || len(b.Payload) > MaxPayloadBytes:
		return fmt.Errorf("%w: payload of %d bytes, want at most %d", ErrInvalid, max(int64(b.Size), int64(len(b.Payload))), MaxPayloadBytes)
	case b.Size > 0 && len(b.Payload) > 0:
		return fmt.Errorf("%w: payload both announced and there", ErrInvalid)
	}
	return nil
}

// CheckChannel returns nil if name can be a channel's: 1 to [MaxChannelBytes] bytes of
// UTF-8 without control characters.
func CheckChannel(name string) error {
	if len(name) > MaxChannelBytes {
		return fmt.Errorf("%w: channel of %d bytes, want at most %d", ErrInvalid, len(name), MaxChannelBytes)
	}
	if err := CheckName(name); err != nil {
		return fmt.Errorf("channel: %w", err)
	}
	return nil
}
