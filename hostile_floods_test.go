package swim_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

// A flood is at least as many packets, some times what a stranger may send at
// once, and lasts at least as long, one probe of each node.
const (
	floodPackets = 20_000
	floodTime    = 500 * time.Millisecond
)

// One source sends as fast as it can, for a while, half of it good as far as it
// can make it. `go run ./attack` in benchmarks does so for longer, to more nodes,
// and kills one meanwhile.
func TestFloodHarmsNobody(t *testing.T) {
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			g := s.layTo(t, func(*swim.Config) {})
			probes := g.victim.Stats().Protocol.ProbesAcked
			noise, ping := make([]byte, 1400), g.seal(g.encode(pingFor("n0")))
			g.attack(func() {
				packets, begin := 0, time.Now()
				for ; packets < floodPackets || time.Since(begin) < floodTime; packets++ {
					if packets%2 == 0 {
						g.write(noise)
					} else {
						g.write(ping)
					}
				}
				t.Logf("%d packets in %v", packets, time.Since(begin))
			}, []string{"RateStrangers"}, []string{"Version", unopened, "AnswersShed"})
			g.eventually("the victim's probes are acked", func() bool { return g.victim.Stats().Protocol.ProbesAcked > probes })
			g.well()
		})
	}
}

// As TestSilentStreamsKeepNobodyOut, over sockets: hundreds of streams that say
// nothing, and are opened again when they are closed,
// keep nobody out who has something to say, and take no more than their slots.
func TestSilentStreamsOverSockets(t *testing.T) {
	const held, slots = 300, 64 // the default of Config.MaxStreams
	g := settings[1].layTo(t, func(*swim.Config) {})
	before := g.look()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var silent sync.WaitGroup
	for range held {
		silent.Go(func() { g.holdStreams(ctx) })
	}
	g.eventually("all slots are taken", func() bool { return g.victim.Stats().StreamsIn == slots })
	for i := range 3 {
		cfg := swim.Config{Name: fmt.Sprintf("honest%d", i), Bind: "127.0.0.1:0"}
		g.configure(&cfg)
		honest := start(t, cfg)
		if n, err := honest.Join(t.Context(), g.victim.Local().Addr); n != 1 || err != nil {
			t.Errorf("Join = %d, %v", n, err)
		}
		if _, err := honest.Leave(t.Context()); err != nil {
			t.Error(err)
		}
		_ = honest.Close()
	}
	// The attacker's own take up to three each: one that dials, one that ends it,
	// and while a host name is looked up, another.
	if got, most := runtime.NumGoroutine(), before.goroutines+3*held+2*slots; got > most {
		t.Errorf("%d goroutines, want at most %d", got, most)
	}
	cancel()
	silent.Wait()
	g.eventually("the streams are over", func() bool { return g.victim.Stats().StreamsIn == 0 })
	for _, line := range g.news()[before.news:] {
		if !strings.Contains(line, "honest") || strings.Contains(line, "suspected") || strings.Contains(line, "failed") {
			t.Errorf("a user heard %q", line)
		}
	}
	now := g.look() // who came and went is remembered
	before.views, before.news = now.views, now.news
	problems := append(g.harm(before), g.unlike(before.counts, []string{"StreamsEvicted|StreamsSlow"},
		[]string{"StreamsEvicted", "StreamsSlow", "StreamsRefused", "ReadErrors"})...)
	for _, problem := range problems {
		t.Error(problem)
	}
}

// holdStreams opens streams one after the other and says nothing.
func (g *siege) holdStreams(ctx context.Context) {
	var dialer net.Dialer
	for ctx.Err() == nil {
		conn, err := dialer.DialContext(ctx, "tcp", g.victim.Local().Addr)
		if err != nil {
			return
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		_, _ = io.Copy(io.Discard, conn)
		stop()
		_ = conn.Close()
	}
}

// The harness of all these tests notices what it is there for.
func TestSiegeNotices(t *testing.T) {
	calm := settings[0]
	for _, test := range []struct {
		says string
		do   func(g *siege)
	}{
		{"", func(*siege) {}},
		{"goroutines", func(g *siege) { go func() { <-g.Context().Done() }() }},
		{"bytes of heap", func(*siege) { kept = make([]byte, 2*heapSlack) }},
		{"bytes were allocated", func(*siege) {
			for range 10 {
				kept = make([]byte, allocatedAtMost/8)
			}
			kept = nil
		}},
		{"the users heard", func(g *siege) {
			if err := g.nodes[1].SetMeta(g.Context(), []byte("changed")); err != nil {
				g.Fatal(err)
			}
			for _, node := range g.nodes {
				g.eventually("it is told", func() bool { m, _ := node.Member("n1"); return m.Meta == "changed" })
			}
		}},
		{"the members are", func(g *siege) { g.say(gossip(claim("invented", 1, 1, swim.Alive))) }},
		{"Malformed rose", func(g *siege) { g.write(g.seal(nil)) }},
	} {
		t.Run(test.says, func(t *testing.T) {
			g := calm.layTo(t, func(*swim.Config) {})
			g.patience = 0
			before := g.look()
			test.do(g)
			g.processed()
			problems := strings.Join(append(g.unlike(before.counts, nil, nil), g.harm(before)...), "\n")
			kept = nil
			if test.says == "" && problems != "" || !strings.Contains(problems, test.says) {
				t.Errorf("says %q, want %q", problems, test.says)
			}
			if got := strings.Join(g.unlike(before.counts, []string{"Version|Plain"}, nil), "\n"); !strings.Contains(got, "Version|Plain did not rise") {
				t.Errorf("says %q", got)
			}
		})
	}
}

// kept holds memory on to it.
var kept []byte
