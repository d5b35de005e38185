package main

import (
	"slices"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

// maxClaims bounds the queue, since peers can make a node add any number.
const maxClaims = 1000

// fifo sends the claims that wait in turn: what was sent goes to the end of the
// queue, until it was sent often enough. The default lets news overtake what was
// sent already, and so is quicker in a burst. The zero value is ready.
type fifo struct {
	queue []waiting
	shed  int // dropped to keep within maxClaims
}

type waiting struct {
	claim wire.Update
	sent  int
}

var _ swim.Disseminator = (*fifo)(nil)

// Add takes a claim, unless it is no news, and drops what it makes obsolete.
func (f *fifo) Add(u wire.Update) {
	if slices.ContainsFunc(f.queue, func(w waiting) bool {
		return w.claim.Name == u.Name && (wire.Supersedes(&w.claim.Member, &u.Member) ||
			// The same claim of another accuser is news: several accusers, who
			// confirm each other, shorten the time a suspect is given.
			w.claim.Member == u.Member && w.claim.From == u.From)
	}) {
		return
	}
	f.queue = slices.DeleteFunc(f.queue, func(w waiting) bool {
		return w.claim.Name == u.Name && wire.Supersedes(&u.Member, &w.claim.Member)
	})
	if len(f.queue) == maxClaims {
		f.shedOne()
	}
	f.queue = append(f.queue, waiting{claim: u})
}

// shedOne drops what was sent most often, and so is missed least.
func (f *fifo) shedOne() {
	most := 0
	for i, w := range f.queue {
		if w.sent > f.queue[most].sent {
			most = i
		}
	}
	f.queue = slices.Delete(f.queue, most, most+1)
	f.shed++
}

// Fill appends to dst what room.Bytes holds of the claims that wait, unless it is about a
// member that dst has a claim about already.
func (f *fifo) Fill(dst []wire.Update, room wire.Room) []wire.Update {
	if room.Limit < 1 {
		return dst // a node that is alone has nobody to tell yet
	}
	had := dst // without what follows: several accusers of one member go together
	var unsent, sent []waiting
	for _, w := range f.queue {
		size := room.Size(&w.claim)
		told := slices.ContainsFunc(had, func(u wire.Update) bool { return u.Name == w.claim.Name })
		if told || size > room.Bytes {
			unsent = append(unsent, w)
			continue
		}
		room.Bytes -= size
		dst = append(dst, w.claim)
		// The limit grows with the cluster, so it may be another one each time.
		if w.sent++; w.sent < room.Limit {
			sent = append(sent, w)
		}
	}
	f.queue = append(unsent, sent...)
	return dst
}

// Forget drops all claims about a member.
func (f *fifo) Forget(name string) {
	f.queue = slices.DeleteFunc(f.queue, func(w waiting) bool { return w.claim.Name == name })
}

// Len is how many claims wait. While it is 0, a node gossips nothing.
func (f *fifo) Len() int { return len(f.queue) }
