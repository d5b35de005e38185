package peer_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim/benchmarks/internal/peer"
	"github.com/swim-go/swim/security"
)

// setUps are all ways in which libraries are measured.
func setUps() map[string]peer.Library {
	return map[string]peer.Library{
		"swim":                new(peer.Swim),
		"swim, XChaCha20":     &peer.Swim{Seal: security.NewXChaCha20Poly1305},
		"swim, AES-GCM":       &peer.Swim{Seal: security.NewAESGCM},
		"memberlist":          new(peer.Memberlist),
		"memberlist, AES-GCM": &peer.Memberlist{Encrypted: true},
		"memberlist, plain":   &peer.Memberlist{Uncompressed: true},
	}
}

// inBubble runs a test in virtual time, which passes as soon as all wait.
func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			// A probe of memberlist's that is under way outlives its node by seconds.
			t.Cleanup(func() { time.Sleep(time.Minute) })
			f(t)
		})
	})
}

// gathered starts nodes of a library that know each other.
func gathered(t *testing.T, l peer.Library, network *peer.Network, n int) (*peer.Cluster, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	c, err := peer.Start(ctx, l, network, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.Form(ctx, peer.Gently(n)); err != nil {
		t.Fatal(err)
	}
	if c.Complete() != n {
		t.Fatalf("%d of %d see all", c.Complete(), n)
	}
	return c, ctx
}

// Each way starts, joins, tells news and counts what it sends.
func TestLibrariesTellNews(t *testing.T) {
	const n = 4
	for name, l := range setUps() {
		inBubble(t, name, func(t *testing.T) {
			c, ctx := gathered(t, l, peer.Memory(1), n)
			before := c.Usage()
			for what, tell := range map[string]func() (peer.Answer, error){
				"metadata":  func() (peer.Answer, error) { return c.Update(ctx, 1, "changed") },
				"broadcast": func() (peer.Answer, error) { return c.Broadcast(ctx, 2, "hear") },
			} {
				a, err := tell()
				if err != nil || a.Missing != 0 || len(a.Took) != n-1 {
					t.Errorf("%s: %+v, %v", what, a, err)
				}
			}
			after := c.Usage()
			spent := after.Since(&before)
			if spent.Packets == 0 || spent.Bytes < 10*spent.Packets || spent.Mallocs == 0 {
				t.Errorf("nothing counted: %+v", spent)
			}
			if spent.Suspicions != 0 || spent.Failures != 0 {
				t.Errorf("accused: %+v", spent)
			}
		})
	}
}

// Bytes of streams count: tables travel over them when nodes join.
func TestJoinsAreCounted(t *testing.T) {
	for _, l := range []peer.Library{new(peer.Swim), new(peer.Memberlist)} {
		inBubble(t, l.Name(), func(t *testing.T) {
			before := l.Count(nil)
			c, _ := gathered(t, l, peer.Memory(1), 3)
			if after := l.Count(c.Nodes); after.Bytes-before.Bytes < 100 {
				t.Errorf("%+v after %+v", after, before)
			}
		})
	}
}

// A node that is killed is suspected and declared gone by each of the others, and that is
// no mistake of theirs.
func TestKillsAreSeen(t *testing.T) {
	const n = 3
	for _, l := range []peer.Library{new(peer.Swim), new(peer.Memberlist)} {
		inBubble(t, l.Name(), func(t *testing.T) {
			c, ctx := gathered(t, l, peer.Memory(1), n)
			before := l.Count(c.Nodes).Suspicions
			a, err := c.Kill(ctx, 1)
			if err != nil || a.Missing != 0 || len(a.Took) != n-1 {
				t.Fatalf("%+v, %v", a, err)
			}
			if got := l.Count(c.Nodes).Suspicions - before; got < n-1 {
				t.Errorf("%d suspicions, want one of each other", got)
			}
			if c.Failures() != 0 {
				t.Errorf("%d failures of nodes that run", c.Failures())
			}
			if got := c.Running(); len(got) != n-1 || got[0] != 0 || got[1] != 2 {
				t.Errorf("running: %v", got)
			}
		})
	}
}

// On a machine with nothing else to do, as which virtual time is, ours tells of a crash
// in half of the time. The bound is such that chance does not break it.
func TestKillsAreKnownSooner(t *testing.T) {
	const n, kills = 16, 6
	mean := make(map[string]time.Duration)
	for _, l := range []peer.Library{new(peer.Swim), new(peer.Memberlist)} {
		inBubble(t, l.Name(), func(t *testing.T) {
			c, _ := gathered(t, l, peer.Memory(1), n)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			for i := range kills {
				time.Sleep(5300 * time.Millisecond)
				a, err := c.Kill(ctx, 2*i+1)
				if err != nil || a.Missing != 0 {
					t.Fatalf("kill %d: %+v, %v", i, a, err)
				}
				mean[l.Name()] += a.Took[len(a.Took)-1] / kills
			}
			if c.Failures() != 0 {
				t.Errorf("%d failures of nodes that run", c.Failures())
			}
		})
	}
	ours, theirs := mean[new(peer.Swim).Name()], mean[new(peer.Memberlist).Name()]
	if ours == 0 || theirs < 5*ours/4 {
		t.Errorf("known to all after %v, and with memberlist after %v", ours, theirs)
	}
	t.Logf("known to all after %v, and with memberlist after %v", ours, theirs)
}

// A node that the harness does not know to be killed is missed as one that runs.
func TestFailuresAreCounted(t *testing.T) {
	for _, l := range []peer.Library{new(peer.Swim), new(peer.Memberlist)} {
		inBubble(t, l.Name(), func(t *testing.T) {
			c, ctx := gathered(t, l, peer.Memory(1), 3)
			if err := c.Nodes[2].Kill(); err != nil {
				t.Fatal(err)
			}
			for c.Failures() < 2 {
				select {
				case <-time.After(10 * time.Millisecond):
				case <-ctx.Done():
					t.Fatalf("%d failures, want 2", c.Failures())
				}
			}
			if c.Complete() != 1 { // the killed one still does
				t.Errorf("%d see all", c.Complete())
			}
		})
	}
}

// What nobody notices is missing, and no error.
func TestMissing(t *testing.T) {
	c, err := peer.Start(t.Context(), new(peer.Swim), peer.Memory(1), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if a, err := c.Update(ctx, 0, "strangers do not see this"); err != nil || a.Missing != 1 || len(a.Took) != 0 {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := c.Form(ctx, peer.Gently(2)); err == nil {
		t.Error("formed after its time")
	}
}

func TestLoopback(t *testing.T) {
	for _, l := range []peer.Library{new(peer.Swim), new(peer.Memberlist)} {
		c, _ := gathered(t, l, peer.Loopback(), 3)
		for _, n := range c.Nodes {
			if !strings.HasPrefix(n.Addr(), "127.0.0.1:") {
				t.Errorf("%s listens at %s", l.Name(), n.Addr())
			}
		}
	}
}
