package codec_test

import (
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/swimtest"
)

// Each codec here keeps the contract of the seam it is made for.
func TestCodecContract(t *testing.T) {
	for name, c := range map[string]swim.Codec{
		"Msgpack":                      codec.Msgpack{},
		"Compressed that sends plain":  codec.Compressed{},
		"Compressed":                   codec.Compressed{Send: codec.SendCompressed},
		"Compressed of a small packet": &codec.Compressed{Send: codec.SendCompressed, MaxDecodedBytes: 1400},
	} {
		t.Run(name, func(t *testing.T) {
			swimtest.TestCodec(t, func() swim.Codec { return c })
		})
	}
}
