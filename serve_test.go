package swim_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// Hundreds of streams that say nothing, or next to it, are opened as fast as they
// are closed. Whoever joins meanwhile has its turn, and they have no more than
// their slots.
func TestSilentStreamsKeepNobodyOut(t *testing.T) {
	for name, interval := range map[string]time.Duration{"silent": time.Hour, "trickle": time.Second} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, n network) {
				a := n.start("a")
				evil := n.attacker(a)
				attack, stop := context.WithCancel(t.Context())
				var attackers sync.WaitGroup
				defer attackers.Wait()
				defer stop()
				for range 300 {
					attackers.Go(func() {
						for attack.Err() == nil {
							conn, err := evil.DialStream(attack, "a")
							if err != nil {
								return
							}
							say(attack, conn, interval)
							pause(100 * time.Millisecond)
						}
					})
				}
				n.pass(3 * time.Second)
				for i := range 5 {
					joiner := n.start(fmt.Sprintf("b%d", i))
					start := time.Now()
					n.join(joiner, "a")
					if took := time.Since(start); took > time.Second {
						t.Errorf("joined after %v", took)
					}
					n.pass(time.Second)
				}
				s := a.Stats()
				if s.Alive != 6 || s.StreamsIn > 64 || s.Drops.StreamsEvicted < 100 || s.Protocol.SuspicionsRaised > 0 {
					t.Errorf("%d alive, %d streams, %d suspicions, dropped %+v", s.Alive, s.StreamsIn, s.Protocol.SuspicionsRaised, s.Drops)
				}
			})
		})
	}
}

// say writes a byte now and then until the stream is closed, or ctx ends.
func say(ctx context.Context, conn net.Conn, interval time.Duration) {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		close(closed)
	}()
	defer conn.Close()
	for {
		timer := time.NewTimer(interval)
		select {
		case <-closed:
			return
		case <-timer.C:
			if _, err := conn.Write([]byte{0}); err != nil {
				return
			}
		}
	}
}

// A large question over a thin line is heard out.
func TestSlowButSteadyQuestionsAreHeard(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a", func(c *swim.Config) { c.StreamTimeout = time.Minute })
		conn := n.attacker(a).dial()
		question := frame(make([]byte, 20*16<<10))
		for len(question) > 0 {
			part := question[:min(len(question), 20<<10)] // a second
			if _, err := conn.Write(part); err != nil {
				t.Fatalf("%d bytes before the end: %v", len(question), err)
			}
			question = question[len(part):]
			n.pass(time.Second)
		}
		if d := a.Stats().Drops; d.StreamsSlow != 0 || d.Version != 1 {
			t.Errorf("dropped %+v", d)
		}
	})
}

// Streams and questions for the table above the rate are shed, by host.
func TestStreamsAboveTheRateAreShed(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a", func(c *swim.Config) {
			c.Limits.Stream = security.Rate{PerSecond: 1, Burst: 5}
			c.Limits.Sync = security.Rate{PerSecond: 1, Burst: 3}
		})
		evil := n.attacker(a)
		question := frame(enclose(t, "", syncMessage(t)))
		answered := 0
		for range 10 {
			conn := evil.dial()
			_, _ = conn.Write(question)
			if got, _ := io.ReadAll(conn); len(got) > 0 {
				answered++
			}
		}
		if d := a.Stats().Drops; answered != 3 || d.RateStreams != 5 || d.RateSyncs != 2 {
			t.Errorf("%d of 10 questions answered, dropped %+v", answered, d)
		}
		n.join(n.start("b"), "a") // another host
	})
}

// countingCodec counts how many messages are decoded at a time.
type countingCodec struct {
	codec.Msgpack
	now, most *atomic.Int64
}

func (c countingCodec) Decode(m *wire.Message, data []byte) error {
	if now := c.now.Add(1); now > c.most.Load() {
		c.most.Store(now)
	}
	defer c.now.Add(-1)
	pause(100 * time.Millisecond)
	return c.Msgpack.Decode(m, data)
}

// What unpacks to much more than was sent is unpacked a few at a time.
func TestFewStreamsAreDecodedAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var now, most atomic.Int64
		a := n.start("a", func(c *swim.Config) { c.Codec = countingCodec{now: &now, most: &most} })
		evil := n.attacker(a)
		var asking sync.WaitGroup
		for range 40 {
			asking.Go(func() {
				conn := evil.dial()
				_, _ = conn.Write(frame(enclose(t, "", syncMessage(t))))
				if got, err := io.ReadAll(conn); err != nil || len(got) < 4 || int(binary.BigEndian.Uint32(got)) != len(got)-4 {
					t.Errorf("answered %d bytes, %v", len(got), err)
				}
			})
		}
		asking.Wait()
		if got := most.Load(); got < 2 || got > 4 {
			t.Errorf("%d decoded at a time, want 4", got)
		}
	})
}

// Many nodes that start on one host at once, over real sockets, are no flood.
func TestJoinStormIsNoFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred nodes over real sockets")
	}
	const joiners = 128
	cfg := swim.Local()
	cfg.Bind, cfg.Name = "127.0.0.1:0", "seed"
	seed := start(t, cfg)
	nodes := make([]*swim.Node, joiners)
	for i := range nodes {
		cfg.Name = fmt.Sprintf("node-%03d", i)
		nodes[i] = start(t, cfg)
	}
	var joining sync.WaitGroup
	for _, node := range nodes {
		joining.Go(func() {
			if _, err := node.Join(t.Context(), seed.Local().Addr); err != nil {
				t.Errorf("%s: %v", node.Local().Name, err)
			}
		})
	}
	joining.Wait()
	until(t, seed, "all have joined", func() bool { return len(seed.Members()) == joiners+1 })
	for _, node := range append(nodes, seed) {
		d := node.Stats().Drops
		if d.RateMembers+d.RateStrangers+d.RateStreams+d.RateSyncs+d.AnswersShed+d.StreamsRefused+d.StreamsEvicted > 0 {
			t.Errorf("%s dropped %+v", node.Local().Name, d)
		}
	}
}
