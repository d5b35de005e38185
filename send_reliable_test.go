package swim_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// inboxOf is a Delegate that notes messages.
func inboxOf(mu *sync.Mutex, got *[]string) *calls {
	return &calls{message: func(from swim.Member, payload []byte) {
		mu.Lock()
		defer mu.Unlock()
		*got = append(*got, fmt.Sprintf("%s %.20s", from.Name, payload))
	}}
}

func TestSendReliable(t *testing.T) {
	for _, streams := range []bool{true, false} {
		bubble(t, func(t *testing.T, n network) {
			var (
				mu  sync.Mutex
				got []string
			)
			configure := func(c *swim.Config) {
				if !streams {
					c.Transport = packetsOnly{c.Transport}
				}
			}
			a := n.start("a", configure, with(inboxOf(&mu, &got)))
			b := n.start("b", configure)
			n.join(b, "a")
			n.waitLive(a, 2)
			n.SetFaults(transport.Faults{MinDelay: time.Millisecond, MaxDelay: 2 * time.Millisecond, Loss: 0.3, Duplicate: 0.3})
			for i := range 20 {
				payload := fmt.Appendf(nil, "hello %d", i)
				if err := b.SendReliable(t.Context(), "a", payload); err != nil {
					t.Fatal(err)
				}
				clear(payload)
			}
			n.pass(time.Second)
			mu.Lock()
			defer mu.Unlock()
			if len(got) != 20 || got[19] != "b hello 19" || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 20 {
				t.Errorf("streams %v: received %q", streams, got)
			}
		})
	}
}

func TestSendReliableRefuses(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		nodes := n.cluster("a", "b")
		for _, name := range []string{"nobody", "a", ""} {
			if err := nodes[0].SendReliable(t.Context(), name, nil); !errors.Is(err, swim.ErrUnknownMember) {
				t.Errorf("to %q: %v", name, err)
			}
		}
		var size *swim.SizeError
		if err := nodes[0].SendReliable(t.Context(), "b", make([]byte, 1<<22+1)); !errors.As(err, &size) || size.Limit != 1<<22 {
			t.Errorf("too large: %v", err)
		}
		if err := nodes[0].SendReliable(t.Context(), "b", bytes.Repeat([]byte("large"), 1<<19)); err != nil {
			t.Errorf("2.5 MiB: %v", err)
		}
		n.Partition([]string{"a"}, []string{"b"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := nodes[0].SendReliable(ctx, "b", nil); !errors.Is(err, swim.ErrUndelivered) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cut off: %v", err)
		}
		start := time.Now()
		if err := nodes[0].SendReliable(t.Context(), "b", nil); !errors.Is(err, swim.ErrUndelivered) {
			t.Errorf("cut off, without an end: %v after %v", err, time.Since(start))
		}
		_ = nodes[0].Close()
		if err := nodes[0].SendReliable(t.Context(), "b", nil); !errors.Is(err, swim.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

// A Delegate that is blocked acknowledges what waits for it, and no more.
func TestSendReliableToABlockedDelegate(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		release := make(chan struct{})
		var mu sync.Mutex
		var got []string
		count := inboxOf(&mu, &got)
		a, b := n.start("a"), n.start("b", with(&calls{message: func(from swim.Member, payload []byte) {
			<-release
			count.message(from, payload)
		}}))
		n.join(b, "a")
		n.waitLive(a, 2)
		acknowledged := 0
		for range 2000 {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			err := a.SendReliable(ctx, "b", []byte("hello"))
			cancel()
			if err != nil {
				break
			}
			acknowledged++
		}
		if acknowledged < 1024 || acknowledged > 1025 {
			t.Errorf("%d acknowledged", acknowledged)
		}
		close(release)
		n.pass(time.Second)
		mu.Lock()
		if len(got) != acknowledged {
			t.Errorf("%d delivered, %d acknowledged", len(got), acknowledged)
		}
		mu.Unlock()
		if err := a.SendReliable(t.Context(), "b", []byte("again")); err != nil {
			t.Error(err)
		}
	})
}

// The member gets it once, however often it was sent.
func TestSendReliableOnceUnderLoad(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		var mu sync.Mutex
		times := 0
		packets := func(c *swim.Config) { c.Transport = packetsOnly{c.Transport} }
		a := n.start("a", packets, with(&calls{message: func(from swim.Member, payload []byte) {
			mu.Lock()
			defer mu.Unlock()
			if string(payload) == "debit" {
				times++
			}
		}}))
		b, c := n.start("b", packets), n.start("c", packets)
		n.join(b, "a")
		n.join(c, "a")
		for _, node := range []*swim.Node{a, b, c} {
			n.waitLive(node, 3)
		}
		n.Cut([]string{"a"}, []string{"b"}) // the receipt is lost, and with it the stream waits
		sent := make(chan error, 1)
		go func() { sent <- b.SendReliable(t.Context(), "a", []byte("debit")) }()
		n.pass(100 * time.Millisecond)
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				for range 150 {
					if err := c.SendReliable(t.Context(), "a", []byte("other")); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		n.Heal()
		err := <-sent
		n.pass(time.Second)
		mu.Lock()
		defer mu.Unlock()
		t.Logf("SendReliable = %v, it came %d times", err, times)
		if times > 1 {
			t.Errorf("it came %d times", times)
		}
	})
}
