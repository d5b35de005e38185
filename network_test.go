package swim_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// faulty is a transport that fails in a way of its own when it is told to.
type faulty struct {
	*transport.Memory
	fails  atomic.Bool
	blocks chan struct{} // if not nil, writing waits for it while fails is set
	reads  atomic.Int64  // how many reads are still to fail
}

var errFaulty = errors.New("network is unreachable")

func (f *faulty) WritePacket(p []byte, to string) error {
	if f.fails.Load() {
		if f.blocks == nil {
			return errFaulty
		}
		<-f.blocks
	}
	return f.Memory.WritePacket(p, to)
}

func (f *faulty) DialStream(ctx context.Context, to string) (net.Conn, error) {
	if f.fails.Load() {
		return nil, errFaulty
	}
	return f.Memory.DialStream(ctx, to)
}

func (f *faulty) ReadPacket(p []byte) (int, string, error) {
	if f.reads.Add(-1) >= 0 {
		return 0, "", errFaulty
	}
	return f.Memory.ReadPacket(p)
}

// A node that can send nothing accuses nobody of not answering.
func TestUnsentProbesAccuseNobody(t *testing.T) {
	for name, blocks := range map[string]chan struct{}{"writing fails": nil, "writing blocks": make(chan struct{})} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, n network) {
				if blocks != nil {
					blocks = make(chan struct{}) // of this bubble
				}
				own := &faulty{Memory: n.listen("a"), blocks: blocks}
				a := n.start("a2", func(c *swim.Config) { c.Name, c.Transport = "a", own })
				for _, name := range []string{"b", "c", "d"} {
					n.join(n.start(name), "a")
				}
				n.waitLive(a, 4)
				own.fails.Store(true)
				if blocks != nil { // fill the outbox, as a network that blocks does
					for range 2000 {
						if err := a.Send(t.Context(), "b", []byte("hello")); err != nil {
							t.Fatal(err)
						}
					}
				}
				// The others miss it, and it takes their accusations, but it makes none.
				n.pass(2 * time.Minute)
				s := a.Stats()
				if s.Protocol.SuspicionsRaised != 0 || s.Protocol.ProbesUnsent == 0 {
					t.Errorf("%d suspicions raised, %d probes known to be unsent", s.Protocol.SuspicionsRaised, s.Protocol.ProbesUnsent)
				}
				if s.Alive != 4 {
					t.Errorf("it holds %d members for alive, want 4", s.Alive)
				}
				if blocks == nil && s.Drops.WriteErrors == 0 || blocks != nil && s.Drops.OutboxFull == 0 {
					t.Errorf("dropped %+v", s.Drops)
				}
				own.fails.Store(false)
				if blocks != nil {
					close(blocks)
				}
				n.join(a, "b")
				n.eventually("all is well", func() bool { return a.Stats().Protocol.ProbesAcked > s.Protocol.ProbesAcked+3 })
			})
		})
	}
}

// A read that fails is repeated, at a rate that does not take a processor.
func TestReadErrorsAreTemporary(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		own := &faulty{Memory: n.listen("a")}
		own.reads.Store(10)
		start := time.Now()
		a := n.start("a2", func(c *swim.Config) { c.Name, c.Transport = "a", own })
		n.eventually("reading goes on", func() bool { return a.Stats().Drops.ReadErrors == 10 })
		if took := time.Since(start); took < time.Second || took > 10*time.Second {
			t.Errorf("ten reads failed within %v", took)
		}
		b := n.start("b")
		n.join(b, "a")
		n.eventually("b is acked", func() bool { return b.Stats().Protocol.ProbesAcked > 0 })
	})
}

// Asking a node for something sends nothing, not even what it sent before again.
func TestLookingSendsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.cluster("a", "b", "c")[0]
		n.pass(time.Minute)
		before := a.Stats().PacketsOut
		if err := a.Send(t.Context(), "b", nil); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			_, _, _ = a.Members(), a.Local(), a.Stats()
			if _, err := a.Join(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
		n.pass(0)
		if sent := a.Stats().PacketsOut - before; sent == 0 || sent > 3 { // a probe may be due
			t.Errorf("%d packets sent, want the one of Send", sent)
		}
	})
}

func TestStatsCountTraffic(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b")
		for _, node := range nodes {
			if _, err := node.Join(t.Context(), "a", "b"); err != nil {
				t.Fatal(err)
			}
		}
		n.pass(time.Minute)
		var in, out, bytesIn, bytesOut, framesIn, framesOut, frameBytesIn, frameBytesOut uint64
		for _, node := range nodes {
			s := node.Stats()
			in, out = in+s.PacketsIn, out+s.PacketsOut
			bytesIn, bytesOut = bytesIn+s.BytesIn, bytesOut+s.BytesOut
			framesIn, framesOut = framesIn+s.FramesIn, framesOut+s.FramesOut
			frameBytesIn, frameBytesOut = frameBytesIn+s.FrameBytesIn, frameBytesOut+s.FrameBytesOut
			if s.Drops != (swim.Drops{}) || s.Stalls != 0 || s.Inbox+s.Outbox+s.StreamsIn+s.StreamsOut != 0 {
				t.Errorf("all went well, and %s says %+v", node.Local().Name, s)
			}
		}
		sent := n.Stats()
		if out != sent.Sent || in != sent.Delivered || out < 100 {
			t.Errorf("%d packets went and %d came, by the network %d and %d", out, in, sent.Sent, sent.Delivered)
		}
		if bytesIn != bytesOut || bytesIn < 30*in {
			t.Errorf("%d bytes came, %d went", bytesIn, bytesOut)
		}
		if framesIn != framesOut || framesIn < 4 || frameBytesIn != frameBytesOut || frameBytesIn < 30*framesIn {
			t.Errorf("%d frames with %d bytes came, %d with %d went", framesIn, frameBytesIn, framesOut, frameBytesOut)
		}
	})
}

// Nobody is buried for lost packets, and no lost packet keeps news from anybody.
func TestLossyNetworkRaisesNoFalseAlarm(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		nodes := n.cluster(names...)
		n.SetFaults(transport.Faults{
			Loss: 0.05, Duplicate: 0.05, Reorder: 0.05, MinDelay: time.Millisecond, MaxDelay: 20 * time.Millisecond,
		})
		n.pass(10 * time.Minute)
		for _, node := range nodes {
			if got := len(node.Members(swim.Failed)); got != 0 {
				t.Errorf("%s holds %d members for failed", node.Local().Name, got)
			}
			if s := node.Stats(); s.Drops != (swim.Drops{}) {
				t.Errorf("%s dropped %+v", node.Local().Name, s.Drops)
			}
		}
		for i, node := range nodes {
			if err := node.SetMeta(t.Context(), fmt.Append(nil, i)); err != nil {
				t.Fatal(err)
			}
		}
		n.eventually("all metadata everywhere", func() bool {
			for _, node := range nodes {
				for i, m := range node.Members() {
					if m.Meta != fmt.Sprint(i) {
						return false
					}
				}
			}
			return true
		})
	})
}
