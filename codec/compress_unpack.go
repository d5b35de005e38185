package codec

import (
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// A compressed message begins with the marker and its form.
const (
	marker    = tagNever
	headBytes = 2
)

// form says how the rest of a compressed message is to be read.
type form byte

const (
	formS2   form = iota + 1 // an S2 block
	formZstd                 // a zstd frame
)

// minRoomBytes is the least room that is made: about a packet, so that packets
// which get longer one by one do not take room after room.
const minRoomBytes = 1536

// unpack returns what data, a compressed message, unpacks to: in room, or in a
// larger one made for it. After an error what it returns is that room all the
// same, so that a flood of garbage does not take one for each packet.
func (t *tools) unpack(room, data []byte, limit int) ([]byte, error) {
	if len(data) < headBytes {
		return room, DecodeError{Err: ErrTruncated, Offset: len(data)}
	}
	f, body := form(data[1]), data[headBytes:]
	claimed, err := f.claim(body)
	switch {
	case err != nil:
		return room, err
	case claimed == 0: // nothing would remain to be read
		return room, DecodeError{Err: ErrMalformed, Offset: headBytes}
	case claimed > min(uint64(limit), MaxRatio*uint64(len(data))):
		return room, DecodeError{Err: ErrTooLarge, Offset: headBytes}
	}
	n := int(claimed)
	if cap(room) < n {
		room = make([]byte, 0, max(n, minRoomBytes))
	}
	plain, err := t.decode(f, room[:0:n], body)
	if err != nil || len(plain) != n || plain[0] == marker {
		return room, DecodeError{Err: ErrMalformed, Offset: headBytes}
	}
	return room[:n], nil
}

// claim returns how many bytes body says it unpacks to. It allocates nothing.
func (f form) claim(body []byte) (uint64, error) {
	switch f {
	case formS2:
		n, err := s2.DecodedLen(body)
		switch {
		case len(body) == 0:
			return 0, DecodeError{Err: ErrTruncated, Offset: headBytes}
		case err != nil:
			return 0, DecodeError{Err: ErrMalformed, Offset: headBytes}
		}
		return uint64(n), nil
	case formZstd:
		return claimOfFrame(body)
	}
	return 0, DecodeError{Err: ErrMalformed, Offset: headBytes - 1}
}

// decode unpacks body into the room of dst, which is as large as body claims to
// need.
func (t *tools) decode(f form, dst, body []byte) ([]byte, error) {
	if f == formS2 {
		return s2.Decode(dst, body)
	}
	d := t.decoders.Get().(*zstd.Decoder)
	defer t.decoders.Put(d)
	return d.DecodeAll(body, dst)
}

func newDecoder() any {
	d, err := zstd.NewReader(
		nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecodeAllCapLimit(true),
		zstd.WithDecoderMaxMemory(MaxDecodableBytes),
		zstd.WithDecoderMaxWindow(maxWindowBytes),
	)
	if err != nil {
		panic(err) // none of the options depends on anything
	}
	return d
}
