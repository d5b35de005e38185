package swim

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"

	"github.com/swim-go/swim/wire"
)

// A stream carries frames: four bytes of length, in network byte order, and as
// many bytes of a packet, which is a sealed message like any other.

// frameHeadBytes is the length of a frame's length.
const frameHeadBytes = 4

// coders is how many streams are encoded and decoded at a time.
const coders = 4

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

// readFrame reads the one frame that a peer sends on a stream. If that fails, it
// is counted.
func (d *driver) readFrame(conn net.Conn) ([]byte, error) {
	packet, err := readFrame(conn, d.limits.streamBytes)
	switch {
	case err == nil:
		d.counters.framesIn.Add(1)
		d.counters.frameBytesIn.Add(uint64(frameHeadBytes + len(packet)))
	case errors.Is(err, errFrameSize):
		d.counters.oversized.Add(1)
	default:
		d.brokeOff(conn, err, &d.counters.readErrors)
	}
	return packet, err
}

// writeFrame seals a message and sends it on a stream. If that fails, it is
// counted.
func (d *driver) writeFrame(conn net.Conn, message []byte) error {
	frame, err := d.envelope.Seal(beginFrame(len(message)+d.envelope.Overhead()), message)
	if err != nil {
		d.counters.unencodable.Add(1)
		return err
	}
	endFrame(frame)
	if _, err := conn.Write(frame); err != nil {
		d.brokeOff(conn, err, &d.counters.writeErrors)
		return err
	}
	d.counters.framesOut.Add(1)
	d.counters.frameBytesOut.Add(uint64(len(frame)))
	return nil
}

// brokeOff counts a stream that ended too early, by whose fault it was.
func (d *driver) brokeOff(conn net.Conn, err error, other *atomic.Uint64) {
	s, ok := conn.(*slot)
	switch {
	case ok && s.gaveWay(): // which is counted
	case ok && errors.Is(err, os.ErrDeadlineExceeded):
		d.counters.streamsSlow.Add(1)
	default:
		other.Add(1)
	}
}

// encodeFrame encodes a message that goes over a stream. A large table takes
// milliseconds to be compressed, which the loop must not wait for.
func (d *driver) encodeFrame(ctx context.Context, m *wire.Message) ([]byte, error) {
	if err := d.beginCoding(ctx); err != nil {
		return nil, err
	}
	defer d.endCoding()
	data, err := d.streamCodec.Append(make([]byte, 0, d.streamCodec.Size(m)), m)
	if err == nil && len(data)+d.envelope.Overhead() > d.limits.streamBytes {
		err = fmt.Errorf("swim: a %v of %d bytes is more than Config.MaxStreamBytes (%d) allows: raise it on all nodes",
			m.Kind, len(data), d.limits.streamBytes)
	}
	if err != nil {
		d.counters.unencodable.Add(1)
		d.log.warn("cannot encode a message", "error", err)
	}
	return data, err
}

// beginCoding waits for one of the coders.
func (d *driver) beginCoding(ctx context.Context) error {
	select {
	case d.coding <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *driver) endCoding() { <-d.coding }
