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
	if limit := n.payloadLimit(payload); len(payload) > limit {
		return &SizeError{What: "payload", Bytes: len(payload), Limit: limit}
	}
	var left, known bool
	d := n.driver
	err := d.do(ctx, func(now time.Duration) {
		if left = d.hasLeft(); !left {
			known = d.machine.Send(now, name, payload)
			d.flush()
		}
	})
	switch {
	case err != nil:
		return err
	case left:
		return ErrLeft
	case !known:
		return ErrUnknownMember
	}
	return nil
}

// payloadLimit is how long a payload may be. What the Codec adds may depend on
// the payload, so it is asked for this one, or as much of it as could fit.
func (n *Node) payloadLimit(payload []byte) int {
	self, most := n.Local(), n.driver.limits.messageBytes
	m := wire.Message{
		Kind:    wire.User,
		Sender:  wire.Sender{Name: self.Name, Epoch: self.Epoch, Incarnation: 1<<32 - 1},
		Payload: payload[:min(len(payload), most)],
	}
	return max(most-(n.driver.codec.Size(&m)-len(m.Payload)), 0)
}

// hasLeft reports whether the node has left its cluster. The loop calls it.
func (d *driver) hasLeft() bool { return d.machine.Local().State == wire.Left }

// setMeta changes the local member's metadata.
func (d *driver) setMeta(ctx context.Context, meta string) error {
	var left bool
	err := d.do(ctx, func(now time.Duration) {
		if left = d.hasLeft(); !left {
			d.machine.SetMeta(now, meta)
			d.flush()
		}
	})
	if err == nil && left {
		return ErrLeft
	}
	return err
}
