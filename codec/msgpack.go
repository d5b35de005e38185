package codec

import (
	"fmt"
	"math"

	"github.com/swim-go/swim/wire"
)

// Msgpack encodes messages as MessagePack arrays, in the format that the
// package comment describes. It has no state: the zero value is ready, and any
// number of goroutines may use it at once.
type Msgpack struct{}

// Append appends the encoding of m to dst and returns the result. It does not
// allocate if dst has room, for which Size bytes are enough. It neither keeps
// nor changes m, and does not ask whether its fields make sense.
//
// If m has more than [wire.MaxUpdates] claims or [wire.MaxBroadcasts] broadcasts, or its
// encoding 4 GiB or more, it returns dst as it was and an error that wraps
// [ErrTooLarge].
func (Msgpack) Append(dst []byte, m *wire.Message) ([]byte, error) {
	if len(m.Updates) > wire.MaxUpdates {
		return dst, fmt.Errorf("%w: %d claims, want at most %d", ErrTooLarge, len(m.Updates), wire.MaxUpdates)
	}
	if len(m.Broadcasts) > wire.MaxBroadcasts {
		return dst, fmt.Errorf("%w: %d broadcasts, want at most %d", ErrTooLarge, len(m.Broadcasts), wire.MaxBroadcasts)
	}
	b := append(dst, fixArray|messageFields)
	b = appendUint(b, uint64(m.Kind))
	b = appendUint(b, uint64(m.Seq))
	b = appendStr(b, m.Sender.Name)
	b = appendUint(b, m.Sender.Epoch)
	b = appendUint(b, uint64(m.Sender.Incarnation))
	b = appendStr(b, m.Target)
	b = appendUint(b, uint64(m.Cursor))
	b = appendArray(b, len(m.Updates))
	for i := range m.Updates {
		b = appendUpdate(b, &m.Updates[i])
	}
	b = appendBin(b, m.Payload)
	b = appendUint(b, m.Digest)
	b = appendArray(b, len(m.Broadcasts))
	for i := range m.Broadcasts {
		b = appendBroadcast(b, &m.Broadcasts[i])
	}
	// A string too long for its 32-bit length makes the whole too long, so one
	// look at the end serves for all of them.
	if n := len(b) - len(dst); uint64(n) > math.MaxUint32 {
		return dst, fmt.Errorf("%w: %d bytes, want less than 4 GiB", ErrTooLarge, n)
	}
	return b, nil
}

// Decode overwrites m with the message that data holds, all of it. The strings
// and payloads of m are views into data: they change when data is reused. It
// does not allocate if m.Updates and m.Broadcasts have room, and else in proportion
// to the bytes that are there, whatever counts they claim. An empty payload becomes
// nil.
//
// What data says is not checked beyond its form: see [wire.Message.Check],
// [wire.Update.Check] and [wire.Broadcast.Check]. An error is a [DecodeError], and m is then as after
// [wire.Message.Reset].
func (Msgpack) Decode(m *wire.Message, data []byte) error {
	m.Reset()
	r := reader{data: data}
	r.message(m)
	if r.pos < len(r.data) {
		r.fail(ErrTrailing)
	}
	if r.err != nil {
		m.Reset()
		return DecodeError{Err: r.err, Offset: r.pos}
	}
	return nil
}

// Size is how many bytes Append will append for m, or up to 6 more: the header
// of the updates takes 1, 3 or 5 bytes depending on their number, and Size
// counts 5; that of the broadcasts 1 or 3, and Size counts 3. So Size of a message,
// and UpdateSize of all that is added to it later, together never fall short of the
// encoding, and each broadcast makes Size grow by the same, whatever else is there.
func (Msgpack) Size(m *wire.Message) int {
	n := 1 +
		sizeUint(uint64(m.Kind)) +
		sizeUint(uint64(m.Seq)) +
		sizeStr(len(m.Sender.Name)) +
		sizeUint(m.Sender.Epoch) +
		sizeUint(uint64(m.Sender.Incarnation)) +
		sizeStr(len(m.Target)) +
		sizeUint(uint64(m.Cursor)) +
		maxArrayBytes +
		sizeBin(len(m.Payload)) +
		sizeUint(m.Digest) +
		maxShortArrayBytes
	for i := range m.Updates {
		n += sizeUpdate(&m.Updates[i])
	}
	for i := range m.Broadcasts {
		n += sizeBroadcast(&m.Broadcasts[i])
	}
	return n
}

// UpdateSize is by how many bytes Size grows when u is added to a message, and
// exactly how many u takes.
func (Msgpack) UpdateSize(u *wire.Update) int { return sizeUpdate(u) }
