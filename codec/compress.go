package codec

import (
	"fmt"

	"github.com/swim-go/swim/wire"
)

// Inner is what [Compressed] decorates: any swim.Codec. No message of its may
// begin with the byte 0xc1, which marks a compressed one. MessagePack gives that
// byte no meaning, and UTF-8, so JSON too, never uses it.
type Inner interface {
	Append(dst []byte, m *wire.Message) ([]byte, error)
	Decode(m *wire.Message, data []byte) error
	Size(m *wire.Message) int
	UpdateSize(u *wire.Update) int
}

// Compressed makes the messages of another codec shorter, where that pays, as
// the package comment describes. Whatever it sends itself, it reads both plain
// messages and compressed ones, told apart by their first byte.
//
// So a running cluster begins to compress node by node: first every node has a
// Compressed, the zero value will do; then Send is changed on one node after the
// other, in any order. A node whose codec is not a Compressed refuses what is
// compressed, as malformed.
//
// Any number of goroutines may use one Compressed at once. It must not change
// meanwhile.
type Compressed struct {
	// Codec encodes what is compressed. Default: [Msgpack].
	Codec Inner
	// Send says in which form messages are sent. Default: [SendPlain].
	Send Sending
	// MaxDecodedBytes is how long a compressed message may be once unpacked: one
	// that would be longer is neither sent compressed nor accepted, so all nodes
	// have to agree. What is sent and received plain it does not concern. Default
	// [DefaultMaxDecodedBytes], and at most [MaxDecodableBytes].
	//
	// Where packets have a Compressed of their own, the largest packet is the
	// right limit: then a packet says no more compressed than it could plain.
	MaxDecodedBytes int

	own *tools // nil: those that all share
}

// Own returns c with compressors of its own, which are not shared with any other
// Compressed. A Node takes it of the one that it is given. That is for
// testing/synctest: what was made in one bubble, as compressors are when they are
// wanted, must not be used outside of it.
func (c Compressed) Own() Compressed {
	c.own = newTools()
	return c
}

// Append appends m to dst: as the inner codec encodes it, or compressed, where
// Send wants that and it saves a tenth. What is shorter than 256 bytes, or would
// unpack to more than a receiver accepts, is left as it is. Append never makes
// more than the inner codec does, and does not allocate if dst has room for what
// that one makes and the message is no longer than a packet.
//
// An error of the inner codec is returned as it is, dst included. A message that
// the inner codec begins with 0xc1 is refused with an error that wraps
// [ErrMalformed], and dst is returned as it was.
func (c Compressed) Append(dst []byte, m *wire.Message) ([]byte, error) {
	b, err := c.inner().Append(dst, m)
	if err != nil {
		return b, err
	}
	plain := b[len(dst):]
	if len(plain) > 0 && plain[0] == marker {
		return dst, fmt.Errorf("%w: %T begins one with %#x, which marks compressed ones: Compressed.Codec must be one that does not",
			ErrMalformed, c.inner(), marker)
	}
	if c.Send != SendCompressed || len(plain) < minPackedBytes || len(plain) > c.maxDecoded() {
		return b, nil
	}
	return c.tools().pack(b, len(dst)), nil
}

// Decode overwrites m with what data says, plain or compressed. The strings and
// Payload of m are views: into data where that is plain, and else into m.Room,
// which holds until m is decoded into again. A steady stream of packets into the
// same messages does not allocate.
//
// Before anything is allocated, what data claims to unpack to is held against
// MaxDecodedBytes, and against [MaxRatio] times the length of data. A compressed
// message inside a compressed one is refused, and so is data that goes on after
// the compressed message.
//
// An error is the inner codec's own, whose offsets are those of the unpacked
// message, or a [DecodeError]. Nobody is to look at m then, but it can be
// decoded into again.
func (c Compressed) Decode(m *wire.Message, data []byte) error {
	room := m.Room
	if len(data) == 0 {
		m.Reset()
		return DecodeError{Err: ErrTruncated}
	}
	if data[0] == marker {
		plain, err := c.tools().unpack(room, data, c.maxDecoded())
		if room = plain[:0]; err != nil {
			m.Reset()
			m.Room = room
			return err
		}
		data = plain
	}
	err := c.inner().Decode(m, data)
	m.Room = room // whatever the inner codec, which need not know of it, made of it
	return err
}

// Size is what the inner codec says. Compression only ever makes a message
// shorter, so this never falls short; and by how much is not known before the
// message is complete, so packets are filled as if there were none. It saves
// bytes on the way and does not make a packet hold more claims.
func (c Compressed) Size(m *wire.Message) int { return c.inner().Size(m) }

// UpdateSize is what the inner codec says, as Size is.
func (c Compressed) UpdateSize(u *wire.Update) int { return c.inner().UpdateSize(u) }

func (c *Compressed) inner() Inner {
	if c.Codec == nil {
		return Msgpack{}
	}
	return c.Codec
}

func (c *Compressed) tools() *tools {
	if c.own == nil {
		return shared
	}
	return c.own
}

func (c *Compressed) maxDecoded() int {
	if c.MaxDecodedBytes <= 0 {
		return DefaultMaxDecodedBytes
	}
	return min(c.MaxDecodedBytes, MaxDecodableBytes)
}
