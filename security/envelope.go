package security

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
)

// Version is the envelope version that this package speaks.
const Version = 1

const (
	// HeaderBytes is the length of what heads a sealed message.
	HeaderBytes = 6
	// sumBytes is by how much the header of an unsealed one is longer.
	sumBytes = 4

	// flagSealed says that a Sealer made the rest of the packet.
	flagSealed = 1 << 0
	// flagsKnown are the flags that this version has a meaning for. All others
	// are refused: who sets one means something that we would get wrong.
	flagsKnown = flagSealed
)

// Why an [Envelope] refuses a packet. Each is counted on its own, since each
// calls for something else of whoever runs the cluster.
var (
	// ErrVersion: the sender speaks a dialect of the envelope that we do not.
	ErrVersion = errors.New("swim: packet of another envelope version")
	// ErrCluster: the sender is of a cluster of another name.
	ErrCluster = errors.New("swim: packet of another cluster")
	// ErrCorrupt: the packet is cut or altered, or none of ours.
	ErrCorrupt = errors.New("swim: corrupt packet")
	// ErrSealed: the packet is sealed, and we have no Sealer to open it.
	ErrSealed = errors.New("swim: sealed packet, and no sealer to open it")
	// ErrPlain: the packet is not sealed, and we have a Sealer, so that anybody
	// could have sent it.
	ErrPlain = errors.New("swim: unsealed packet, and a sealer is required")
	// ErrOpen: our Sealer refuses the packet: another key, or a forgery.
	ErrOpen = errors.New("swim: sealed packet does not open")
)

// Sealer protects messages. The contract stands at the Sealer of the root
// package.
type Sealer interface {
	Seal(dst, plain, header []byte) ([]byte, error)
	Open(dst, sealed, header []byte) ([]byte, error)
	Overhead() int
}

// Envelope heads the messages of one cluster. It holds nothing that changes, so
// any number of goroutines may use it at once, if its Sealer allows that.
type Envelope struct {
	sealer Sealer
	// header is what this node puts at the head of its own messages.
	header [HeaderBytes]byte
	// bound is what a Sealer authenticates: the header and, since its tag is
	// but a hash of 32 bits, the whole name of the cluster.
	bound []byte
}

// NewEnvelope returns the envelope of the cluster of that name, which may be
// empty. Without a sealer, which is nil then, it accepts unsealed packets only,
// and with one sealed packets only.
func NewEnvelope(cluster string, sealer Sealer) *Envelope {
	e := &Envelope{sealer: sealer}
	e.header[0] = Version
	if sealer != nil {
		e.header[1] = flagSealed
	}
	tag := sha256.Sum256([]byte("swim cluster " + cluster))
	copy(e.header[2:], tag[:])
	e.bound = append(e.header[:len(e.header):len(e.header)], cluster...)
	return e
}

// Sealed reports whether it has a Sealer.
func (e *Envelope) Sealed() bool { return e.sealer != nil }

// Overhead is by how many bytes Seal lengthens a message at most.
func (e *Envelope) Overhead() int {
	if e.sealer != nil {
		return HeaderBytes + e.sealer.Overhead()
	}
	return HeaderBytes + sumBytes
}

// Seal appends to dst the packet that carries plain. The two do not overlap. An
// error is the Sealer's, and dst is as it was.
func (e *Envelope) Seal(dst, plain []byte) ([]byte, error) {
	if e.sealer != nil {
		out, err := e.sealer.Seal(append(dst, e.header[:]...), plain, e.bound)
		if err != nil {
			return dst, fmt.Errorf("swim: sealing a packet: %w", err)
		}
		return out, nil
	}
	begin := len(dst)
	dst = slices.Grow(dst, HeaderBytes+sumBytes+len(plain))
	dst = append(dst, e.header[:]...)
	dst = append(dst, 0, 0, 0, 0)
	dst = append(dst, plain...)
	binary.BigEndian.PutUint32(dst[begin+HeaderBytes:], checksum(dst[begin:]))
	return dst, nil
}

// Open returns the message that a packet carries: a part of the packet if it is
// unsealed, and else appended to dst. The error is one of this package's, and
// nothing is revealed of a packet that is refused. The packet may be altered.
//
// The checks go from what is sure to what is not. The version comes first, for
// it says where everything else is; the checksum of an unsealed packet comes
// next, since a flipped bit could look like anything, another cluster included.
func (e *Envelope) Open(dst, packet []byte) ([]byte, error) {
	if len(packet) < HeaderBytes {
		return nil, ErrCorrupt
	}
	if packet[0] != Version {
		return nil, ErrVersion
	}
	sealed := packet[1]&flagSealed != 0
	if !sealed {
		if len(packet) < HeaderBytes+sumBytes ||
			binary.BigEndian.Uint32(packet[HeaderBytes:]) != checksum(packet) {
			return nil, ErrCorrupt
		}
	}
	switch {
	case packet[1]&^flagsKnown != 0:
		return nil, ErrVersion
	case [4]byte(packet[2:]) != [4]byte(e.header[2:]):
		return nil, ErrCluster
	case sealed && e.sealer == nil:
		return nil, ErrSealed
	case !sealed && e.sealer != nil:
		return nil, ErrPlain
	case !sealed:
		return packet[HeaderBytes+sumBytes:], nil
	}
	plain, err := e.sealer.Open(dst, packet[HeaderBytes:], e.bound)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOpen, err)
	}
	return plain, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C of an unsealed packet without its sum.
func checksum(packet []byte) uint32 {
	sum := crc32.Update(0, castagnoli, packet[:HeaderBytes])
	return crc32.Update(sum, castagnoli, packet[HeaderBytes+sumBytes:])
}
