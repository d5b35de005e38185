package codec

import (
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxWindowBytes is the largest window of a zstd frame: what RFC 8878 asks all
// decoders to know.
const maxWindowBytes = 8 << 20

// claimOfFrame returns how many bytes a zstd frame says it unpacks to. It accepts
// one frame that is all of body, says so, and has a window no larger than that:
// a block can be as long as the window, and the decoder makes room for that much
// before it sees that the frame promised less.
func claimOfFrame(body []byte) (uint64, error) {
	var h zstd.Header
	if err := h.Decode(body); errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, DecodeError{Err: ErrTruncated, Offset: headBytes + len(body)}
	} else if err != nil || !h.HasFCS || h.DictionaryID != 0 {
		return 0, DecodeError{Err: ErrMalformed, Offset: headBytes}
	}
	window := h.WindowSize
	if h.SingleSegment {
		window = h.FrameContentSize
	}
	if window > min(max(h.FrameContentSize, zstd.MinWindowSize), maxWindowBytes) {
		return 0, DecodeError{Err: ErrTooLarge, Offset: headBytes}
	}
	end := frameEnd(body, &h)
	switch {
	case end > len(body):
		return 0, DecodeError{Err: ErrTruncated, Offset: headBytes + len(body)}
	case end < len(body):
		return 0, DecodeError{Err: ErrTrailing, Offset: headBytes + end}
	}
	return h.FrameContentSize, nil
}

// frameEnd walks over the blocks of a frame and returns where it ends, or more
// than there is if that is not in body. The decoder would go on to a second
// frame, or skip one that is marked to be skipped, without a word.
func frameEnd(body []byte, h *zstd.Header) int {
	const (
		blockHeadBytes = 3
		runLength      = 1 // a block of one byte, however often it is repeated
		checksumBytes  = 4
	)
	pos := h.HeaderSize
	for last := false; !last; {
		if pos+blockHeadBytes > len(body) {
			return len(body) + 1
		}
		head := uint32(body[pos]) | uint32(body[pos+1])<<8 | uint32(body[pos+2])<<16
		last = head&1 != 0
		length := int(head >> 3)
		if head>>1&3 == runLength {
			length = 1
		}
		pos += blockHeadBytes + length
	}
	if h.HasCheckSum {
		pos += checksumBytes
	}
	return pos
}
