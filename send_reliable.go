package swim

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// SendReliable hands a payload to the member of that name and returns when that has
// acknowledged it: it waits for the member's Delegate then. It goes over a stream where
// the Transport has them, else by packets, and again for 30 s if no answer comes. The
// member gets it once, however often it was sent, unless it gets 65,536 others before it
// is sent again; but it may overtake another, or be overtaken.
//
// It returns [ErrUnknownMember] if there is no live member of that name, a [SizeError]
// if the payload fits neither a stream nor 4 MiB, or without streams no packet, and
// [ErrQueueFull] if a thousand others wait for an answer; [ErrLeft]; then nothing was
// sent. After [ErrUndelivered], [ErrClosed] and ctx's error nobody knows whether it
// arrived. The payload may be reused when it returns.
func (n *Node) SendReliable(ctx context.Context, name string, payload []byte) error {
	if limit := n.reliableLimit(name, payload); len(payload) > limit {
		return &SizeError{What: "payload", Bytes: len(payload), Limit: limit}
	}
	var (
		d             = n.driver
		ended         = make(chan answer, 1)
		seq           uint32
		known, queued bool
	)
	payload = slices.Clone(payload) // the loop may look at it when we are gone
	err := d.input(ctx, func(now time.Duration) {
		if seq, known, queued = d.machine.SendReliable(now, name, payload); queued {
			d.answers[seq] = waiter{ctx, ended}
		}
	})
	switch {
	case err != nil:
		return err
	case !known:
		return ErrUnknownMember
	case !queued:
		return ErrQueueFull
	}
	select {
	case a := <-ended:
		return a.err
	case <-d.closing:
		return ErrClosed
	case <-ctx.Done():
	}
	_ = d.do(context.WithoutCancel(ctx), func(now time.Duration) {
		delete(d.answers, seq)
		d.machine.Recall(now, seq)
		d.flush()
	})
	return errors.Join(ErrUndelivered, ctx.Err())
}

// reliableLimit is payloadLimit for what may take a stream.
func (n *Node) reliableLimit(name string, payload []byte) int {
	if n.driver.streams == nil {
		return n.payloadLimit(name, payload)
	}
	return min(wire.MaxPayloadBytes, n.driver.limits.streamBytes-broadcastHeadBytes)
}

// busy reports whether the Delegate has no room for a message that is to be
// acknowledged. The loop calls it.
func (d *driver) busy() bool {
	return d.delivery != nil && len(d.delivery.messages) == cap(d.delivery.messages)
}
