package security_test

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/swim-go/swim/security"
)

// All at once: packets are sealed and opened on several goroutines, each by two
// that race for it, while keys come, are used and go. Each packet opens exactly once.
func TestSealersRace(t *testing.T) {
	const (
		senders = 4
		packets = 400
	)
	for _, s := range sealers {
		t.Run(s.name, func(t *testing.T) {
			first := keyOf(1)
			rings := []*security.Keyring{ringOf(t, first), ringOf(t, first)}
			a, b := s.make(rings[0]), s.make(rings[1])
			var opened, refused atomic.Int64
			var running sync.WaitGroup
			// A key is removed when no packet sealed with it is under way.
			var underway sync.RWMutex
			for sender := range senders {
				running.Go(func() {
					size := 100
					if sender == 0 {
						size = security.BulkBytes + 100
					}
					plain := bytes.Repeat([]byte{byte(sender)}, size)
					for range packets {
						underway.RLock()
						sealed, err := a.Seal(nil, plain, header)
						if err != nil {
							t.Error(err)
						}
						var race sync.WaitGroup
						for range 2 {
							race.Go(func() {
								got, err := b.Open(nil, slices.Clone(sealed), header)
								switch {
								case err == nil && bytes.Equal(got, plain):
									opened.Add(1)
								case errors.Is(err, security.ErrReplay):
									refused.Add(1)
								default:
									t.Errorf("opened as %d bytes, %v", len(got), err)
								}
							})
						}
						race.Wait()
						underway.RUnlock()
					}
				})
			}
			running.Go(func() { exchangeKeys(t, rings, &underway) })
			running.Go(func() {
				for range packets {
					b.Stats()
				}
			})
			running.Wait()
			if opened.Load() != senders*packets || refused.Load() != senders*packets {
				t.Errorf("%d opened and %d refused, want %d each", opened.Load(), refused.Load(), senders*packets)
			}
		})
	}
}

// exchangeKeys gives both rings one new key after the other, and takes the old one away.
func exchangeKeys(t *testing.T, rings []*security.Keyring, underway *sync.RWMutex) {
	for n := byte(2); n < 60; n++ {
		next := keyOf(n)
		for _, step := range []func(*security.Keyring) error{
			func(r *security.Keyring) error { return r.Add(next) },
			func(r *security.Keyring) error { return r.Use(next.ID()) },
			func(r *security.Keyring) error {
				underway.Lock()
				defer underway.Unlock()
				return r.Remove(keyOf(n - 1).ID())
			},
		} {
			if err := errors.Join(step(rings[0]), step(rings[1])); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestStageRaces(t *testing.T) {
	from, to := staged(t, security.SendPlain), staged(t, security.AcceptPlain)
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			for range 500 {
				packet, err := from.Seal(nil, []byte("hello"))
				if err != nil {
					t.Error(err)
				}
				if got, err := to.Open(nil, packet); err != nil || string(got) != "hello" {
					t.Errorf("%q, %v", got, err)
				}
			}
		})
	}
	running.Go(func() {
		for i := range 500 {
			if err := from.SetStage(stages[i%3]); err != nil {
				t.Error(err)
			}
		}
	})
	running.Wait()
}
