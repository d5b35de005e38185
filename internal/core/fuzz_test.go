package core_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/wire"
)

// maxFuzzed bounds the table of a Machine under a fuzzer.
const maxFuzzed = 8

// prey is a Machine in the midst of everything: it knows b, c and d, suspects c, has
// buried e, pings b, relays to d, and joins through x.
func prey(t *testing.T, streams bool) *bench {
	b := newBench(t, func(c *core.Config) {
		c.Streams, c.MaxMembers, c.Selector = streams, maxFuzzed, new(selector.RoundRobin)
		c.SyncInterval, c.ForgetAfter = 5*time.Second, 10*time.Second
	})
	b.wild = true
	b.meet("b", "c", "d")
	b.next(wire.Ping)
	b.gossip("b", claim("c", 0, wire.Suspect, "b"), claim("e", 3, wire.Failed, "b"))
	b.receive("b", wire.Message{Kind: wire.PingReq, Seq: 4, Target: "d"})
	b.m.Join(b.now, addr("x"))
	b.collect()
	return b
}

// sane fails where the Machine has lost what no input may take from it.
func (b *bench) sane(before wire.Member, left bool) {
	b.t.Helper()
	if n := len(b.table()); n > maxFuzzed {
		b.t.Fatalf("%d members, and %d are allowed", n, maxFuzzed)
	}
	if len(b.packets) > 300 || len(b.events) > 64 {
		b.t.Fatalf("%d packets and %d events of one input", len(b.packets), len(b.events))
	}
	now := b.m.Local()
	if now.Name != "self" || now.Addr != addr("self") || (now.State == wire.Left) != left || now.State != wire.Alive && now.State != wire.Left {
		b.t.Fatalf("it holds itself for %+v", now)
	}
	if now.Epoch < before.Epoch || now.Epoch == before.Epoch && now.Incarnation < before.Incarnation {
		b.t.Fatalf("its own incarnation was lowered: %+v after %+v", now, before)
	}
	for _, e := range b.events {
		if e.Kind == core.Changed && e.Before.State != 0 && e.After.State != 0 && !wire.Supersedes(&e.After, &e.Before) {
			b.t.Fatalf("a belief was lowered: %+v", e)
		}
	}
	if health := b.m.Health(); health < 0 || health > 8 {
		b.t.Fatalf("health %d", health)
	}
}

// FuzzReceive feeds it bytes from the network.
func FuzzReceive(f *testing.F) {
	seed := newBench(f)
	claims := []wire.Update{
		claim("b", 1, wire.Suspect, "c"), claim("self", 0, wire.Failed, "b"), claim("y", 9, wire.Left, ""),
		epoch2(claim("c", 0, wire.Alive, "")),
	}
	for kind := wire.Kind(1); kind.Valid(); kind++ {
		for _, target := range []string{"self", "d"} {
			for _, sender := range []string{"b", "c", "self", "z"} {
				data, err := seed.codec.Append(nil, &wire.Message{
					Kind: kind, Seq: 4, Target: target, Sender: wire.Sender{Name: sender, Epoch: 1}, Updates: claims, Payload: []byte("p"),
				})
				if err != nil {
					f.Fatal(err)
				}
				f.Add(data, false)
				f.Add(data, true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, stream bool) {
		b := prey(t, stream)
		for range 2 {
			before := b.m.Local()
			b.receiveBytes(core.Path{Addr: addr("b"), Stream: stream}, append([]byte(nil), data...))
			b.sane(before, false)
		}
		for range 20 {
			before := b.m.Local()
			b.until(b.now + time.Second)
			b.sane(before, false)
		}
	})
}

// FuzzSequence makes of its bytes any sequence of messages, commands and times.
func FuzzSequence(f *testing.F) {
	for seed := range uint64(32) {
		rng := rand.New(rand.NewPCG(seed, 0))
		data := make([]byte, 600)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 2000 {
			return
		}
		p := &script{data: data}
		b := prey(t, p.below(2) == 0)
		left := false
		for p.more() {
			before := b.m.Local()
			switch p.below(12) {
			case 0:
				b.until(b.now + time.Duration(p.below(256))*100*time.Millisecond)
			case 1:
				b.until(max(b.m.Deadline(), b.now))
			case 2:
				b.now += time.Duration(p.below(256)) * time.Second // stopped
			case 3:
				b.command(p, &left)
			default:
				msg, from := p.message(b)
				b.receiveFrom(from, msg.Sender.Name, msg)
			}
			b.sane(before, left)
		}
	})
}

// command carries out one of those that the driver has.
func (b *bench) command(p *script, left *bool) {
	switch p.below(6) {
	case 0:
		b.m.SetMeta(b.now, fmt.Sprint("v", p.below(256)))
	case 1:
		b.m.Join(b.now, addr(p.name()))
	case 2:
		b.m.Send(b.now, p.name(), []byte("payload"))
	case 3:
		b.m.Unsent(b.now, p.seq(b))
	case 4:
		b.m.Abandon(b.now, p.seq(b))
	case 5:
		b.m.Leave(b.now)
		*left = true
	}
	b.collect()
}

// script draws small choices from a fuzzer's bytes.
type script struct{ data []byte }

func (p *script) more() bool { return len(p.data) > 0 }

func (p *script) below(n int) int {
	if len(p.data) == 0 {
		return 0
	}
	v := int(p.data[0])
	p.data = p.data[1:]
	return v % n
}

func (p *script) name() string {
	return []string{"b", "c", "d", "e", "self", "x", "y", "z", "u", "v", "w", "t", "s", "r", "q"}[p.below(15)]
}

// seq is, more often than not, one that the Machine waits for.
func (p *script) seq(b *bench) uint32 {
	if n := len(b.packets); n > 0 && p.below(4) > 0 {
		return b.packets[p.below(n)].Msg.Seq
	}
	return uint32(p.below(256))
}

func (p *script) message(b *bench) (wire.Message, core.Path) {
	msg := wire.Message{
		Kind: wire.Kind(1 + p.below(8)), Seq: p.seq(b), Target: p.name(), Cursor: uint32(p.below(20)),
		Sender: wire.Sender{Name: p.name(), Epoch: uint64(p.below(3)), Incarnation: uint32(p.below(4))},
	}
	for range p.below(5) {
		u := claim(p.name(), uint32(p.below(4)), wire.Alive+wire.State(p.below(4)), p.name())
		u.Epoch, u.Age, u.Addr = uint64(1+p.below(3)), uint32(p.below(15)), addr(p.name())
		switch p.below(16) {
		case 0:
			u.Incarnation = 1<<32 - 1 - u.Incarnation
		case 1:
			u.Epoch = 1<<61 - u.Epoch
		case 2:
			u.From = ""
		}
		msg.Updates = append(msg.Updates, u)
	}
	return msg, core.Path{Addr: addr(p.name()), Stream: p.below(4) == 0}
}
