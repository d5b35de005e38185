package query

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/swim-go/swim"
)

// hearQuestion takes a broadcast. It does not block: the Delegate's goroutine has others
// to serve.
func (q *Queries) hearQuestion(from swim.Member, payload []byte) {
	b := q.bound.Load()
	if b == nil {
		q.counters.unbound.Add(1)
		return
	}
	question, ok := parseQuestion(payload)
	if !ok {
		q.counters.malformed.Add(1)
		return
	}
	if question.holds(b.node.Local()) {
		q.take(b, from, &question)
	}
}

// take has a question answered, or refuses it.
func (q *Queries) take(b *bound, from swim.Member, asked *question) {
	q.mu.Lock()
	f := q.funcs[asked.name]
	q.mu.Unlock()
	r := reply{id: asked.id, asker: from.Name, origin: b.node.Local().Name}
	if f == nil {
		q.counters.unhandled.Add(1)
		r.status = unhandled
		q.tell(b.ctx, b, &r, asked.relays)
		return
	}
	select {
	case q.running <- struct{}{}:
	default:
		q.counters.busy.Add(1)
		r.status = busy
		q.tell(b.ctx, b, &r, asked.relays)
		return
	}
	go q.serve(b, from, asked, f, r)
}

// serve answers a question, and acknowledges it meanwhile.
func (q *Queries) serve(b *bound, from swim.Member, asked *question, f Func, r reply) {
	defer func() { <-q.running }()
	ctx, cancel := context.WithTimeout(b.ctx, asked.timeout)
	defer cancel()
	working, stop := context.WithCancel(ctx)
	defer stop()
	go q.acknowledge(working, b, r, asked.relays)
	answer, err := q.call(ctx, f, from, asked.payload)
	stop()
	if err == nil && len(answer) > MaxAnswerBytes {
		err = fmt.Errorf("swim: an answer of %d bytes, want at most %d", len(answer), MaxAnswerBytes)
	}
	r.status, r.payload = done, answer
	if err != nil {
		r.fail(err)
	}
	q.counters.served.Add(1)
	if err := q.deliver(ctx, b, &r, asked.relays); err != nil {
		q.counters.unsent.Add(1)
	}
}

func (q *Queries) call(ctx context.Context, f Func, from swim.Member, payload []byte) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			q.counters.panics.Add(1)
			answer, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	return f(ctx, from, payload)
}

// acknowledge says that a question arrived, again and again, since a packet may be lost,
// until the answer says it.
func (q *Queries) acknowledge(working context.Context, b *bound, r reply, relays int) {
	r.status = received
	for wait := ackInterval; ; wait *= 2 {
		q.tell(working, b, &r, relays)
		select {
		case <-working.Done():
			return
		case <-time.After(wait):
		}
	}
}

// tell sends a reply that has no payload, and that may be lost.
func (q *Queries) tell(ctx context.Context, b *bound, r *reply, relays int) {
	if r.asker == r.origin {
		q.settle(r, "")
		return
	}
	payload := r.append(nil)
	for _, name := range append(b.relays(relays, r.asker), r.asker) {
		_ = b.node.Send(ctx, name, payload)
	}
}

// deliver sends an answer to the asker, and at the same time by relays. It waits until
// all have it, and returns an error if the asker was not reached straight and no relay was.
func (q *Queries) deliver(ctx context.Context, b *bound, r *reply, relays int) error {
	if r.asker == r.origin {
		q.settle(r, "")
		return nil
	}
	payload := r.append(nil)
	names := append(b.relays(relays, r.asker), r.asker)
	sent := make(chan error, len(names))
	for _, name := range names {
		go func() { sent <- b.send(ctx, name, payload) }()
	}
	var problems []error
	for range names {
		if err := <-sent; err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) < len(names) {
		return nil
	}
	err := errors.Join(problems...)
	if size := new(swim.SizeError); errors.As(err, &size) {
		// No stream, or none that holds it: that much can still be said.
		r.fail(size)
		q.tell(ctx, b, r, relays)
	}
	return err
}
