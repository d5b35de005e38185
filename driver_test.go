package swim

import (
	"testing"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// watchingCodec looks at a moment when nobody else does: at what the users of
// the node see while its answer is being encoded.
type watchingCodec struct {
	codec.Msgpack
	look func()
}

func (c watchingCodec) Append(dst []byte, m *wire.Message) ([]byte, error) {
	if m.Kind == wire.Ack {
		c.look()
	}
	return c.Msgpack.Append(dst, m)
}

// A peer that has our answer may tell its user that we know. If our own user did
// not, Leave of one node and Member of another would contradict each other.
func TestChangesShowBeforeTheAnswerIsSent(t *testing.T) {
	var c *cable
	known := make(chan bool, 1)
	c = newCable(t, nil, func(cfg *Config) {
		cfg.Codec = watchingCodec{look: func() {
			_, ok := c.node.Member("member-0")
			known <- ok
		}}
	})
	c.exchange(c.ping(t, 1))
	if !<-known {
		t.Error("an answer is made before the change shows")
	}
}
