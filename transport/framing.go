package transport

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A connection of [TCP] or [TLS] begins with four bytes of whoever opened it:
//
//	bytes 0-1   0xC5 0x77, which no text and no TLS record begins with
//	byte 2      the version, framingVersion
//	byte 3      what follows: forPackets or forStream
//
// After forStream the connection is the stream. After forPackets both sides
// send frames; the one that accepted begins with the same four bytes, with
// packetsAccepted in the last, so that the other knows whom it has reached. A
// frame is two bytes of length, in network byte order, and a packet of that many
// bytes. Two lengths above the largest packet stand for no packet, but ask for a
// sign of life, and give one.

const (
	preambleBytes  = 4
	framingVersion = 1

	forPackets      = 1
	forStream       = 2
	packetsAccepted = 3

	frameHeadBytes = 2
	echoAsk        = 0xffff
	echoAnswer     = 0xfffe

	// frameBufferBytes is what one connection reads at a time: a few packets.
	frameBufferBytes = 4 << 10
)

var (
	errPreamble = errors.New("swim: not a connection of this transport")
	errFrame    = errors.New("swim: malformed frame")
)

func preamble(kind byte) [preambleBytes]byte {
	return [preambleBytes]byte{0xc5, 0x77, framingVersion, kind}
}

// readPreamble returns what a connection is for. It reads not one byte more, for
// those belong to whoever the stream is for.
func readPreamble(r io.Reader) (kind byte, err error) {
	var got [preambleBytes]byte
	if _, err := io.ReadFull(r, got[:]); err != nil {
		return 0, err
	}
	kind = got[3]
	if got != preamble(kind) || kind < forPackets || kind > packetsAccepted {
		return 0, fmt.Errorf("%w, or of another version: it begins with %x", errPreamble, got)
	}
	return kind, nil
}

// appendFrame appends the frame of a packet, of at most MaxPacketBytes.
func appendFrame(dst, p []byte) []byte {
	return append(appendHead(dst, uint16(len(p))), p...)
}

func appendHead(dst []byte, head uint16) []byte {
	return binary.BigEndian.AppendUint16(dst, head)
}

// frames reads frames.
type frames struct{ r *bufio.Reader }

func newFrames(r io.Reader) frames { return frames{bufio.NewReaderSize(r, frameBufferBytes)} }

// await waits for the first byte of the next frame and takes nothing, so it may
// be called again after an error that is temporary.
func (f frames) await() error {
	_, err := f.r.Peek(1)
	return err
}

// whole reports whether the next frame is here already, so that reading it does
// not wait.
func (f frames) whole() bool {
	n := f.r.Buffered()
	if n < frameHeadBytes {
		return false
	}
	head, _ := f.r.Peek(frameHeadBytes)
	size := binary.BigEndian.Uint16(head)
	return size > MaxPacketBytes || n >= frameHeadBytes+int(size)
}

// head reads a length: that of a packet, or echoAsk or echoAnswer.
func (f frames) head() (uint16, error) {
	head, err := f.r.Peek(frameHeadBytes)
	if err != nil {
		return 0, err
	}
	size := binary.BigEndian.Uint16(head)
	_, _ = f.r.Discard(frameHeadBytes) // they are there
	if size > MaxPacketBytes && size != echoAsk && size != echoAnswer {
		return 0, fmt.Errorf("%w: length %d", errFrame, size)
	}
	return size, nil
}

// body reads a packet into the room of dst, or into more. Room grows with what
// arrives, never with what the length claims.
func (f frames) body(dst []byte, size int) ([]byte, error) {
	dst = dst[:0]
	for len(dst) < size {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, min(size-len(dst), max(len(dst), bufferBytes)))
		}
		n, err := f.r.Read(dst[len(dst):min(cap(dst), size)])
		dst = dst[:len(dst)+n]
		if err != nil && len(dst) < size {
			return dst, err
		}
	}
	return dst, nil
}
