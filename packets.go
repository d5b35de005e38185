package swim

import (
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
	// stranger says that no member sends packets from there.
	stranger bool
	// reply takes the answer to a stream of a peer's, if there is one, and is
	// closed when the loop is done with the message; nil for a packet.
	reply chan *wire.Message
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
func asks(k wire.Kind) bool {
	switch k {
	case wire.Ping, wire.PingReq, wire.Sync, wire.Fetch, wire.User:
		return true
	}
	return false
}

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
		n, from, identity, err := d.readPacket(in.packet)
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
		if !d.take(in, in.packet[:n], from) {
			continue
		}
		in.from = core.Path{Addr: from, Identity: identity}
		if !d.gates.byHost { // else that is where it comes from, for sure
			in.from.Bytes = in.bytes
		}
		select {
		case d.inbox <- in:
			in = d.newInbound()
		case <-d.closing:
			return
		}
	}
}

// take decodes a packet, if it does not come too fast. That is asked first, so that
// a flood costs next to nothing; but of a member whose packets are sealed, not before
// it is known that this is one of them: whoever forges its address would use up
// what the member may send.
func (d *driver) take(in *inbound, packet []byte, from string) bool {
	now, member := d.clock.elapsed(), d.known.has(from)
	in.stranger = !member
	sealed := member && !d.gates.byHost && d.envelope.Sealed()
	if !sealed && !d.gates.packet(now, from, member) {
		return false
	}
	if d.decode(d.codec, in, packet, from) != nil {
		return false
	}
	if sealed && !d.gates.packet(now, from, member) {
		return false
	}
	if d.admission == nil {
		return true
	}
	// To check a credential may take longer than all else about a claim.
	if !member && !d.gates.claims(now, from, len(in.msg.Updates)) {
		return false
	}
	return d.thin(&in.msg, now)
}

// decode opens a packet or frame into in. If that fails, it is counted.
func (d *driver) decode(codec Codec, in *inbound, packet []byte, from string) error {
	plain, err := d.envelope.Open(in.plain[:0], packet)
	if err != nil {
		d.counters.refused(err)
	} else {
		if d.envelope.Sealed() {
			in.plain = plain // its room serves again
		}
		if err = codec.Decode(&in.msg, plain); err != nil {
			d.counters.malformed.Add(1)
		}
	}
	in.bytes = len(plain)
	if err != nil && d.log.debugs() {
		d.log.debug("dropped a packet", "from", from, "error", err)
	}
	return err
}

// send encodes a packet and hands it to the writer.
func (d *driver) send(p *core.Packet) {
	out, _ := d.outbounds.Get().(*outbound)
	if out == nil {
		out = &outbound{data: make([]byte, 0, d.limits.messageBytes)}
	}
	out.to, out.seq, out.kind, out.asks = p.To, p.Msg.Seq, p.Msg.Kind, p.Msg.Seq != 0 && asks(p.Msg.Kind)
	data, err := d.codec.Append(out.data[:0], p.Msg)
	if err != nil || len(data) > d.limits.messageBytes {
		d.counters.unencodable.Add(1)
		d.dropped(out)
		return
	}
	out.data = data
	if d.current != nil && d.current.stranger && len(d.outbox) >= outboxForStrangers {
		d.counters.answersShed.Add(1)
		d.dropped(out)
		return
	}
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
