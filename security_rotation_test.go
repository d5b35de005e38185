package swim_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
)

// A key is exchanged for another while everybody talks, on one node after the
// other; one is absent, comes back with the old key alone, and catches up. Not a
// packet among those present is lost to it, and none of them is suspected.
func TestRotationUnderLoad(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		r := newRotation(n)
		n.Isolate("e")
		for _, node := range r.present {
			n.waitState(node, "e", swim.Failed)
		}
		stop := r.load()
		next := security.GenerateKey()
		steps := []func(*security.Keyring) error{
			func(k *security.Keyring) error { return k.Add(next) },
			func(k *security.Keyring) error { return k.Use(next.ID()) },
			func(k *security.Keyring) error { return k.Remove(clusterKey.ID()) },
		}
		for _, step := range steps {
			for _, ring := range r.rings[:4] {
				if err := step(ring); err != nil {
					t.Fatal(err)
				}
				n.pass(2 * time.Second)
			}
		}
		for _, node := range r.present {
			if s := node.Stats(); sum(counts(s), unopened) != 0 {
				t.Errorf("%s dropped %+v", node.Local().Name, s.Drops)
			}
		}
		// It is heard again, and not understood.
		n.Heal()
		n.pass(time.Minute)
		if s := r.absent.Stats(); sum(counts(s), unopened) == 0 {
			t.Errorf("the one with the old key dropped %+v", s.Drops)
		}
		for _, step := range steps {
			if err := step(r.rings[4]); err != nil {
				t.Fatal(err)
			}
		}
		for _, node := range append(r.present, r.absent) {
			n.eventually("all are there", func() bool { return node.Stats().Alive == 5 })
		}
		n.pass(10 * time.Second)
		sent := stop()
		n.pass(time.Second)
		r.check(sent)
	})
}

type rotation struct {
	network
	present []*swim.Node // a to d
	absent  *swim.Node   // e
	rings   []*security.Keyring
	heard   []*recording
	got     atomic.Int64
}

func newRotation(n network) *rotation {
	r := &rotation{network: n}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		ring := sure(security.NewKeyring(clusterKey))
		node := n.start(name, func(c *swim.Config) {
			c.Sealer = security.NewXChaCha20Poly1305(ring)
			c.Delegate = &calls{message: func(swim.Member, []byte) { r.got.Add(1) }}
		})
		r.rings = append(r.rings, ring)
		if name == "e" {
			r.absent = node
		} else {
			r.present = append(r.present, node)
			r.heard = append(r.heard, record(node, n.Context(), ""))
		}
		n.join(node, "a")
	}
	for _, node := range append(r.present, r.absent) {
		n.waitLive(node, 5)
	}
	return r
}

// load has those present talk, until stop is called, which returns how many
// messages were sent.
func (r *rotation) load() (stop func() int64) {
	ctx, cancel := context.WithCancel(r.Context())
	var sent atomic.Int64
	var talking sync.WaitGroup
	for i, node := range r.present {
		next := r.present[(i+1)%len(r.present)].Local().Name
		talking.Go(func() {
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for j := 0; ; j++ {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				if err := node.Send(r.Context(), next, fmt.Append(nil, j)); err != nil {
					r.Error(err)
				}
				sent.Add(1)
				if j%10 == 0 {
					if err := node.SetMeta(r.Context(), fmt.Append(nil, j)); err != nil {
						r.Error(err)
					}
				}
			}
		})
	}
	return func() int64 {
		cancel()
		talking.Wait()
		return sent.Load()
	}
}

func (r *rotation) check(sent int64) {
	r.Helper()
	if got := r.got.Load(); got != sent || sent < 1000 {
		r.Errorf("%d messages were sent and %d came", sent, got)
	}
	for i, node := range r.present {
		name := node.Local().Name
		for _, e := range r.heard[i].all() {
			if e.Member.Name != "e" && (e.Kind == swim.EventSuspected || e.Kind == swim.EventFailed) {
				r.Errorf("%s heard that %s was %v (%v)", name, e.Member.Name, e.Kind, e.Reason)
			}
		}
		for _, other := range append(r.present, r.absent) {
			if m, _ := other.Member(name); m != node.Local() {
				r.Errorf("%s is %+v to %s", name, m, other.Local().Name)
			}
		}
	}
}
