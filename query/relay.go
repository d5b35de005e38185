package query

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/swim-go/swim"
)

// relays chooses members to pass an answer on to the asker.
func (b *bound) relays(n int, asker string) []string {
	if n == 0 {
		return nil
	}
	var names []string
	self := b.node.Local().Name
	for _, m := range b.node.Members(swim.Alive) {
		if m.Name != self && m.Name != asker {
			names = append(names, m.Name)
		}
	}
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return slices.Clip(names[:min(n, len(names))])
}

// send hands over a payload and waits for the receipt, or where that fails sends it once
// more without.
func (b *bound) send(ctx context.Context, name string, payload []byte) error {
	err := b.node.SendReliable(ctx, name, payload)
	if err == nil || b.node.Send(ctx, name, payload) == nil {
		return nil
	}
	return err
}

// hearReply takes a message of this package: a reply for this node, or one to pass on.
// Only what comes from the member that replies is passed on, so nothing goes in circles.
func (q *Queries) hearReply(from swim.Member, payload []byte) {
	b := q.bound.Load()
	if b == nil {
		q.counters.unbound.Add(1)
		return
	}
	r, ok := parseReply(payload)
	switch {
	case !ok:
		q.counters.malformed.Add(1)
	case r.asker == b.node.Local().Name && r.origin == from.Name:
		q.settle(&r, "")
	case r.asker == b.node.Local().Name:
		q.settle(&r, from.Name)
	case r.origin == from.Name:
		q.forward(b, &r, payload)
	default:
		q.counters.malformed.Add(1)
	}
}

// forward passes a reply on: an answer with a receipt, off the Delegate's goroutine, and
// what has no payload in a packet.
func (q *Queries) forward(b *bound, r *reply, payload []byte) {
	if r.status != done && r.status != failed {
		if b.node.Send(b.ctx, r.asker, payload) == nil {
			q.counters.forwarded.Add(1)
			return
		}
		q.counters.forwardsShed.Add(1)
		return
	}
	select {
	case q.relaying <- struct{}{}:
	default:
		q.counters.forwardsShed.Add(1)
		return
	}
	go func() {
		defer func() { <-q.relaying }()
		ctx, cancel := context.WithTimeout(b.ctx, relayTimeout)
		defer cancel()
		if err := b.send(ctx, r.asker, payload); err != nil {
			q.counters.forwardsShed.Add(1)
			return
		}
		q.counters.forwarded.Add(1)
	}()
}
