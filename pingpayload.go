package swim

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/swim-go/swim/internal/core"
)

// PingDelegate is a Delegate that is also told of the pings of this node that their
// targets answered themselves: how long that took, and what they said with it. What
// this node says to the pings of others it sets with [Node.SetAckPayload].
type PingDelegate interface {
	Delegate
	// NotifyPing tells that a member answered a ping after rtt, with the payload that it
	// had set, or nil. Of several answers of a member that come while a callback is
	// blocked it is told the last; see [Node.RTT] for what they amount to. Each member is
	// pinged once every n periods in a cluster of n, so that is how old its payload can
	// be. The payload is the callee's.
	NotifyPing(member Member, rtt time.Duration, payload []byte)
}

// MaxAckPayloadBytes bounds what an answer to a ping carries of the user's. The smallest
// packet that a claim about this node fits has room for it.
const MaxAckPayloadBytes = core.MaxAckPayloadBytes

// SetAckPayload replaces what this node's answers to pings carry, for the
// [PingDelegate] of whoever pings it: its load, a version, coordinates. It is copied;
// nil ends it. There is no callback that is asked for each ping, since an answer that
// waits for one comes late, and a late answer is a suspicion.
//
// It is best effort, and says nothing about who has it when it returns: news for all
// members are what SetMeta is for. Each payload takes room from the claims that would
// ride on the answer, up to its length, and is left out of an answer that has no room
// for it. Whoever may ping this node gets it.
//
// It returns a [SizeError], [ErrLeft], [ErrClosed] or ctx's error; then nothing was
// changed.
func (n *Node) SetAckPayload(ctx context.Context, payload []byte) error {
	if len(payload) > MaxAckPayloadBytes {
		return &SizeError{What: "payload", Bytes: len(payload), Limit: MaxAckPayloadBytes}
	}
	d := n.driver
	return d.input(ctx, func(now time.Duration) { d.machine.SetAckPayload(now, payload) })
}

func wantsPings(d Delegate) bool {
	_, ok := d.(PingDelegate)
	return ok
}

// maxPings is of how many members answers wait for a PingDelegate before those of
// others are dropped.
const maxPings = 1024

// pings are the answers that a PingDelegate has not been told of: the last of each
// member, the one that waits longest first.
type pings struct {
	wake chan struct{} // holds a token whenever there are any
	shed *atomic.Uint64

	mu    sync.Mutex
	order []string
	last  map[string]ping
}

// ping is an answered one.
type ping struct {
	member  Member
	rtt     time.Duration
	payload []byte
}

func newPings(shed *atomic.Uint64) *pings {
	return &pings{wake: make(chan struct{}, 1), shed: shed, last: make(map[string]ping)}
}

// add notes an answer. payload is copied.
func (p *pings) add(member Member, rtt time.Duration, payload []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, waits := p.last[member.Name]; !waits {
		if len(p.order) == maxPings {
			p.shed.Add(1)
			return
		}
		p.order = append(p.order, member.Name)
	}
	p.last[member.Name] = ping{member, rtt, slices.Clone(payload)}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *pings) take() (ping, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.order) == 0 {
		return ping{}, false
	}
	name := p.order[0]
	p.order = slices.Delete(p.order, 0, 1)
	next := p.last[name]
	delete(p.last, name)
	return next, true
}

// notifyPings tells all answers that wait.
func (d *delivery) notifyPings() {
	delegate, ok := d.delegate.(PingDelegate)
	if !ok {
		return
	}
	for {
		p, ok := d.pings.take()
		if !ok {
			return
		}
		d.call(func() { delegate.NotifyPing(p.member, p.rtt, p.payload) })
	}
}
