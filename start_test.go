package swim_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// What Start cannot know before it tries.
func TestStartThatFails(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		cfg  swim.Config
		says string
	}{
		{"port in use", t.Context(), swim.Config{Bind: taken.Addr().String()}, "address already in use"},
		{"foreign address", t.Context(), swim.Config{Bind: "192.0.2.1:0"}, "192.0.2.1:0"},
		{"empty template", t.Context(), swim.Config{Bind: `{{ GetInterfaceIP "none" }}:0`}, "none"},
		{"broken template", t.Context(), swim.Config{Bind: `{{ GetPrivateIP`}, "GetPrivateIP"},
		{"advertise by an empty template", t.Context(), swim.Config{Bind: "127.0.0.1:0", Advertise: `{{ GetInterfaceIP "none" }}`}, "none"},
		{"advertise a group", t.Context(), swim.Config{Bind: "127.0.0.1:0", Advertise: "224.0.0.1"}, "multicast"},
		{"context ended", ended, swim.Config{Bind: "127.0.0.1:0"}, "context canceled"},
		{"context ended, own transport", ended, swim.Config{Transport: new(transport.Memory)}, "context canceled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			noLeaks(t)
			node, err := swim.Start(test.ctx, test.cfg)
			if err == nil {
				_ = node.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "swim: ") {
				t.Errorf("%q does not say %q", err, test.says)
			}
		})
	}
}

// noLeaks fails a test that leaves goroutines behind.
func noLeaks(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		deadline := time.Now().Add(10 * time.Second)
		for runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<16)
				t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
			}
			runtime.Gosched()
		}
	})
}

func TestNothingLeaks(t *testing.T) {
	noLeaks(t)
	first := start(t, swim.Config{Name: "first"})
	for range 100 {
		node, err := swim.Start(t.Context(), swim.Config{
			Name: "again", Bind: "127.0.0.1:0", Delegate: swim.NopDelegate{}, Logger: hclog.NewNullLogger(),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := node.Join(t.Context(), first.Local().Addr); err != nil {
			t.Fatal(err)
		}
		if err := node.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
}

// start starts a node on the loopback interface, for the time of the test.
func start(t testing.TB, cfg swim.Config) *swim.Node {
	t.Helper()
	if cfg.Bind == "" && cfg.Transport == nil {
		cfg.Bind = "127.0.0.1:0"
	}
	node, err := swim.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	return node
}

// The port that a failed Start had bound is free again, and a Transport that was
// brought along is the caller's still.
func TestFailedStartGivesBack(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	_ = free.Close()
	if _, err := swim.Start(t.Context(), swim.Config{Bind: addr, Advertise: "224.0.0.1"}); err == nil {
		t.Fatal("a group can be advertised")
	}
	start(t, swim.Config{Bind: addr})

	own, err := transport.ListenUDP(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := swim.Start(t.Context(), swim.Config{Transport: own, Advertise: "224.0.0.1"}); err == nil {
		t.Fatal("a group can be advertised")
	}
	node := start(t, swim.Config{Transport: own})
	_ = node.Close()
	if err := own.WritePacket([]byte("x"), "127.0.0.1:9"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close, the transport says %v", err)
	}
}

// Two nodes of the zero Config on one machine find each other.
func TestZeroConfigTwice(t *testing.T) {
	var nodes []*swim.Node
	for range 2 {
		node, err := swim.Start(t.Context(), swim.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer node.Close()
		nodes = append(nodes, node)
		if host, _, _ := net.SplitHostPort(node.Local().Addr); host != "127.0.0.1" {
			t.Errorf("the zero Config listens on %s", node.Local().Addr)
		}
	}
	a, b := nodes[0].Local(), nodes[1].Local()
	if a.Name == b.Name || a.Addr == b.Addr {
		t.Errorf("nodes %+v and %+v are not told apart", a, b)
	}
	if n, err := nodes[1].Join(t.Context(), a.Addr); n != 1 || err != nil {
		t.Errorf("Join = %d, %v", n, err)
	}
}

func TestAdvertise(t *testing.T) {
	for advertise, want := range map[string]string{
		"":                 "127.0.0.1:",
		"10.1.2.3":         "10.1.2.3:",
		"10.1.2.3:99":      "10.1.2.3:99",
		"[2001:db8::1]:99": "[2001:db8::1]:99",
		"2001:db8::1":      "[2001:db8::1]:",
		"localhost:99":     "127.0.0.1:99",
		`{{ GetAllInterfaces | include "flags" "loopback" | include "type" "IPv4" | limit 1 | attr "address" }}`: "127.0.0.1:",
	} {
		node := start(t, swim.Config{Advertise: advertise})
		got := node.Local().Addr
		_, port, err := net.SplitHostPort(got)
		if !strings.HasPrefix(got, want) || err != nil || port == "0" {
			t.Errorf("advertises %q for %q, want %q and a port", got, advertise, want)
		}
	}
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, string(p))
	return len(p), nil
}

func (l *lines) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(l.text), func(line string) bool { return !strings.Contains(line, s) }))
}

func TestOpenNodeWarnsOnce(t *testing.T) {
	for _, test := range []struct {
		cfg  swim.Config
		want int
	}{
		{swim.Config{Bind: "127.0.0.1:0"}, 0},
		{swim.Config{Bind: "[::1]:0"}, 0},
		{swim.Config{Bind: "0.0.0.0:0", Sealer: nopSealer{}}, 0},
		{swim.Config{Bind: "0.0.0.0:0"}, 1},
		{swim.Config{Bind: ":0"}, 1},
	} {
		var out lines
		test.cfg.Logger = hclog.New(&hclog.LoggerOptions{Output: &out, Level: hclog.Info})
		node := start(t, test.cfg)
		if addr := node.Local().Addr; strings.HasPrefix(addr, "127.") {
			test.want = 0 // a machine without a network
		}
		_ = node.Close()
		deadline := time.Now().Add(10 * time.Second)
		for out.count("node closed") == 0 && time.Now().Before(deadline) {
			runtime.Gosched()
		}
		if got := out.count("Sealer"); got != test.want {
			t.Errorf("bound to %s, warned %d times, want %d", test.cfg.Bind, got, test.want)
		}
	}
}

// nopSealer seals nothing, and is there.
type nopSealer struct{}

func (nopSealer) Seal(dst, plain, _ []byte) ([]byte, error)  { return append(dst, plain...), nil }
func (nopSealer) Open(dst, sealed, _ []byte) ([]byte, error) { return append(dst, sealed...), nil }
func (nopSealer) Overhead() int                              { return 0 }
