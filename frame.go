package swim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A stream carries frames: four bytes of length, in network byte order, and as
// many bytes of a packet, which is a sealed message like any other.

// frameHeadBytes is the length of a frame's length.
const frameHeadBytes = 4

// errFrameSize: a frame claims to be larger than Config.MaxStreamBytes.
var errFrameSize = errors.New("swim: frame too large")

// readFrame reads one frame of up to limit bytes. Memory grows with what
// arrives, never with what the length claims.
func readFrame(r io.Reader, limit int) ([]byte, error) {
	var head [frameHeadBytes]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := int64(binary.BigEndian.Uint32(head[:]))
	if size > int64(limit) {
		return nil, fmt.Errorf("%w: %d bytes, want at most %d", errFrameSize, size, limit)
	}
	var body bytes.Buffer
	if n, err := body.ReadFrom(io.LimitReader(r, size)); err != nil {
		return nil, err
	} else if n < size {
		return nil, io.ErrUnexpectedEOF
	}
	return body.Bytes(), nil
}

// beginFrame returns a buffer for a packet of about so many bytes, with room for
// the length before it, which endFrame fills in.
func beginFrame(sizeBytes int) []byte {
	return make([]byte, frameHeadBytes, frameHeadBytes+sizeBytes)
}

func endFrame(frame []byte) {
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-frameHeadBytes))
}
