package swim

import (
	"errors"
	"net"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// inbound is a message on its way to the loop, with the buffers that it may be
// a view into.
type inbound struct {
	packet []byte // as it came
	plain  []byte // and opened, if it was sealed
	msg    wire.Message
	from   core.Path
	bytes  int // of the encoded message
	// reply takes the answer to a stream of a peer's, if there is one, and is
	// closed then; nil for anything else.
	reply chan []byte
}

// outbound is an encoded message on its way to the network.
type outbound struct {
	to   string
	data []byte
	// seq numbers the question that it asks; asks is false for all others.
	seq  uint32
	kind wire.Kind
	asks bool
}

// asks reports whether the Machine wants to know that a message of that kind was
// not sent.
func asks(k wire.Kind) bool { return k == wire.Ping || k == wire.PingReq || k == wire.Sync }

func (d *driver) newInbound() *inbound {
	if in, ok := d.inbounds.Get().(*inbound); ok {
		return in
	}
	// One byte more, so that a packet that is too large shows.
	return &inbound{packet: make([]byte, d.limits.packetBytes+1)}
}

// recycle takes back an inbound that nothing refers to any more. Those of
// streams are as large as the table, and rare, and left to the collector.
func (d *driver) recycle(in *inbound) {
	if in.from.Stream {
		return
	}
	in.msg.Reset()
	d.inbounds.Put(in)
}

// readPackets opens and decodes packets, so that the loop does not have to.
func (d *driver) readPackets() {
	var pause backoff
	in := d.newInbound()
	for {
		n, from, err := d.transport.ReadPacket(in.packet)
		if err != nil {
			if !d.readFailed("reading a packet", err, &pause) {
				return
			}
			continue
		}
		pause.reset()
		d.counters.packetsIn.Add(1)
		d.counters.bytesIn.Add(uint64(n))
		if n > d.limits.packetBytes {
			d.counters.oversized.Add(1)
			continue
		}
		if d.decode(in, in.packet[:n], from) != nil {
			continue
		}
		in.from = core.Path{Addr: from, Bytes: in.bytes}
		select {
		case d.inbox <- in:
			in = d.newInbound()
		case <-d.closing:
			return
		}
	}
}

// decode opens a packet or frame into in. If that fails, it is counted.
func (d *driver) decode(in *inbound, packet []byte, from string) error {
	plain, err := d.envelope.Open(in.plain[:0], packet)
	if err != nil {
		d.counters.refused(err)
	} else {
		if d.envelope.Sealed() {
			in.plain = plain // its room serves again
		}
		if err = d.codec.Decode(&in.msg, plain); err != nil {
			d.counters.malformed.Add(1)
		}
	}
	in.bytes = len(plain)
	if err != nil && d.log.debugs() {
		d.log.debug("dropped a packet", "from", from, "error", err)
	}
	return err
}

// readFailed counts a failed read and pauses. It returns false if there is
// nothing more to read: the node is closing, or its transport was closed by
// somebody else, and without it the node cannot go on either.
func (d *driver) readFailed(doing string, err error, pause *backoff) bool {
	select {
	case <-d.closing:
		return false
	default:
	}
	if errors.Is(err, net.ErrClosed) {
		d.stop(ErrTransport)
		return false
	}
	d.counters.readErrors.Add(1)
	if pause.first() {
		d.log.warn(doing+" failed", "error", err)
	}
	return pause.wait(d.closing)
}

// send encodes a packet and hands it to the writer.
func (d *driver) send(p *core.Packet) {
	out, _ := d.outbounds.Get().(*outbound)
	if out == nil {
		out = &outbound{data: make([]byte, 0, d.limits.messageBytes)}
	}
	out.to, out.seq, out.kind, out.asks = p.To, p.Msg.Seq, p.Msg.Kind, asks(p.Msg.Kind)
	data, err := d.codec.Append(out.data[:0], p.Msg)
	if err != nil || len(data) > d.limits.messageBytes {
		d.counters.unencodable.Add(1)
		d.dropped(out)
		return
	}
	out.data = data
	select {
	case d.outbox <- out:
	default:
		d.counters.outboxFull.Add(1)
		d.dropped(out)
	}
}

// dropped notes a packet that the loop could not hand on.
func (d *driver) dropped(out *outbound) {
	if out.asks {
		d.unsent = append(d.unsent, out.seq)
	}
	d.outbounds.Put(out)
}

// writePackets seals packets and sends them, so that the loop neither computes
// nor waits for that.
func (d *driver) writePackets() {
	var packet []byte
	for {
		select {
		case <-d.closing:
			return
		case out := <-d.outbox:
			packet = d.write(packet[:0], out)
			d.outbounds.Put(out)
		}
	}
}

// write sends one packet, and returns the buffer it was sealed in.
func (d *driver) write(buf []byte, out *outbound) []byte {
	packet, err := d.envelope.Seal(buf, out.data)
	switch {
	case err != nil:
		d.counters.unencodable.Add(1)
	default:
		if err = d.transport.WritePacket(packet, out.to); err == nil {
			d.counters.packetsOut.Add(1)
			d.counters.bytesOut.Add(uint64(len(packet)))
			return packet
		}
		d.counters.writeErrors.Add(1)
	}
	if d.log.debugs() {
		d.log.debug("could not send a packet", "to", out.to, "error", err)
	}
	if out.asks {
		d.failed(failure{seq: out.seq, kind: out.kind, err: err})
	}
	return packet
}

// failed tells the loop of a failure.
func (d *driver) failed(f failure) {
	select {
	case d.failures <- f:
	case <-d.closing:
	}
}

// backoff is the pause after a read that failed, which doubles with each in a
// row: a transport that fails at once and always must not take a processor.
type backoff struct{ pause time.Duration }

const (
	minPause = 5 * time.Millisecond
	maxPause = time.Second
)

func (b *backoff) reset()      { b.pause = 0 }
func (b *backoff) first() bool { return b.pause == 0 }

// wait returns false if the node closes meanwhile.
func (b *backoff) wait(closing <-chan struct{}) bool {
	b.pause = min(max(2*b.pause, minPause), maxPause)
	timer := time.NewTimer(b.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-closing:
		return false
	}
}
