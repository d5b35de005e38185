package swim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// A stream carries one question and at most one answer, and then is closed. Each
// has a goroutine, which waits for the network in the loop's stead.

var errBusy = errors.New("swim: too many streams are open")

// open begins a stream of ours that asks what a packet says.
func (d *driver) open(p *core.Packet) {
	q := question{to: p.To, seq: p.Msg.Seq, kind: p.Msg.Kind, asker: d.answers[p.Msg.Seq].asker}
	var err error
	if q.message, err = d.encodeFrame(p.Msg); err != nil {
		d.unasked(q, err)
		return
	}
	select {
	case d.dialing <- struct{}{}:
	default:
		d.counters.streamsRefused.Add(1)
		d.unasked(q, errBusy)
		return
	}
	d.running.Go(func() {
		defer func() { <-d.dialing }()
		if err := d.ask(q); err != nil {
			d.counters.dialErrors.Add(1)
			if d.log.debugs() {
				d.log.debug("a stream was not answered", "to", q.to, "error", err)
			}
			d.failed(failure{seq: q.seq, kind: q.kind, stream: true, err: err})
		}
	})
}

// question is what a stream of ours is opened for.
type question struct {
	to      string
	seq     uint32
	kind    wire.Kind
	message []byte
	asker   context.Context // who waits for the answer; nil if nobody does
}

// unasked notes a stream that the loop could not begin. Like all failures it is
// an input of the Machine, and comes after the present one.
func (d *driver) unasked(q question, err error) {
	if q.kind != wire.Sync {
		d.unsent = append(d.unsent, q.seq)
		return
	}
	d.running.Go(func() { d.failed(failure{seq: q.seq, kind: q.kind, stream: true, err: err}) })
}

// encodeFrame encodes a message that goes over a stream.
func (d *driver) encodeFrame(m *wire.Message) ([]byte, error) {
	data, err := d.codec.Append(make([]byte, 0, d.codec.Size(m)), m)
	if err == nil && len(data)+d.envelope.Overhead() > d.limits.streamBytes {
		err = fmt.Errorf("swim: a %v of %d bytes is more than Config.MaxStreamBytes (%d) allows: raise it on all nodes",
			m.Kind, len(data), d.limits.streamBytes)
	}
	if err != nil {
		d.counters.unencodable.Add(1)
		d.log.warn("cannot encode a message", "error", err)
	}
	return data, err
}

// ask opens a stream, asks, and gives the answer to the loop.
func (d *driver) ask(q question) error {
	ctx, cancel := context.WithTimeout(d.context, d.limits.streamTime)
	defer cancel()
	if q.asker != nil {
		defer context.AfterFunc(q.asker, cancel)()
	}
	conn, err := d.streams.DialStream(ctx, q.to)
	if err != nil {
		return err
	}
	defer closeWith(ctx, conn)()
	if err := d.writeFrame(conn, q.message); err != nil {
		return err
	}
	if !asks(q.kind) {
		return nil
	}
	in, err := d.readInbound(conn)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w within %v", errUnanswered, d.limits.streamTime)
	case errors.Is(err, io.EOF):
		return errUnanswered // whoever is there did not take it for a question
	case err != nil:
		return err
	}
	in.from = core.Path{Addr: q.to, Stream: true}
	select {
	case d.inbox <- in:
	case <-d.closing:
	}
	return nil
}

// closeWith closes a stream when ctx ends, whoever is reading or writing, or
// when end is called.
func closeWith(ctx context.Context, conn net.Conn) (end func()) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	return func() {
		stop()
		_ = conn.Close()
	}
}

// acceptStreams serves the streams of peers.
func (d *driver) acceptStreams() {
	var pause backoff
	for {
		conn, err := d.streams.AcceptStream()
		if err != nil {
			if !d.readFailed("accepting a stream", err, &pause) {
				return
			}
			continue
		}
		pause.reset()
		if !d.takeSlot() {
			d.counters.streamsRefused.Add(1)
			_ = conn.Close()
			continue
		}
		d.running.Go(func() {
			defer func() { <-d.serving }()
			d.serve(conn)
		})
	}
}

// slotWait is how long a peer's stream waits for one of Config.MaxStreams to end.
// An honest one takes milliseconds: where a whole cluster joins at once through
// one seed, all have their turn, and none is refused.
const slotWait = time.Second

// takeSlot returns false if all slots stay taken.
func (d *driver) takeSlot() bool {
	select {
	case d.serving <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(slotWait)
	defer timer.Stop()
	select {
	case d.serving <- struct{}{}:
		return true
	case <-timer.C:
	case <-d.closing:
	}
	return false
}

// serve takes the question of a peer's stream to the loop, and its answer back.
func (d *driver) serve(conn net.Conn) {
	ctx, cancel := context.WithTimeout(d.context, d.limits.streamTime)
	defer cancel()
	defer closeWith(ctx, conn)()
	in, err := d.readInbound(conn)
	if err != nil {
		if d.log.debugs() {
			d.log.debug("a peer's stream broke off", "from", conn.RemoteAddr().String(), "error", err)
		}
		return
	}
	in.from = core.Path{Addr: conn.RemoteAddr().String(), Stream: true}
	in.reply = make(chan []byte, 1)
	select {
	case d.inbox <- in:
	case <-d.closing:
		return
	}
	select {
	case message, ok := <-in.reply:
		if ok {
			_ = d.writeFrame(conn, message)
		}
	case <-d.closing:
	}
}

// reply gives the answer to a peer's stream to the goroutine that serves it. A
// stream is answered at once or not at all: what the Machine wants to say on one
// whose question it had before has nowhere to go.
func (d *driver) reply(p *core.Packet) {
	in := d.current
	if in == nil || in.reply == nil || in.from.Addr != p.To {
		d.counters.unanswerable.Add(1)
		return
	}
	message, err := d.encodeFrame(p.Msg)
	if err != nil {
		return
	}
	select {
	case in.reply <- message:
	default:
		d.counters.unanswerable.Add(1)
	}
}

// readInbound reads the one frame that a peer sends on a stream.
func (d *driver) readInbound(conn net.Conn) (*inbound, error) {
	packet, err := readFrame(conn, d.limits.streamBytes)
	switch {
	case errors.Is(err, errFrameSize):
		d.counters.oversized.Add(1)
		return nil, err
	case err != nil:
		d.counters.readErrors.Add(1)
		return nil, err
	}
	d.counters.framesIn.Add(1)
	d.counters.frameBytesIn.Add(uint64(frameHeadBytes + len(packet)))
	in := new(inbound)
	if err := d.decode(in, packet, conn.RemoteAddr().String()); err != nil {
		return nil, err
	}
	return in, nil
}

func (d *driver) writeFrame(conn net.Conn, message []byte) error {
	frame, err := d.envelope.Seal(beginFrame(len(message)+d.envelope.Overhead()), message)
	if err != nil {
		d.counters.unencodable.Add(1)
		return err
	}
	endFrame(frame)
	if _, err := conn.Write(frame); err != nil {
		d.counters.writeErrors.Add(1)
		return err
	}
	d.counters.framesOut.Add(1)
	d.counters.frameBytesOut.Add(uint64(len(frame)))
	return nil
}
