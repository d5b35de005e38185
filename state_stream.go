package swim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// inquire opens a stream to an address, asks, and returns the answer, which is for us
// rather than for the Machine. It is checked as far as the Machine would.
func (d *driver) inquire(ctx context.Context, addr string, question *wire.Message) (*wire.Message, error) {
	question.Seq = rand.Uint32()
	message, err := d.encodeFrame(ctx, question)
	if err != nil {
		return nil, err
	}
	answer, err := d.exchange(ctx, addr, message)
	switch {
	case err == nil && answer.Seq != question.Seq:
		return nil, errUnanswered
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w within %v", errUnanswered, d.limits.streamTime)
	case errors.Is(err, io.EOF):
		return nil, errUnanswered // whoever is there did not take it for a question
	}
	return answer, err
}

// exchange sends one frame and reads another.
func (d *driver) exchange(ctx context.Context, addr string, message []byte) (*wire.Message, error) {
	conn, err := d.streams.DialStream(ctx, addr)
	if err != nil {
		d.counters.dialErrors.Add(1)
		return nil, err
	}
	defer closeWith(ctx, conn)()
	if err := d.writeFrame(conn, message); err != nil {
		return nil, err
	}
	frame, err := d.readFrame(conn)
	if err != nil {
		return nil, err
	}
	if err := d.beginCoding(ctx); err != nil {
		return nil, err
	}
	defer d.endCoding()
	in := &inbound{from: core.Path{Addr: addr, Stream: true, Identity: peerIdentity(conn)}}
	if err := d.decode(d.streamCodec, in, frame, addr); err != nil {
		return nil, err
	}
	if err := in.msg.Check(); err != nil {
		return nil, err
	}
	if d.verifies && in.msg.Sender.Name != in.from.Identity {
		return nil, errSpoofed
	}
	return &in.msg, nil
}

// errSpoofed: a member answers in another's name.
var errSpoofed = errors.New("swim: a member answers in another's name")

// sender is this node as its messages name it.
func (d *driver) sender() wire.Sender {
	self := d.directory.local()
	return wire.Sender{Name: self.Name, Epoch: self.Epoch, Incarnation: self.Incarnation}
}
