package codec

import (
	"math"
	"unsafe"

	"github.com/swim-go/swim/wire"
)

// updateBytes is what an update takes in memory, minUpdateBytes the least that
// one takes in a packet: a header, and six required fields of a byte each. Likewise
// for a broadcast.
const (
	updateBytes    = int(unsafe.Sizeof(wire.Update{}))
	minUpdateBytes = 1 + minUpdateFields

	broadcastBytes    = int(unsafe.Sizeof(wire.Broadcast{}))
	minBroadcastBytes = 1 + minBroadcastFields
)

func (r *reader) message(m *wire.Message) {
	n := r.fields(minMessageFields)
	m.Kind = wire.Kind(r.uint(math.MaxUint8))
	m.Seq = uint32(r.uint(math.MaxUint32))
	m.Sender.Name = r.str()
	m.Sender.Epoch = r.uint(math.MaxUint64)
	m.Sender.Incarnation = uint32(r.uint(math.MaxUint32))
	if n > 5 {
		m.Target = r.str()
	}
	if n > 6 {
		m.Cursor = uint32(r.uint(math.MaxUint32))
	}
	if n > 7 {
		m.Updates = r.updates(m.Updates)
	}
	if n > 8 {
		m.Payload = r.bin()
	}
	if n > 9 {
		m.Digest = r.uint(math.MaxUint64)
	}
	if n > 10 {
		m.Broadcasts = r.broadcasts(m.Broadcasts)
	}
	if n > messageFields {
		r.skip(n - messageFields)
	}
}

// updates reads the claims into the room of us. Where that does not suffice,
// it takes more only as the claims turn out to be there: else a short packet
// that announces many would cost the memory of all of them.
func (r *reader) updates(us []wire.Update) []wire.Update {
	us = us[:0]
	n := r.count(wire.MaxUpdates, minUpdateBytes)
	for i := 0; i < n && r.err == nil; i++ {
		if i == cap(us) {
			us = append(make([]wire.Update, 0, room(i, n, (len(r.data)-r.pos)/updateBytes)), us...)
		}
		us = us[:i+1]
		r.update(&us[i])
	}
	return us
}

// broadcasts reads the broadcasts into the room of bs, as updates does.
func (r *reader) broadcasts(bs []wire.Broadcast) []wire.Broadcast {
	bs = bs[:0]
	n := r.count(wire.MaxBroadcasts, minBroadcastBytes)
	for i := 0; i < n && r.err == nil; i++ {
		if i == cap(bs) {
			bs = append(make([]wire.Broadcast, 0, room(i, n, (len(r.data)-r.pos)/broadcastBytes)), bs...)
		}
		bs = bs[:i+1]
		r.broadcast(&bs[i])
	}
	return bs
}

// count reads the header of an array of up to most elements. Each takes least bytes
// or more, so it believes in fewer of them than array would.
func (r *reader) count(most, least int) int {
	start := r.pos
	n := r.array()
	switch rest := len(r.data) - r.pos; {
	case n > most:
		r.pos = start
		r.fail(ErrTooLarge)
	case n > rest/least:
		r.pos = start
		r.fail(ErrTruncated)
	}
	return n
}

// room is for how many elements to make room when have of want were read, and as many
// as likely take as much memory as there are bytes left: for as many as that, so that
// an honest sync needs two steps or three, or else for twice what was read.
func room(have, want, likely int) int {
	return min(want, max(minRoom, 2*have, likely))
}

// minRoom is the room for elements to begin with: about what a packet holds.
const minRoom = 8

func (r *reader) update(u *wire.Update) {
	n := r.fields(minUpdateFields)
	u.Name = r.str()
	u.Addr = r.str()
	u.Meta = r.str()
	u.Epoch = r.uint(math.MaxUint64)
	u.Incarnation = uint32(r.uint(math.MaxUint32))
	u.State = wire.State(r.uint(math.MaxUint8))
	u.From, u.Age, u.Token = "", 0, ""
	if n > 6 {
		u.From = r.str()
	}
	if n > 7 {
		u.Age = uint32(r.uint(math.MaxUint32))
	}
	if n > 8 {
		u.Token = r.str()
	}
	if n > updateFields {
		r.skip(n - updateFields)
	}
}

func (r *reader) broadcast(b *wire.Broadcast) {
	n := r.fields(minBroadcastFields)
	b.Origin = r.str()
	b.Epoch = r.uint(math.MaxUint64)
	b.Seq = r.uint(math.MaxUint64)
	b.Channel = r.str()
	b.Key = r.str()
	b.Size = uint32(r.uint(math.MaxUint32))
	b.Payload = r.bin()
	if n > broadcastFields {
		r.skip(n - broadcastFields)
	}
}
