package security

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"sync/atomic"
)

// The envelope versions that this package speaks. It opens all of them, whatever
// mixture its peers send, and refuses others packet by packet.
const (
	// Version is the newest, and the one it sends.
	Version = 1
	// OldestVersion is the oldest.
	OldestVersion = 1
)

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

// Sealer protects messages. The contract stands at the Sealer of the root
// package.
type Sealer interface {
	Seal(dst, plain, header []byte) ([]byte, error)
	Open(dst, sealed, header []byte) ([]byte, error)
	Overhead() int
}

// Envelope heads the messages of one cluster. Nothing of it changes but the
// [Stage], so any number of goroutines may use it at once, if its Sealer allows
// that.
type Envelope struct {
	sealer Sealer
	stage  atomic.Uint32 // 0 without a sealer
	// tag is a hash of the cluster's name.
	tag [4]byte
	// bound is, per version, what a Sealer authenticates: the header and, since
	// its tag is but a hash of 32 bits, the whole name of the cluster.
	bound [Version - OldestVersion + 1][]byte
}

// NewEnvelope returns the envelope of the cluster of that name, which may be
// empty. Without a sealer, which is nil then, it accepts unsealed packets only,
// and with one sealed packets only, until [Envelope.SetStage] says otherwise.
func NewEnvelope(cluster string, sealer Sealer) *Envelope {
	e := &Envelope{sealer: sealer}
	if sealer != nil {
		e.stage.Store(uint32(Required))
	}
	tag := sha256.Sum256([]byte("swim cluster " + cluster))
	e.tag = [4]byte(tag[:])
	for i := range e.bound {
		e.bound[i] = append(e.appendHeader(nil, byte(OldestVersion+i), flagSealed), cluster...)
	}
	return e
}

func (e *Envelope) appendHeader(dst []byte, version, flags byte) []byte {
	return append(append(dst, version, flags), e.tag[:]...)
}

// Sealed reports whether it has a Sealer.
func (e *Envelope) Sealed() bool { return e.sealer != nil }

// Overhead is by how many bytes Seal lengthens a message at most, at whatever
// stage.
func (e *Envelope) Overhead() int {
	if e.sealer != nil {
		return HeaderBytes + max(sumBytes, e.sealer.Overhead())
	}
	return HeaderBytes + sumBytes
}

// Seal appends to dst the packet that carries plain. The two do not overlap. An
// error is the Sealer's, and dst is as it was.
func (e *Envelope) Seal(dst, plain []byte) ([]byte, error) {
	if e.Stage() >= AcceptPlain {
		out, err := e.sealer.Seal(e.appendHeader(dst, Version, flagSealed), plain, e.bound[Version-OldestVersion])
		if err != nil {
			return dst, fmt.Errorf("swim: sealing a packet: %w", err)
		}
		return out, nil
	}
	begin := len(dst)
	dst = slices.Grow(dst, HeaderBytes+sumBytes+len(plain))
	dst = e.appendHeader(dst, Version, 0)
	dst = append(dst, 0, 0, 0, 0)
	dst = append(dst, plain...)
	binary.BigEndian.PutUint32(dst[begin+HeaderBytes:], checksum(dst[begin:]))
	return dst, nil
}

// Open returns the message that a packet carries: a part of the packet if there
// is no Sealer, and else appended to dst, which does not overlap with the packet,
// even if the message was not sealed. The error is one of this package's, and
// nothing is revealed of a packet that is refused. The packet may be altered.
//
// The checks go from what is sure to what is not. The version comes first, for
// it says where everything else is; the checksum of an unsealed packet comes
// next, since a flipped bit could look like anything, another cluster included.
func (e *Envelope) Open(dst, packet []byte) ([]byte, error) {
	if len(packet) < HeaderBytes {
		return nil, ErrCorrupt
	}
	version := int(packet[0])
	if version < OldestVersion || version > Version {
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
	case [4]byte(packet[2:]) != e.tag:
		return nil, ErrCluster
	case sealed && e.sealer == nil:
		return nil, ErrSealed
	case !sealed && e.Stage() == Required:
		return nil, ErrPlain
	case !sealed && e.sealer == nil:
		return packet[HeaderBytes+sumBytes:], nil
	case !sealed:
		// Copied, so that who opens the next packet into the same room, as one
		// does with a Sealer, does not find that packet lying in it.
		return append(dst, packet[HeaderBytes+sumBytes:]...), nil
	}
	plain, err := e.sealer.Open(dst, packet[HeaderBytes:], e.bound[version-OldestVersion])
	switch {
	case err == nil:
		return plain, nil
	case errors.Is(err, ErrOpen):
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", ErrOpen, err)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C of an unsealed packet without its sum.
func checksum(packet []byte) uint32 {
	sum := crc32.Update(0, castagnoli, packet[:HeaderBytes])
	return crc32.Update(sum, castagnoli, packet[HeaderBytes+sumBytes:])
}
