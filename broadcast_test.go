package swim_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// ear is a Delegate that notes what was broadcast.
type ear struct {
	swim.NopDelegate
	mu    sync.Mutex
	heard []string
	each  func(from swim.Member, channel string, payload []byte) // or nil
}

func (e *ear) NotifyBroadcast(from swim.Member, channel string, payload []byte) {
	if e.each != nil {
		e.each(from, channel, payload)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, fmt.Sprintf("%s %s %.40s", from.Name, channel, payload))
}

func (e *ear) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

// hearing is a cluster whose members note what is broadcast.
func (n network) hearing(names ...string) ([]*swim.Node, []*ear) {
	n.Helper()
	var nodes []*swim.Node
	var ears []*ear
	for i, name := range names {
		ears = append(ears, new(ear))
		nodes = append(nodes, n.start(name, with(ears[i])))
		if i > 0 {
			n.join(nodes[i], names[0])
		}
	}
	for _, node := range nodes {
		n.waitLive(node, len(names))
	}
	return nodes, ears
}

func TestBroadcast(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes, ears := n.hearing("a", "b", "c", "d", "e", "f")
		payload := []byte("hello 0")
		var want []string
		for i := range 20 {
			payload = fmt.Appendf(payload[:0], "hello %d", i)
			want = append(want, "b chat "+string(payload))
			if err := nodes[1].Broadcast(t.Context(), "chat", payload); err != nil {
				t.Fatal(err)
			}
		}
		payload[0] = 'X' // it was copied
		n.pass(5 * time.Second)
		for i, e := range ears {
			heard := e.all()
			if i == 1 && len(heard) != 0 {
				t.Errorf("the origin hears %v", heard)
			}
			if i != 1 && !slices.Equal(heard, want) {
				t.Errorf("%s hears %q", nodes[i].Local().Name, heard)
			}
		}
		s := nodes[1].Stats().Broadcasts
		if s.Sent != 20 || s.Waiting != 0 || s.QueueBytes != 0 || nodes[2].Stats().Broadcasts.Delivered != 20 {
			t.Errorf("%+v\n%+v", s, nodes[2].Stats().Broadcasts)
		}
		n.pass(15 * time.Second)
		if s = nodes[2].Stats().Broadcasts; s.Kept != 0 || s.KeptBytes != 0 || s.Missed != 0 {
			t.Errorf("afterwards %+v", s)
		}
	})
}

func TestBroadcastRefuses(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		for _, channel := range []string{"", "new\nline", strings.Repeat("c", 65)} {
			if err := a.Broadcast(t.Context(), channel, nil); err == nil || !strings.HasPrefix(err.Error(), "swim: ") {
				t.Errorf("channel %q: %v", channel, err)
			}
		}
		var size *swim.SizeError
		if err := a.Broadcast(t.Context(), "c", nil, swim.WithKey(strings.Repeat("k", 256))); !errors.As(err, &size) || size.Limit != 255 {
			t.Errorf("long key: %v", err)
		}
		if err := a.Broadcast(t.Context(), "c", make([]byte, 1<<20+1)); !errors.As(err, &size) || size.Limit != 1<<20 {
			t.Errorf("large: %v", err)
		}
		if err := a.Broadcast(t.Context(), "c", make([]byte, 1<<20)); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := a.Broadcast(ctx, "c", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("ended ctx: %v", err)
		}
		_ = a.Close()
		if err := a.Broadcast(t.Context(), "c", nil); !errors.Is(err, swim.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

// Without streams a payload has to fit a packet, and what the limit says fits, fits.
func TestBroadcastWithoutStreams(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		e := new(ear)
		var got []byte
		e.each = func(_ swim.Member, _ string, payload []byte) { got = payload }
		a := n.start("a", func(c *swim.Config) { c.Transport = packetsOnly{c.Transport} })
		b := n.start("b", with(e), func(c *swim.Config) { c.Transport = packetsOnly{c.Transport} })
		n.join(b, "a")
		n.waitLive(a, 2)
		var size *swim.SizeError
		if err := a.Broadcast(t.Context(), "c", make([]byte, 5000)); !errors.As(err, &size) {
			t.Fatal(err)
		}
		largest := bytes.Repeat([]byte{7}, size.Limit)
		if err := a.Broadcast(t.Context(), "c", append(largest, 7)); !errors.As(err, &size) {
			t.Errorf("one byte more: %v", err)
		}
		if err := a.Broadcast(t.Context(), "c", largest); err != nil {
			t.Fatal(err)
		}
		n.pass(time.Second)
		if !bytes.Equal(got, largest) {
			t.Errorf("got %d bytes of %d", len(got), len(largest))
		}
	})
}

// packetsOnly hides the streams of a transport.
type packetsOnly struct{ swim.Transport }

func TestLargeBroadcastsAreFetched(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes, ears := n.hearing("a", "b", "c", "d", "e")
		large := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
		var wrong int
		for _, e := range ears {
			e.each = func(_ swim.Member, _ string, payload []byte) {
				if len(payload) > 100 && !bytes.Equal(payload, large) {
					wrong++
				}
				clear(payload) // it is the callee's
			}
		}
		for _, payload := range [][]byte{[]byte("before"), large, []byte("after")} {
			if err := nodes[0].Broadcast(t.Context(), "files", payload); err != nil {
				t.Fatal(err)
			}
		}
		n.pass(4 * time.Second)
		for i, e := range ears[1:] {
			if heard := e.all(); len(heard) != 3 || nodes[i+1].Stats().Broadcasts.Fetched != 1 {
				t.Errorf("%s hears %q; %+v", nodes[i+1].Local().Name, heard, nodes[i+1].Stats().Broadcasts)
			}
		}
		if wrong > 0 {
			t.Errorf("%d payloads are not what was sent", wrong)
		}
	})
}

// Where more is broadcast than can be sent, Broadcast waits, or says so.
func TestBroadcastWaitsForRoom(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		narrow := func(c *swim.Config) { c.Channels = []swim.Channel{{QueueBytes: 8 << 10}} }
		e := new(ear)
		a, b := n.start("a", narrow), n.start("b", narrow, with(e))
		n.join(b, "a")
		n.waitLive(a, 2)
		payload := make([]byte, 900)
		var full error
		accepted := 0
		for full == nil && accepted < 100 {
			if full = a.Broadcast(t.Context(), "c", payload, swim.WithoutWaiting()); full == nil {
				accepted++
			}
		}
		if !errors.Is(full, swim.ErrQueueFull) || accepted < 5 || accepted > 20 {
			t.Fatalf("%d accepted, then %v", accepted, full)
		}
		for range 200 {
			if err := a.Broadcast(t.Context(), "c", payload); err != nil {
				t.Fatal(err)
			}
		}
		n.pass(5 * time.Second)
		if got := len(e.all()); got != accepted+200 {
			t.Errorf("%d of %d arrived", got, accepted+200)
		}

		// Nobody takes anything any more.
		n.SetFaults(transport.Faults{Loss: 1})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		var err error
		for err == nil {
			err = a.Broadcast(ctx, "c", payload)
		}
		if !errors.Is(err, swim.ErrQueueFull) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// A callback that never returns costs its node nothing but memory within a limit.
func TestBlockedBroadcastDelegate(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		release := make(chan struct{})
		defer close(release)
		e := &ear{each: func(swim.Member, string, []byte) { <-release }}
		heard := new(ear)
		a, b, c := n.start("a"), n.start("b", with(e)), n.start("c", with(heard))
		n.join(b, "a")
		n.join(c, "a")
		n.waitLive(a, 3)
		n.waitLive(b, 3)
		n.waitLive(c, 3)
		for range 6000 {
			if err := a.Broadcast(t.Context(), "c", []byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
		n.pass(time.Minute)
		s := b.Stats()
		if s.Broadcasts.Delivered != 6000 || s.Drops.BroadcastsShed != 6000-4096-1 || s.Heard != 4096 {
			t.Errorf("%d delivered, %d shed; %+v", s.Broadcasts.Delivered, s.Drops.BroadcastsShed, s.Broadcasts)
		}
		if got := len(heard.all()); got != 6000 || a.Stats().Alive != 3 {
			t.Errorf("the other hears %d; %+v", got, c.Stats().Broadcasts)
		}
	})
}

func TestLaterBroadcastsReplaceEarlierOnes(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes, ears := n.hearing("a", "b", "c")
		for i := range 500 {
			key := swim.WithKey(fmt.Sprint("k", i%2))
			if err := nodes[0].Broadcast(t.Context(), "state", fmt.Appendf(nil, "%d", i), key); err != nil {
				t.Fatal(err)
			}
		}
		n.pass(5 * time.Second)
		for i, e := range ears[1:] {
			heard := e.all()
			if len(heard) < 2 || len(heard) > 250 || heard[len(heard)-1] != "a state 499" {
				t.Errorf("%s hears %d, the last %q", nodes[i+1].Local().Name, len(heard), heard[max(len(heard)-1, 0):])
			}
		}
		if s := nodes[0].Stats().Broadcasts; s.Replaced < 400 {
			t.Errorf("%+v", s)
		}
	})
}

// What a node says last is heard, though it leaves or is closed at once.
func TestLastWords(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes, ears := n.hearing("a", "b", "c", "d")
		if err := nodes[3].Broadcast(t.Context(), "chat", []byte("goodbye")); err != nil {
			t.Fatal(err)
		}
		if _, err := nodes[3].Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = nodes[3].Close()
		n.pass(2 * time.Second)
		// Another process takes the name, and counts from 1 again.
		e := n.start("d2", func(c *swim.Config) { c.Name = "d" })
		n.join(e, "a")
		n.waitLive(nodes[0], 4)
		n.pass(2 * time.Second)
		if err := e.Broadcast(t.Context(), "chat", []byte("hello again")); err != nil {
			t.Fatal(err)
		}
		n.pass(2 * time.Second)
		for i, e := range ears[:3] {
			if heard := e.all(); !slices.Equal(heard, []string{"d chat goodbye", "d chat hello again"}) {
				t.Errorf("%s hears %q", nodes[i].Local().Name, heard)
			}
		}
	})
}

// Whole nodes under load, on a network that loses and repeats: 64 of them, a thousand
// broadcasts a second, each to each once and in order, and all stay alive to all.
func TestManyBroadcastsReachAllOnce(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var names []string
		for i := range 64 {
			names = append(names, fmt.Sprint("n", i))
		}
		nodes, ears := n.hearing(names...)
		n.pass(12 * time.Second) // so that none is a joiner any more
		n.SetFaults(transport.Faults{MinDelay: 200 * time.Microsecond, MaxDelay: 2 * time.Millisecond, Loss: 0.05, Duplicate: 0.05})
		sent := make([]int, len(nodes))
		for i := range 1500 {
			who := i * 7 % len(nodes)
			sent[who]++
			payload := fmt.Appendf(make([]byte, 0, 200), "%d %0195d", sent[who], 0)
			if err := nodes[who].Broadcast(t.Context(), "chat", payload); err != nil {
				t.Fatal(err)
			}
			n.pass(time.Millisecond)
		}
		n.pass(6 * time.Second)
		for i, e := range ears {
			next := map[string]int{}
			for _, line := range e.all() {
				var from, channel string
				var number int
				fmt.Sscanf(line, "%s %s %d", &from, &channel, &number)
				if next[from]++; number != next[from] {
					t.Fatalf("n%d hears number %d of %s, want %d", i, number, from, next[from])
				}
			}
			s := nodes[i].Stats()
			if want := uint64(1500 - sent[i]); s.Broadcasts.Delivered != want || len(e.all()) != int(want) || s.Alive != 64 || s.Broadcasts.Missed != 0 {
				t.Errorf("n%d hears %d of %d; %d alive; %+v", i, len(e.all()), want, s.Alive, s.Broadcasts)
			}
		}
	})
}

func TestChannelsAreChecked(t *testing.T) {
	long := strings.Repeat("c", 65)
	cfg := swim.Config{
		MaxBroadcastBytes: 32 << 20, BroadcastMemoryBytes: 1,
		Channels: []swim.Channel{{Name: "a"}, {Name: "a"}, {Name: long}, {Name: "b", Priority: 7}, {QueueBytes: -1}},
	}
	err := cfg.Validate()
	for _, field := range []string{
		"MaxBroadcastBytes", "BroadcastMemoryBytes", "Channels[1].Name", "Channels[2].Name", "Channels[3].Priority", "Channels[4].QueueBytes",
	} {
		if err == nil || !strings.Contains(err.Error(), "Config."+field+" = ") {
			t.Errorf("nothing is said of %s: %v", field, err)
		}
	}
	if err := (swim.Config{Channels: make([]swim.Channel, 65)}).Validate(); err == nil || !strings.Contains(err.Error(), "more than 64") {
		t.Errorf("65 channels: %v", err)
	}
	good := swim.Config{Channels: []swim.Channel{{Name: "a", Priority: swim.PriorityHigh}, {Priority: swim.PriorityLow, QueueBytes: 1 << 20}}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for p, want := range map[swim.Priority]string{swim.PriorityLow: "low", swim.PriorityNormal: "normal", swim.PriorityHigh: "high", 9: "Priority(9)"} {
		if p.String() != want {
			t.Errorf("%d is %q", int(p), p)
		}
	}
}

// Who comes a moment later is told what was said before, by those who heard it; and
// what their Delegates do with the payload is their own business.
func TestJoinersHearWhatWasSaidBefore(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a, b := n.start("a"), n.start("b", with(&ear{each: func(_ swim.Member, _ string, payload []byte) { clear(payload) }}))
		n.join(b, "a")
		n.waitLive(a, 2)
		if err := a.Broadcast(t.Context(), "chat", []byte("hello")); err != nil {
			t.Fatal(err)
		}
		n.pass(time.Second)
		_ = a.Close()
		e := new(ear)
		c := n.start("c", with(e))
		n.join(c, "b")
		n.pass(2 * time.Second)
		if heard := e.all(); !slices.Equal(heard, []string{"a chat hello"}) {
			t.Errorf("it hears %q; %+v", heard, c.Stats().Broadcasts)
		}
	})
}
