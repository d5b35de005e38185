package swim_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

func (a attacker) dial() net.Conn {
	a.Helper()
	conn, err := a.DialStream(a.Context(), "a")
	if err != nil {
		a.Fatal(err)
	}
	a.Cleanup(func() { _ = conn.Close() })
	return conn
}

// untilClosed is how long the victim keeps a stream open.
func (a attacker) untilClosed(conn net.Conn) time.Duration {
	a.Helper()
	start := time.Now()
	if got, err := io.ReadAll(conn); len(got) > 0 {
		a.Errorf("answered %d bytes, %v", len(got), err)
	}
	return time.Since(start)
}

func frame(packet []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(packet))), packet...)
}

// syncMessage asks for the table.
func syncMessage(t *testing.T) []byte {
	t.Helper()
	message, err := codec.Msgpack{}.Append(nil, &wire.Message{
		Kind: wire.Sync, Seq: 1, Sender: wire.Sender{Name: "evil", Epoch: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func TestBadStreamsAreCountedAndClosed(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		evil := n.attacker(a)
		cut := frame(enclose(t, "", syncMessage(t)))
		gossip, _ := codec.Msgpack{}.Append(nil, &wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "evil", Epoch: 1}})
		for _, test := range []struct {
			name string
			send []byte
			keep bool // the stream open, silently
			want swim.Drops
			most time.Duration
		}{
			{"nothing", nil, false, swim.Drops{ReadErrors: 1}, time.Second},
			{"silence", nil, true, swim.Drops{StreamsSlow: 1}, 2100 * time.Millisecond},
			{"half a length", []byte{0, 0}, true, swim.Drops{StreamsSlow: 1}, 2100 * time.Millisecond},
			{"a cut frame", cut[:20], false, swim.Drops{ReadErrors: 1}, time.Second},
			{"a frame of 4 GiB", []byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3}, true, swim.Drops{Oversized: 1}, time.Second},
			{"an empty frame", frame(nil), true, swim.Drops{Corrupt: 1}, time.Second},
			{"noise", frame([]byte(strings.Repeat("noise", 1000))), true, swim.Drops{Version: 1}, time.Second},
			{"another cluster", frame(enclose(t, "test", syncMessage(t))), true, swim.Drops{Cluster: 1}, time.Second},
			{"no message", frame(enclose(t, "", []byte("hello"))), true, swim.Drops{Malformed: 1}, time.Second},
			{"what has no answer", frame(enclose(t, "", gossip)), true, swim.Drops{}, time.Second},
		} {
			before := a.Stats().Drops
			conn := evil.dial()
			if _, err := conn.Write(test.send); err != nil {
				t.Fatal(err)
			}
			if !test.keep {
				_ = conn.(interface{ CloseWrite() error }).CloseWrite()
			}
			if took := evil.untilClosed(conn); took > test.most {
				t.Errorf("%s: closed after %v", test.name, took)
			}
			if got := minus(a.Stats().Drops, before); got != test.want {
				t.Errorf("%s: dropped %+v, want %+v", test.name, got, test.want)
			}
		}
		if got := a.Stats(); got.StreamsIn != 0 || got.Alive != 1 {
			t.Errorf("%d streams open, %d members", got.StreamsIn, got.Alive)
		}
	})
}

// Peers that trickle, and peers that do not read, hold nobody up, for a time
// that is bounded, and only so many of them at once.
func TestSlowStreamsHoldUpNobody(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a", func(c *swim.Config) { c.MaxStreams = 8 })
		b := n.start("b")
		n.join(b, "a")
		n.waitLive(a, 2)
		evil := n.attacker(a)
		question := frame(enclose(t, "", syncMessage(t)))
		for i := range 4 {
			conn := evil.dial()
			go func() { // a byte a second
				for {
					if _, err := conn.Write(question[:1]); err != nil {
						return
					}
					pause(time.Second)
				}
			}()
			unread := evil.dial() // asks, and does not read the answer
			if _, err := unread.Write(question); err != nil {
				t.Fatal(i, err)
			}
		}
		n.pass(time.Second)
		if got := a.Stats().StreamsIn; got < 4 || got > 8 {
			t.Errorf("%d streams open", got)
		}
		for range 20 {
			evil.dial()
		}
		n.pass(time.Second)
		if s := a.Stats(); s.StreamsIn != 8 || s.Drops.StreamsEvicted < 1 {
			t.Errorf("%d streams open, %d gave way", s.StreamsIn, s.Drops.StreamsEvicted)
		}
		n.pass(time.Minute)
		for _, node := range []*swim.Node{a, b} {
			s := node.Stats()
			if s.Alive != 2 || s.Protocol.SuspicionsRaised != 0 || s.Protocol.ProbesAcked < 50 {
				t.Errorf("%s sees %d members alive, had %d probes acked and raised %d suspicions",
					node.Local().Name, s.Alive, s.Protocol.ProbesAcked, s.Protocol.SuspicionsRaised)
			}
		}
		if got := a.Stats().StreamsIn; got != 0 {
			t.Errorf("%d streams open a minute later", got)
		}
		n.join(n.start("c"), "a")
	})
}

func pause(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}

// A table too large for a frame is not sent, and the user is told what to do.
func TestTableLargerThanAFrame(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		small := func(c *swim.Config) { c.MaxStreamBytes, c.Meta = 4096, make([]byte, 500) }
		a := n.start("a", small)
		for i := range 20 {
			_, _ = n.start(fmt.Sprintf("b%d", i), small).Join(t.Context(), "a")
		}
		late := n.start("late", func(c *swim.Config) { c.MaxStreamBytes = 4096 })
		if got, err := late.Join(t.Context(), "a"); got != 0 || err == nil {
			t.Errorf("Join = %d, %v", got, err)
		}
		if got := a.Stats().Drops.Unencodable; got == 0 {
			t.Error("a table larger than a frame was sent")
		}
		_, err := a.Join(t.Context(), "late")
		if err == nil || !strings.Contains(err.Error(), "MaxStreamBytes") {
			t.Errorf("the one with the table is told %v", err)
		}
	})
}
