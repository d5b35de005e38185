package swim

import (
	"context"
	"errors"
	"net"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// acceptStreams serves the streams of peers. A host that opens too many is shed
// before they cost a slot or a goroutine.
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
		if !d.gates.streams.AllowHost(d.clock.elapsed(), conn.RemoteAddr().String()) {
			_ = conn.Close()
			continue
		}
		s := d.slots.take(conn, d.closing)
		if s == nil {
			d.counters.streamsRefused.Add(1)
			_ = conn.Close()
			continue
		}
		d.running.Go(func() {
			defer s.release()
			d.serve(s)
		})
	}
}

// serve takes the question of a peer's stream to the loop, and its answer back.
func (d *driver) serve(s *slot) {
	ctx, cancel := context.WithTimeout(d.context, d.limits.streamTime)
	defer cancel()
	defer closeWith(ctx, s)()
	if err := d.answerStream(ctx, s); err != nil && d.log.debugs() {
		d.log.debug("a peer's stream broke off", "from", s.RemoteAddr().String(), "error", err)
	}
}

func (d *driver) answerStream(ctx context.Context, s *slot) error {
	frame, err := d.readFrame(s)
	if err != nil {
		return err
	}
	s.turn(true)
	from := core.Path{Addr: s.RemoteAddr().String(), Stream: true, Identity: peerIdentity(s.Conn)}
	answer, err := d.hand(ctx, frame, from)
	if err != nil || answer == nil {
		return err
	}
	if answer.Kind == wire.UserStateReply {
		if err := d.answerState(ctx, answer); err != nil {
			return err
		}
	}
	message, err := d.encodeFrame(ctx, answer)
	if err != nil {
		return err
	}
	s.turn(false)
	return d.writeFrame(s, message)
}

// errRate: a host asks too often.
var errRate = errors.New("swim: more than Config.Limits allow")

// hand gives the message in a frame to the loop and returns what it answers, or
// nil if it does not. A frame may unpack to hundreds of times its size, and its
// message stays until the loop is done with it; so there are a few of them at a
// time, however many streams are open.
func (d *driver) hand(ctx context.Context, frame []byte, from core.Path) (*wire.Message, error) {
	if err := d.beginCoding(ctx); err != nil {
		return nil, err
	}
	defer d.endCoding()
	in := &inbound{from: from, reply: make(chan *wire.Message, 1)}
	if err := d.decode(d.streamCodec, in, frame, from.Addr); err != nil {
		return nil, err
	}
	if (in.msg.Kind == wire.Sync || in.msg.Kind == wire.Visit) && !d.gates.syncs.AllowHost(d.clock.elapsed(), from.Addr) {
		return nil, errRate
	}
	d.vet(&in.msg)
	if refusal := d.refuseMerge(ctx, &in.msg); refusal != nil {
		return refusal, nil
	}
	select {
	case d.inbox <- in:
	case <-d.closing:
		return nil, ErrClosed
	}
	select {
	case answer := <-in.reply:
		return answer, nil
	case <-d.closing:
		return nil, ErrClosed
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
	select {
	case in.reply <- copied(p.Msg):
	default:
		d.counters.unanswerable.Add(1)
	}
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
