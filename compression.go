package swim

import (
	"fmt"

	"github.com/swim-go/swim/codec"
)

// Compression says what a node sends compressed, where that makes it shorter.
// Every node reads all of it, whatever it sends itself, so the nodes of a cluster
// need not agree.
type Compression uint8

const (
	// CompressStreams compresses what goes over streams: whole tables, of which a
	// quarter remains. It is the default.
	CompressStreams Compression = iota + 1
	// CompressAll compresses packets of 256 bytes and more, too. It costs some
	// microseconds each, and does not make them hold more.
	CompressAll
	// CompressNothing compresses nothing.
	CompressNothing
)

// String returns the name of c.
func (c Compression) String() string {
	switch c {
	case CompressStreams:
		return "streams"
	case CompressAll:
		return "all"
	case CompressNothing:
		return "nothing"
	}
	return fmt.Sprintf("Compression(%d)", uint8(c))
}

// codecs are the Codec as packets and as streams take it, of c, which is filled.
// What is compressed unpacks to no more than could have been sent plain.
func (c *Config) codecs() (packets, streams Codec) {
	switch given := c.Codec.(type) {
	case codec.Compressed: // its user's to set up
		own := given.Own()
		return own, own
	case *codec.Compressed:
		own := given.Own()
		return own, own
	}
	p := codec.Compressed{Codec: c.Codec}.Own()
	s := p
	p.MaxDecodedBytes, s.MaxDecodedBytes = c.messageBytes(), c.MaxStreamBytes
	if c.Compression == CompressAll {
		p.Send = codec.SendCompressed
	}
	if c.Compression != CompressNothing {
		s.Send = codec.SendCompressed
	}
	return p, s
}
