package core_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// FuzzBroadcasts makes of its bytes any sequence of broadcasts, comparisons, answers
// and times. Whatever comes, none is delivered twice or before one with a lower number,
// the limits hold, and in the end nothing is left.
func FuzzBroadcasts(f *testing.F) {
	for seed := range uint64(48) {
		rng := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, 900)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 3000 {
			return
		}
		p := &script{data: data}
		b := newBench(t, small, func(c *core.Config) { c.Streams = p.below(4) > 0 })
		b.wild = true
		b.meet("b", "c", "d")
		last := map[string]uint64{}
		for p.more() {
			switch p.below(10) {
			case 0:
				b.tickByTick(b.now+time.Duration(p.below(80))*100*time.Millisecond, func() { b.once(last) })
			case 1:
				b.m.Broadcast(b.now, "chat", []string{"", "k"}[p.below(2)], make([]byte, p.below(9)*300))
				b.collect()
			case 2:
				b.m.Unsent(b.now, p.seq(b))
				b.collect()
			case 3: // one of the origins is restarted, or leaves
				u := claim(p.member(), uint32(p.below(3)), wire.Alive+wire.State(p.below(4)), "")
				u.Epoch = uint64(1 + p.below(3))
				b.gossip("d", u)
			default:
				msg, from := p.broadcasts(b)
				b.receiveFrom(from, msg.Sender.Name, msg)
			}
			b.once(last)
			s := b.m.BroadcastStats()
			if s.KeptBytes > 512<<10 || s.QueueBytes > 256<<10 || s.Held > 3*4096 || s.Waiting > s.Kept {
				t.Fatalf("%+v", s)
			}
		}
		b.tickByTick(b.now+30*time.Second, func() { b.once(last) }) // with time for all fetches
		if s := b.m.BroadcastStats(); s.Kept != 0 || s.KeptBytes != 0 || s.Waiting != 0 || s.QueueBytes != 0 || s.Held != 0 {
			t.Fatalf("left when all is over: %+v", s)
		}
	})
}

// once fails where a broadcast is delivered again, or late.
func (b *bench) once(last map[string]uint64) {
	b.t.Helper()
	for _, e := range b.events {
		if e.Kind != core.BroadcastDelivered {
			continue
		}
		var epoch, seq uint64
		if _, err := fmt.Sscanf(string(e.Payload), "%d/%d ", &epoch, &seq); err != nil {
			b.t.Fatalf("delivered %.40q", e.Payload)
		}
		life := fmt.Sprint(e.By, " ", epoch)
		if seq <= last[life] {
			b.t.Fatalf("number %d of %s is delivered after number %d", seq, life, last[life])
		}
		last[life] = seq
	}
	b.events = nil
}

func (p *script) member() string { return []string{"b", "c", "d"}[p.below(3)] }

// broadcasts is a message with broadcasts of one form or another.
func (p *script) broadcasts(b *bench) (wire.Message, core.Path) {
	from := core.Path{Addr: addr(p.member()), Stream: p.below(5) == 0}
	msg := wire.Message{
		Kind: []wire.Kind{wire.Gossip, wire.Gossip, wire.Fetched, wire.Fetch}[p.below(4)],
		Seq:  p.seq(b), Cursor: uint32(p.below(2)), Sender: wire.Sender{Name: p.member(), Epoch: uint64(1 + p.below(2))},
	}
	for range 1 + p.below(6) {
		c := wire.Broadcast{Origin: p.member(), Epoch: uint64(1 + p.below(2)), Seq: uint64(p.below(24))}
		if p.below(40) == 0 {
			c.Seq = uint64(p.below(256)) << p.below(56)
		}
		if c.Seq%5 != 0 {
			c.Channel = []string{"chat", "high", "low", "narrow"}[c.Seq%4]
			c.Payload = fmt.Appendf(nil, "%d/%d ", c.Epoch, c.Seq)
			if c.Seq%3 == 0 {
				c.Key = "k"
			}
			if c.Seq%7 == 0 {
				c.Payload = append(c.Payload, make([]byte, 3000)...)
			}
		}
		if msg.Kind == wire.Fetch {
			c.Payload = make([]byte, p.below(70))
			for i := range c.Payload {
				c.Payload[i] = byte(p.below(256))
			}
		} else if c.Seq%7 == 0 && c.Seq%5 != 0 && !from.Stream {
			c.Size, c.Payload = uint32(len(c.Payload)), nil
		}
		msg.Broadcasts = append(msg.Broadcasts, c)
	}
	return msg, from
}
