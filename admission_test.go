package swim_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// named admits whom a function does, by name.
func named(admits func(name string) bool) swim.Admission {
	return security.AdmissionFunc(func(m wire.Member, _ time.Time) error {
		if admits(m.Name) {
			return nil
		}
		return fmt.Errorf("%w: no %q here", security.ErrRefused, m.Name)
	})
}

func TestRefusedNodesAreToldWhy(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a", func(c *swim.Config) { c.Admission = named(func(name string) bool { return name != "mallory" }) })
		_, err := n.start("mallory").Join(t.Context(), "a")
		var refused *swim.RefusedError
		if !errors.As(err, &refused) || refused.By != "a" || !strings.Contains(refused.Reason, `no "mallory" here`) {
			t.Errorf("Join: %v", err)
		}
		n.join(n.start("b"), "a")
		if s := a.Stats(); s.Alive != 2 || s.Protocol.ClaimsRefused == 0 {
			t.Errorf("%d alive, %d claims refused", s.Alive, s.Protocol.ClaimsRefused)
		}
	})
}

// A node that its own Admission refuses would be alone, and does not start.
func TestStartAsksOwnAdmission(t *testing.T) {
	_, err := swim.Start(t.Context(), swim.Config{
		Bind: "127.0.0.1:0", Name: "mallory", Admission: named(func(name string) bool { return name != "mallory" }),
	})
	var c *swim.ConfigError
	if !errors.As(err, &c) || c.Field != "Admission" || !errors.Is(err, security.ErrRefused) || !strings.Contains(err.Error(), `no "mallory" here`) {
		t.Errorf("Start: %v", err)
	}
}

// strangersFrame is a question for the table with so many claims.
func strangersFrame(t *testing.T, n int, name func(i int) string) []byte {
	t.Helper()
	m := wire.Message{Kind: wire.Sync, Seq: 1, Sender: wire.Sender{Name: "evil", Epoch: 1}}
	for i := range n {
		m.Updates = append(m.Updates, wire.Update{Member: wire.Member{
			Name: name(i), Addr: "nowhere", Epoch: 1, State: wire.Alive,
		}})
	}
	message, err := codec.Msgpack{}.Append(nil, &m)
	if err != nil {
		t.Fatal(err)
	}
	return frame(enclose(t, "", message))
}

// To look at the credentials of a thousand strangers takes seconds here, during
// which the node goes on: it is the stream that waits for that.
func TestSlowAdmissionHoldsUpNobody(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		seen := make(chan string, 2000)
		known := make(map[string]bool) // as a verifier remembers signatures
		lock := make(chan struct{}, 1)
		a := n.start("a", func(c *swim.Config) {
			c.Admission = named(func(name string) bool {
				lock <- struct{}{}
				first := !known[name]
				known[name] = true
				<-lock
				if first && name != "a" {
					seen <- name
					pause(2 * time.Millisecond)
				}
				return true
			})
		})
		evil := n.attacker(a)
		conn := evil.dial()
		if _, err := conn.Write(strangersFrame(t, 1000, func(i int) string { return fmt.Sprintf("node-%05d", i) })); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			_, err := io.ReadAll(conn)
			done <- err
		}()
		n.pass(100 * time.Millisecond)
		if got := len(seen); got < 10 || got > 100 {
			t.Fatalf("%d looked at after 100 ms; the rest measures nothing", got)
		}
		start := time.Now()
		if a.Stats(); time.Since(start) != 0 {
			t.Errorf("the node was busy for %v", time.Since(start))
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < time.Second || a.Stats().Alive != 1001 {
			t.Errorf("%d alive after %v", a.Stats().Alive, took)
		}
	})
}

// Whoever sends nothing but bad credentials is not looked at for long, whether all are
// those of others or all are said to be its own.
func TestRefusalsOfOneStreamAreBounded(t *testing.T) {
	const claims = 10_000
	for name, frame := range map[string][]byte{
		"of others": strangersFrame(t, claims, func(i int) string { return fmt.Sprintf("node-%05d", i) }),
		"its own":   strangersFrame(t, claims, func(int) string { return "evil" }),
	} {
		bubble(t, func(t *testing.T, n network) {
			var asked atomic.Int64
			a := n.start("a", func(c *swim.Config) {
				c.Admission = named(func(name string) bool {
					asked.Add(1)
					return name == "a"
				})
			})
			asked.Store(0)
			evil := n.attacker(a)
			conn := evil.dial()
			if _, err := conn.Write(frame); err != nil {
				t.Fatal(err)
			}
			_, _ = io.ReadAll(conn)
			s := a.Stats()
			if got := asked.Load(); got < 64 || got > 70 || s.Alive != 1 || s.Protocol.ClaimsRefused < claims {
				t.Errorf("%s: asked about %d claims of %d, refused %d, %d alive", name, got, claims, s.Protocol.ClaimsRefused, s.Alive)
			}
		})
	}
}
