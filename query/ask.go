package query

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swim-go/swim"
)

// Ask asks members the query of a name and returns what they answer, which can be read
// once. It gives exactly one [Answer] for each member asked: as they come, and when ctx
// ends one with the reason for each that is missing. It ends then, or with the last one.
// A ctx without a deadline ends after DefaultTimeout. To break out of the loop ends the
// query. What is not read stays until ctx ends, within MaxUnreadBytes.
//
// The members asked are those that this node believes to be live now, itself included,
// and the options choose. It returns [ErrUnbound], [ErrTooMany], [ErrTooLarge], or the
// error of [swim.Node.Broadcast]; then nobody was asked. The payload may be reused when it
// returns.
func (q *Queries) Ask(ctx context.Context, name string, payload []byte, options ...Option) (iter.Seq[Answer], error) {
	b := q.bound.Load()
	if b == nil {
		return nil, ErrUnbound
	}
	question := question{id: rand.Uint64(), name: name, payload: payload}
	for _, option := range options {
		option(&question.choice)
	}
	if name == "" || len(name) > MaxNameBytes || len(payload) > MaxPayloadBytes || !question.fits() {
		return nil, fmt.Errorf("%w: a name of 1 to %d bytes, a payload of %d, %d names and %d tags",
			ErrTooLarge, MaxNameBytes, MaxPayloadBytes, MaxNamed, MaxTagged)
	}
	limit := MaxTimeout
	if _, ok := ctx.Deadline(); !ok {
		limit = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	deadline, _ := ctx.Deadline()
	question.timeout = time.Until(deadline)

	// Events that come once it is entered wait for the lock, and those that came before
	// show in Members. So nobody is waited for who is gone.
	a := &asking{wake: make(chan struct{}, 1), cancel: cancel}
	a.mu.Lock()
	if !q.enter(question.id, a) {
		a.mu.Unlock()
		cancel()
		return nil, ErrTooMany
	}
	self := b.node.Local()
	myself, others := a.expect(b.node.Members(), self.Name, &question.choice)
	a.mu.Unlock()
	unclosed := context.AfterFunc(b.ctx, cancel)
	context.AfterFunc(ctx, func() {
		unclosed()
		q.leave(question.id)
		a.expire()
	})
	if others {
		if err := b.node.Broadcast(ctx, Channel, question.append(nil)); err != nil {
			cancel()
			return nil, err
		}
	}
	q.counters.asked.Add(1)
	if myself {
		question.payload = slices.Clone(payload)
		q.take(b, self, &question)
	}
	return a.answers, nil
}

// settle gives the asker a reply, if it is the first of that member.
func (q *Queries) settle(r *reply, via string) {
	q.mu.Lock()
	a := q.asked[r.id]
	q.mu.Unlock()
	c := &q.counters
	if r.status == received {
		if a != nil {
			a.received(r.origin)
		}
		return
	}
	c.answers.Add(1)
	if via != "" {
		c.relayed.Add(1)
	}
	if a == nil {
		c.late.Add(1)
		return
	}
	switch a.answer(r, via) {
	case shed:
		c.answersShed.Add(1)
	case repeated:
		c.repeated.Add(1)
	case unasked:
		c.late.Add(1)
	}
}

// gone reports whether a member that was asked no longer is the process that was.
func gone(asked, now swim.Member) bool { return !now.State.Live() || now.Epoch != asked.Epoch }
