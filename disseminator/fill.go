package disseminator

import (
	"math"

	"github.com/swim-go/swim/wire"
)

// lookAhead is how many claims that do not fit any more are passed over in
// search of smaller ones; and in each list, how many that never fitted.
const lookAhead = 8

// packet is what one Fill is filling.
type packet struct {
	claims []wire.Update
	room   wire.Room
	left   int // bytes
	misses int // claims passed over that fit the room, but not what is left
}

// Fill appends to dst claims that fit room, and counts each as sent once; with
// its last send, a claim is dropped. It skips members that dst already has a
// claim about.
//
// Where a claim does not fit what is left, those behind it get a try, a bounded
// number of them. A claim larger than the whole room goes behind its equals, so
// that it is in nobody's way, and waits for a wider room until it is superseded,
// forgotten or shed. A Limit lower than before drops what was sent as often. A
// Limit or Bytes below 1 sends nothing and drops nothing: a node that is alone
// has nobody to tell yet.
func (p *Piggyback) Fill(dst []wire.Update, room wire.Room) []wire.Update {
	q := &p.queue
	if q.len == 0 || room.Limit < 1 || room.Bytes < 1 {
		return dst
	}
	room.Limit = min(room.Limit, math.MaxInt32)
	q.expire(room.Limit)
	p.fills++
	p.hide(dst)
	pkt := packet{claims: dst, room: room, left: room.Bytes}
	moved := none
	for k := range len(q.lists) {
		// Behind those this packet took from the list before: no claim goes
		// into a packet twice.
		start := q.lists[k].front
		if moved != none {
			start = q.entries[moved].next
		}
		moved = p.fillFrom(start, &pkt)
		if pkt.misses == lookAhead {
			break
		}
	}
	q.trim()
	return pkt.claims
}

// fillFrom puts claims into pkt, from start to the end of its list. It returns
// the last one that it moved to the next list.
func (p *Piggyback) fillFrom(start slot, pkt *packet) (moved slot) {
	q := &p.queue
	aside, tooLarge := none, 0
	for i, next := start, none; i != none && i != aside; i = next {
		e := &q.entries[i]
		next = e.next
		if e.hidden == p.fills {
			continue
		}
		if int(e.sent) >= pkt.room.Limit { // in the last list, see expire
			q.drop(i)
			continue
		}
		switch size := pkt.room.Size(&e.claim); {
		case size <= pkt.left:
			pkt.claims = append(pkt.claims, e.claim)
			pkt.left -= size
			moved = q.count(i, moved, pkt.room.Limit)
		case size <= pkt.room.Bytes:
			// It stays in front, where the next packet of this room takes it.
			if pkt.misses++; pkt.misses == lookAhead {
				return moved
			}
		default:
			// In front, eight of them would keep all others from ever being
			// sent. The misses they cost are counted per list for that reason.
			if q.moveBack(i); aside == none {
				aside = i
			}
			if tooLarge++; tooLarge == lookAhead {
				return moved
			}
		}
	}
	return moved
}

// hide marks the claims about members that dst has a claim about.
func (p *Piggyback) hide(dst []wire.Update) {
	for i := range dst {
		for s := p.queue.members[dst[i].Name]; s != none; s = p.queue.entries[s].sibling {
			p.queue.entries[s].hidden = p.fills
		}
	}
}

// expire drops the claims that were sent limit times, except in the last list,
// where counts are mixed and finding them would mean to look at all.
func (q *queue) expire(limit int) {
	for k := limit; k < len(q.lists); k++ {
		for q.lists[k].front != none {
			q.drop(q.lists[k].front)
		}
	}
}

// count notes that the claim at i was sent. It either drops it, or moves it to
// the next list, behind moved or in front; it returns whom it moved last.
func (q *queue) count(i, moved slot, limit int) slot {
	if int(q.entries[i].sent)+1 >= limit {
		q.drop(i)
		return moved
	}
	q.unlink(i)
	q.entries[i].sent++
	q.link(i, moved)
	return i
}

// moveBack makes the claim at i the last of its list.
func (q *queue) moveBack(i slot) {
	q.unlink(i)
	q.link(i, q.list(i).back)
}
