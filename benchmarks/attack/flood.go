package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

const (
	// variety is how many different packets a flood repeats.
	variety = 1024
	// packetBytes is the largest of them: what nodes accept by default.
	packetBytes = 1400
)

// flood sends some packets again and again, from one socket, at the plan's rate.
func flood(make func(v *victim) ([][]byte, error)) func(context.Context, *plan, *victim) error {
	return func(ctx context.Context, p *plan, v *victim) error {
		packets, err := make(v)
		if err != nil {
			return err
		}
		conn, err := net.Dial("udp", v.addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		v.own.Add(1)
		defer v.own.Add(-1)
		pace(ctx, p.rate, func(i int) {
			if _, err := conn.Write(packets[i%len(packets)]); err == nil {
				v.did.Add(1)
			}
		})
		return nil
	}
}

// pace calls do for 0, 1, 2, ... until ctx ends, each at a time that is set from
// the beginning: one that is late is made up for, so the rate holds, and no more
// calls than that are ever made.
func pace(ctx context.Context, rate int, do func(i int)) {
	begin := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for i := 0; ; {
		due := int(time.Since(begin).Seconds() * float64(rate))
		for ; i < due && ctx.Err() == nil; i++ {
			do(i)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func randomPackets(v *victim) ([][]byte, error) {
	packets := make([][]byte, variety)
	for i := range packets {
		packets[i] = make([]byte, 1+v.rng.IntN(packetBytes))
		for j := range packets[i] {
			packets[i][j] = byte(v.rng.Uint32())
		}
		if i%2 == 0 { // others are told apart by their first byte
			packets[i][0] = security.Version
		}
	}
	return packets, nil
}

func foreignPackets(v *victim) ([][]byte, error) {
	return sealed("another cluster", func(int) wire.Message { return ping(v.rng, v.name) })
}

func pingPackets(v *victim) ([][]byte, error) {
	return sealed("", func(int) wire.Message { return ping(v.rng, v.name) })
}

// joinPackets ask as a node without streams would, each in another name, and
// claim that its sender is a member.
func joinPackets(v *victim) ([][]byte, error) {
	return sealed("", func(i int) wire.Message { return join(v.rng, fmt.Sprintf("stranger%04d", i)) })
}

func ping(rng *rand.Rand, target string) wire.Message {
	return wire.Message{Kind: wire.Ping, Seq: rng.Uint32(), Sender: wire.Sender{Name: "stranger", Epoch: 1}, Target: target}
}

func join(rng *rand.Rand, name string) wire.Message {
	return wire.Message{
		Kind: wire.Sync, Seq: rng.Uint32(), Sender: wire.Sender{Name: name, Epoch: 1},
		Updates: []wire.Update{{Member: wire.Member{Name: name, Addr: nobody, Epoch: 1, State: wire.Alive}}},
	}
}

// nobody is an address where nobody listens.
const nobody = "127.0.0.1:9"

// sealed encodes messages as packets of a cluster.
func sealed(clusterName string, message func(i int) wire.Message) ([][]byte, error) {
	packets := make([][]byte, variety)
	for i := range packets {
		m := message(i)
		var err error
		if packets[i], err = encode(clusterName, &m); err != nil {
			return nil, err
		}
	}
	return packets, nil
}

func encode(clusterName string, m *wire.Message) ([]byte, error) {
	plain, err := codec.Msgpack{}.Append(nil, m)
	if err != nil {
		return nil, err
	}
	return security.NewEnvelope(clusterName, nil).Seal(nil, plain)
}
