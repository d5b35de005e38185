package swim

import (
	"context"
	"time"

	"github.com/swim-go/swim/wire"
)

// Send hands a payload to the member of that name in one packet, best effort: it
// may be lost, repeated or overtaken, and nobody answers. The member gets it
// through its Delegate. A node does not send to itself.
//
// It returns [ErrUnknownMember] if there is no live member of that name, a
// [SizeError] if the payload does not fit a packet, [ErrLeft], [ErrClosed] or
// ctx's error; then nothing was sent. The payload may be reused when it returns.
func (n *Node) Send(ctx context.Context, name string, payload []byte) error {
	if limit := n.payloadLimit(name, payload); len(payload) > limit {
		return &SizeError{What: "payload", Bytes: len(payload), Limit: limit}
	}
	known, d := false, n.driver
	err := d.input(ctx, func(now time.Duration) { known = d.machine.Send(now, name, payload) })
	if err == nil && !known {
		return ErrUnknownMember
	}
	return err
}

// payloadLimit is how long a payload to a member may be. What the Codec adds may depend on
// the payload, so it is asked for this one, or as much of it as could fit.
func (n *Node) payloadLimit(name string, payload []byte) int {
	self, most := n.Local(), n.driver.limits.messageBytes
	m := wire.Message{
		Kind:    wire.User,
		Sender:  wire.Sender{Name: self.Name, Epoch: self.Epoch, Incarnation: 1<<32 - 1},
		Target:  name,
		Digest:  1<<64 - 1,
		Payload: payload[:min(len(payload), most)],
	}
	return max(most-(n.driver.codec.Size(&m)-len(m.Payload)), 0)
}
