package swim_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// pinged records what a PingDelegate is told, by member.
type pinged struct {
	swim.NopDelegate
	mu   sync.Mutex
	told map[string][]answered
	hold chan struct{} // if set, each call waits until it is closed
}

type answered struct {
	rtt     time.Duration
	payload []byte
}

func (p *pinged) NotifyPing(member swim.Member, rtt time.Duration, payload []byte) {
	p.mu.Lock()
	if p.told == nil {
		p.told = map[string][]answered{}
	}
	p.told[member.Name] = append(p.told[member.Name], answered{rtt, payload})
	p.mu.Unlock()
	if p.hold != nil {
		<-p.hold
	}
}

func (p *pinged) of(name string) []answered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.told[name])
}

func TestPingPayload(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var told pinged
		a := n.start("a", with(&told))
		b := n.start("b")
		c := n.start("c")
		payload := []byte("load=1")
		if err := b.SetAckPayload(t.Context(), payload); err != nil {
			t.Fatal(err)
		}
		payload[0] = 'X' // it was copied
		n.join(b, "a")
		n.join(c, "a")
		n.pass(10 * time.Second)
		for _, x := range told.of("b") {
			if !bytes.Equal(x.payload, []byte("load=1")) || x.rtt < 400*time.Microsecond || x.rtt > 3*time.Millisecond {
				t.Errorf("b answered %q after %v", x.payload, x.rtt)
			}
		}
		for _, x := range told.of("c") {
			if x.payload != nil {
				t.Errorf("c answered %q", x.payload)
			}
		}
		if b, c := len(told.of("b")), len(told.of("c")); b < 4 || c < 4 || b+c > 11 {
			t.Errorf("told of %d and %d pings in 10 s", b, c)
		}
		if err := b.SetAckPayload(t.Context(), []byte("load=2")); err != nil {
			t.Fatal(err)
		}
		n.eventually("the new payload came", func() bool {
			all := told.of("b")
			return bytes.Equal(all[len(all)-1].payload, []byte("load=2"))
		})
		if err := b.SetAckPayload(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		n.eventually("no payload comes", func() bool {
			all := told.of("b")
			return all[len(all)-1].payload == nil
		})
		if s := a.Stats(); s.Drops.PingsShed != 0 || s.Protocol.PayloadsShed != 0 {
			t.Errorf("%d pings and %d payloads shed", s.Drops.PingsShed, s.Protocol.PayloadsShed)
		}
	})
}

// A callback that is blocked costs nothing but what it is told: of each member it
// misses all answers but the last.
func TestPingsAreCoalesced(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		told := pinged{hold: make(chan struct{})}
		a := n.start("a", with(&told))
		b := n.start("b")
		n.join(b, "a")
		for i := range 60 {
			if err := b.SetAckPayload(t.Context(), fmt.Append(nil, i)); err != nil {
				t.Fatal(err)
			}
			n.pass(time.Second)
		}
		if acked := a.Stats().Protocol.ProbesAcked; acked < 50 || len(told.of("b")) != 1 {
			t.Errorf("%d pings were answered, and the blocked callback told of %d", acked, len(told.of("b")))
		}
		close(told.hold)
		n.pass(0)
		if all := told.of("b"); len(all) != 2 || string(all[1].payload) < "58" {
			t.Errorf("told %v", all)
		}
		told.mu.Lock()
		defer told.mu.Unlock()
		if len(told.told) != 1 {
			t.Errorf("told of %v, and only b was pinged", told.told)
		}
		if got := len(b.Members()); got != 2 {
			t.Errorf("%d members", got)
		}
	})
}

func TestAckPayloadHasALimit(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var told pinged
		a := n.start("a", with(&told))
		b := n.start("b")
		n.join(b, "a")
		largest := bytes.Repeat([]byte{7}, swim.MaxAckPayloadBytes)
		if err := b.SetAckPayload(t.Context(), largest); err != nil {
			t.Fatal(err)
		}
		var size *swim.SizeError
		if err := b.SetAckPayload(t.Context(), append(largest, 7)); !errors.As(err, &size) || size.Limit != swim.MaxAckPayloadBytes {
			t.Errorf("one byte more: %v", err)
		}
		n.pass(10 * time.Second)
		if all := told.of("b"); len(all) < 9 || !bytes.Equal(all[8].payload, largest) {
			t.Errorf("told of %d pings", len(all))
		}
		// It fits the smallest packets that a node starts with.
		name := strings.Repeat("n", 64)
		tight := swim.Config{Name: name, Advertise: "n", Transport: n.listen("n"), MaxMetaBytes: 1, PacketBytes: 256}
		for tight.Validate() != nil {
			tight.PacketBytes++
		}
		small, err := swim.Start(t.Context(), tight)
		if err != nil {
			t.Fatal(err)
		}
		defer small.Close()
		if err := small.SetAckPayload(t.Context(), largest); err != nil {
			t.Fatal(err)
		}
		n.join(small, "a")
		n.pass(20 * time.Second)
		if all := told.of(name); len(all) < 3 || !bytes.Equal(all[2].payload, largest) {
			t.Errorf("told %v", all)
		}
		if _, err := small.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := small.SetAckPayload(t.Context(), nil); !errors.Is(err, swim.ErrLeft) {
			t.Errorf("after Leave: %v", err)
		}
		_ = small.Close()
		if err := small.SetAckPayload(t.Context(), nil); !errors.Is(err, swim.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if p := a.Stats().Drops.Panics; p != 0 {
			t.Errorf("%d panics", p)
		}
	})
}
