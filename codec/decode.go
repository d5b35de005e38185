package codec

import (
	"math"
	"unsafe"

	"github.com/swim-go/swim/wire"
)

// updateBytes is what an update takes in memory, minUpdateBytes the least that
// one takes in a packet: a header, and six required fields of a byte each.
const (
	updateBytes    = int(unsafe.Sizeof(wire.Update{}))
	minUpdateBytes = 1 + minUpdateFields
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
	if n > messageFields {
		r.skip(n - messageFields)
	}
}

// updates reads the claims into the room of us. Where that does not suffice,
// it takes more only as the claims turn out to be there: else a short packet
// that announces many would cost the memory of all of them.
func (r *reader) updates(us []wire.Update) []wire.Update {
	us = us[:0]
	n := r.count()
	for i := 0; i < n && r.err == nil; i++ {
		if i == cap(us) {
			us = append(make([]wire.Update, 0, room(i, n, len(r.data)-r.pos)), us...)
		}
		us = us[:i+1]
		r.update(&us[i])
	}
	return us
}

// count reads the header of the array of updates. Every update takes more than
// a byte, so it believes in fewer of them than array would.
func (r *reader) count() int {
	start := r.pos
	n := r.array()
	switch rest := len(r.data) - r.pos; {
	case n > wire.MaxUpdates:
		r.pos = start
		r.fail(ErrTooLarge)
	case n > rest/minUpdateBytes:
		r.pos = start
		r.fail(ErrTruncated)
	}
	return n
}

// room is for how many updates to make room when have of want were read and
// rest bytes are left: for as many as take rest bytes in memory, so that an
// honest sync needs two steps or three, or else for twice what was read.
func room(have, want, rest int) int {
	return min(want, max(minRoom, 2*have, rest/updateBytes))
}

// minRoom is the room for updates to begin with: about what a packet holds.
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
