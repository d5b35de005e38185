package main

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// again is how long an attacker waits before it replaces a stream that was
	// closed on it.
	again = 100 * time.Millisecond
	// claimedBytes is how long a slow stream's frame says that it is.
	claimedBytes = 1 << 20
	// joinRate is how many joins over streams are begun a second, and
	// maxJoins how many are under way at a time.
	joinRate = 1000
	maxJoins = 64
)

// slowStreams holds as many streams open as the plan says, and opens each again
// when it is closed. An interval above 0 is that between two bytes of a frame
// that never ends.
func slowStreams(interval time.Duration) func(context.Context, *plan, *victim) error {
	return func(ctx context.Context, p *plan, v *victim) error {
		var holders sync.WaitGroup
		for range p.streams {
			holders.Go(func() {
				v.own.Add(1)
				defer v.own.Add(-1)
				for ctx.Err() == nil {
					hold(ctx, v, interval)
					rest(ctx, again)
				}
			})
		}
		holders.Wait()
		return nil
	}
}

// hold opens one stream and keeps it until it is closed or ctx ends.
func hold(ctx context.Context, v *victim, interval time.Duration) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", v.addr)
	if err != nil {
		return
	}
	v.did.Add(1)
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	if interval == 0 {
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	frame := binary.BigEndian.AppendUint32(nil, claimedBytes)
	for i := 0; ; i++ {
		b := byte(i)
		if i < len(frame) {
			b = frame[i]
		}
		if _, err := conn.Write([]byte{b}); err != nil {
			return
		}
		rest(ctx, interval)
		if ctx.Err() != nil {
			return
		}
	}
}

// joinStreams asks for the table over one stream after the other, as joins do, in
// the name of one stranger, and reads it.
func joinStreams(ctx context.Context, _ *plan, v *victim) error {
	m := join(v.rng, "stranger")
	m.Updates = nil // there is no member there that would have to be probed
	packet, err := encode("", &m)
	if err != nil {
		return err
	}
	frame := append(binary.BigEndian.AppendUint32(nil, uint32(len(packet))), packet...)
	slots := make(chan struct{}, maxJoins)
	var asking sync.WaitGroup
	pace(ctx, joinRate, func(int) {
		select {
		case slots <- struct{}{}:
		default:
			return // that many are all that one attacker holds
		}
		asking.Go(func() {
			v.own.Add(1)
			defer v.own.Add(-1)
			defer func() { <-slots }()
			askOnce(ctx, v, frame)
		})
	})
	asking.Wait()
	return nil
}

func askOnce(ctx context.Context, v *victim, frame []byte) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", v.addr)
	if err != nil {
		return
	}
	v.did.Add(1)
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	if _, err := conn.Write(frame); err == nil {
		_, _ = io.Copy(io.Discard, conn)
	}
}
