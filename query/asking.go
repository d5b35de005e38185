package query

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/swim-go/swim"
)

// Answer is what came of asking one member.
type Answer struct {
	// From is the member, as it was known when it was asked.
	From swim.Member
	// Payload is the answer, which is the reader's.
	Payload []byte
	// Via names the member that relayed the answer; "" if it came straight.
	Via string
	// Err says why there is no answer: [ErrNoAnswer], [ErrNotReceived], [ErrGone],
	// [ErrUnhandled], [ErrBusy], [ErrShed], [swim.ErrUnknownMember], or a [RemoteError].
	Err error
}

// asking is a query as its asker sees it.
type asking struct {
	wake   chan struct{} // holds a token whenever there is something new for the reader
	cancel context.CancelFunc

	mu      sync.Mutex
	members map[string]*asked
	open    int      // of members, how many did not answer
	ready   []Answer // not read yet
	unread  int      // their bytes
}

type asked struct {
	member             swim.Member
	received, answered bool
}

// What came of an answer.
type outcome int

const (
	given outcome = iota + 1
	shed
	repeated
	unasked
)

// expect notes who is to answer, and reports whether the node itself is among them, and
// others are. a is locked.
func (a *asking) expect(live []swim.Member, self string, c *choice) (myself, others bool) {
	a.members = make(map[string]*asked)
	for _, m := range live {
		if c.holds(m) {
			a.members[m.Name] = &asked{member: m}
			myself, others = myself || m.Name == self, others || m.Name != self
		}
	}
	a.open = len(a.members)
	unknown := slices.Clone(c.names)
	slices.Sort(unknown)
	for _, name := range slices.Compact(unknown) {
		if !slices.ContainsFunc(live, func(m swim.Member) bool { return m.Name == name }) {
			a.ready = append(a.ready, Answer{From: swim.Member{Name: name}, Err: swim.ErrUnknownMember})
		}
	}
	if a.open == 0 {
		a.cancel()
	}
	return myself, others
}

// answers is the iterator.
func (a *asking) answers(yield func(Answer) bool) {
	defer a.cancel()
	for {
		answer, ok := a.next()
		if !ok || !yield(answer) {
			return
		}
	}
}

// next waits for an answer, and returns false after the last.
func (a *asking) next() (Answer, bool) {
	for {
		a.mu.Lock()
		if len(a.ready) > 0 {
			answer := a.ready[0]
			a.ready = slices.Delete(a.ready, 0, 1)
			a.unread -= len(answer.Payload)
			a.mu.Unlock()
			return answer, true
		}
		open := a.open
		a.mu.Unlock()
		if open == 0 {
			return Answer{}, false
		}
		<-a.wake
	}
}

// give is the end of waiting for one member. a is locked.
func (a *asking) give(of *asked, answer Answer) {
	of.answered, answer.From = true, of.member
	a.open--
	a.ready = append(a.ready, answer)
	a.unread += len(answer.Payload)
	select {
	case a.wake <- struct{}{}:
	default:
	}
	if a.open == 0 {
		a.cancel()
	}
}

func (a *asking) received(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if of := a.members[name]; of != nil {
		of.received = true
	}
}

func (a *asking) answer(r *reply, via string) outcome {
	a.mu.Lock()
	defer a.mu.Unlock()
	of := a.members[r.origin]
	switch {
	case of == nil:
		return unasked
	case of.answered:
		return repeated
	case a.unread+len(r.payload) > MaxUnreadBytes:
		a.give(of, Answer{Via: via, Err: ErrShed})
		return shed
	}
	answer := Answer{Via: via}
	switch r.status {
	case done:
		answer.Payload = r.payload
	case unhandled:
		answer.Err = ErrUnhandled
	case busy:
		answer.Err = ErrBusy
	default:
		answer.Err = &RemoteError{string(r.payload)}
	}
	a.give(of, answer)
	return given
}

// changed ends the waiting for a member that will not answer any more.
func (a *asking) changed(m swim.Member) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if of := a.members[m.Name]; of != nil && !of.answered && gone(of.member, m) {
		a.give(of, Answer{Err: ErrGone})
	}
}

// expire ends the waiting for all.
func (a *asking) expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	var missing []*asked
	for _, of := range a.members {
		if !of.answered {
			missing = append(missing, of)
		}
	}
	slices.SortFunc(missing, func(a, b *asked) int { return cmp.Compare(a.member.Name, b.member.Name) })
	for _, of := range missing {
		err := ErrNotReceived
		if of.received {
			err = ErrNoAnswer
		}
		a.give(of, Answer{Err: err})
	}
}
