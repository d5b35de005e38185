package swim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// A stream carries one question and at most one answer, and then is closed. Each
// has a goroutine, which waits for the network in the loop's stead.

var errBusy = errors.New("swim: too many streams are open")

// question is what a stream of ours is opened for.
type question struct {
	to      string
	message *wire.Message
	asker   context.Context // who waits for the answer; nil if nobody does
}

// open begins a stream of ours that asks what a packet says.
func (d *driver) open(p *core.Packet) {
	q := question{to: p.To, asker: d.answers[p.Msg.Seq].asker}
	select {
	case d.dialing <- struct{}{}:
	default:
		d.counters.streamsRefused.Add(1)
		d.unasked(p.Msg, errBusy)
		return
	}
	q.message = copied(p.Msg)
	d.running.Go(func() {
		defer func() { <-d.dialing }()
		if err := d.ask(q); err != nil {
			if d.log.debugs() {
				d.log.debug("a stream was not answered", "to", q.to, "error", err)
			}
			d.failed(failure{seq: q.message.Seq, kind: q.message.Kind, stream: true, err: err})
		}
	})
}

// copied is m for as long as one likes. The Machine writes into the one that it
// gave; the strings hold.
func copied(m *wire.Message) *wire.Message {
	c := *m
	c.Updates, c.Payload, c.Room = slices.Clone(m.Updates), slices.Clone(m.Payload), nil
	c.Broadcasts = slices.Clone(m.Broadcasts) // whose payloads never change
	return &c
}

// unasked notes a stream that the loop could not begin. Like all failures it is
// an input of the Machine, and comes after the present one.
func (d *driver) unasked(m *wire.Message, err error) {
	f := failure{seq: m.Seq, kind: m.Kind, stream: true, err: err}
	if f.kind != wire.Sync {
		d.unsent = append(d.unsent, f.seq)
		return
	}
	d.running.Go(func() { d.failed(f) })
}

// ask opens a stream, asks, and gives the answer to the loop.
func (d *driver) ask(q question) error {
	ctx, cancel := context.WithTimeout(d.context, d.limits.streamTime)
	defer cancel()
	if q.asker != nil {
		defer context.AfterFunc(q.asker, cancel)()
	}
	message, err := d.encodeFrame(ctx, q.message)
	if err != nil {
		return err
	}
	if err = d.converse(ctx, q, message); err != nil {
		d.counters.dialErrors.Add(1)
	}
	return err
}

// converse opens the stream of a question that is encoded, and sees it through.
func (d *driver) converse(ctx context.Context, q question, message []byte) error {
	conn, err := d.streams.DialStream(ctx, q.to)
	if err != nil {
		return err
	}
	defer closeWith(ctx, conn)()
	if err := d.writeFrame(conn, message); err != nil {
		return err
	}
	if !asks(q.message.Kind) {
		return nil
	}
	answer, err := d.readFrame(conn)
	if err == nil {
		_, err = d.hand(ctx, answer, core.Path{Addr: q.to, Stream: true, Identity: peerIdentity(conn)})
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w within %v", errUnanswered, d.limits.streamTime)
	case errors.Is(err, io.EOF):
		return errUnanswered // whoever is there did not take it for a question
	}
	return err
}
