package swim

import (
	"context"
	"fmt"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// BroadcastDelegate is a Delegate that is also given what other members broadcast.
// Without one, a node passes broadcasts on and keeps none for itself.
type BroadcastDelegate interface {
	Delegate
	// NotifyBroadcast gets what a member sent with [Node.Broadcast]: each once, and
	// those of one member in the order in which it sent them. One that is missing is
	// waited for, 25 gossip intervals at most, or 50 if it is large and has to be
	// fetched, and then left out for good. The EventJoined of a member precedes its
	// first broadcast as it does its first message. The payload is the callee's.
	// Members trust each other: one that lies can broadcast in another's name.
	//
	// A node that has just joined may also be given what was said in the seconds
	// before. Up to 4096 broadcasts, or 16 MiB of them, wait for a callback that is
	// slow; what comes then is dropped and counted in Drops.BroadcastsShed.
	NotifyBroadcast(from Member, channel string, payload []byte)
}

// BroadcastOption changes one [Node.Broadcast].
type BroadcastOption func(*broadcastOptions)

type broadcastOptions struct {
	key    string
	noWait bool
}

// WithKey lets a broadcast take the place of earlier ones of this node with the same
// channel and key: where one of those has not been sent on or delivered yet, it never
// will be. So state that changes often costs little more than its latest value: of the
// others only their numbers travel. A key has up to 255 bytes; "" is none.
func WithKey(key string) BroadcastOption {
	return func(o *broadcastOptions) { o.key = key }
}

// WithoutWaiting lets Broadcast return ErrQueueFull at once rather than wait for room.
func WithoutWaiting() BroadcastOption {
	return func(o *broadcastOptions) { o.noWait = true }
}

// Broadcast sends a payload to all other members, who get it through their
// [BroadcastDelegate]: each member that takes part now gets it once, after all that
// this node broadcast before, unless it is cut off or too slow for long. It travels by
// gossip and takes some tens of milliseconds in a cluster of a hundred. A payload too
// large for a packet is announced that way, and fetched over streams by whoever hears
// of it. This node does not get it itself.
//
// It returns as soon as the broadcast is queued. While as much waits on the channel as
// [Channel.QueueBytes] allows, it waits for room until ctx ends, with an error that
// wraps [ErrQueueFull] and ctx's. A channel needs no setting up; its name has 1 to 64
// bytes of UTF-8 without control characters. Other errors are a [SizeError], where the
// payload is larger than Config.MaxBroadcastBytes, or than a packet without streams;
// [ErrLeft] and [ErrClosed]. After an error nothing was sent. The payload may be reused
// when it returns.
func (n *Node) Broadcast(ctx context.Context, channel string, payload []byte, options ...BroadcastOption) error {
	var o broadcastOptions
	for _, option := range options {
		option(&o)
	}
	if err := wire.CheckChannel(channel); err != nil {
		return fmt.Errorf("swim: not broadcast: %w", err)
	}
	if len(o.key) > wire.MaxKeyBytes {
		return &SizeError{What: "key", Bytes: len(o.key), Limit: wire.MaxKeyBytes}
	}
	for {
		room, err := n.tryBroadcast(ctx, channel, payload, &o)
		if err != nil || room == nil {
			return err
		}
		select {
		case <-room:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrQueueFull, ctx.Err())
		case <-n.driver.closing:
			return ErrClosed
		}
	}
}

// tryBroadcast queues a broadcast, or returns a channel that is closed when there may
// be room for it.
func (n *Node) tryBroadcast(ctx context.Context, channel string, payload []byte, o *broadcastOptions) (room <-chan struct{}, err error) {
	d := n.driver
	var refused error
	err = d.input(ctx, func(now time.Duration) {
		switch d.machine.Broadcast(now, channel, o.key, payload) {
		case core.BroadcastTooLarge:
			refused = &SizeError{What: "broadcast", Bytes: len(payload), Limit: d.machine.BroadcastLimit(channel, o.key, payload)}
		case core.BroadcastQueueFull:
			if o.noWait {
				refused = ErrQueueFull
				return
			}
			if d.roomy == nil {
				d.roomy = make(chan struct{})
			}
			room = d.roomy
		}
	})
	if err == nil {
		err = refused
	}
	return room, err
}

// makeRoom wakes those who wait for room. Broadcasts leave the queue as they are sent,
// which a tick does. The loop calls it.
func (d *driver) makeRoom() {
	if d.roomy != nil {
		close(d.roomy)
		d.roomy = nil
	}
}

// broadcasting is what the Machine is told of broadcasts. c is filled.
func (c *Config) broadcasting() core.Broadcasting {
	b := core.DefaultBroadcasting()
	b.KeepBytes, b.MaxBytes = c.BroadcastMemoryBytes, c.MaxBroadcastBytes
	for _, ch := range c.Channels {
		named := core.Channel{Name: ch.Name, Priority: int(ch.Priority - PriorityLow), QueueBytes: ch.QueueBytes}
		if named.QueueBytes == 0 {
			named.QueueBytes = b.Others.QueueBytes
		}
		if ch.Name == "" {
			b.Others = named
			continue
		}
		b.Channels = append(b.Channels, named)
	}
	return b
}
