package swim_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

func TestJoinCountsDistinctMembers(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		n.cluster("a", "b", "c")
		d := n.start("d")
		for _, test := range []struct {
			seeds []string
			want  int
		}{
			{nil, 0},
			{[]string{"d"}, 0}, // itself
			{[]string{"a", "a", "d", "a"}, 1},
			{[]string{"a", "nobody", "b"}, 2},
			{[]string{"a", "b", "c"}, 3},
		} {
			if got, err := d.Join(t.Context(), test.seeds...); got != test.want || err != nil {
				t.Errorf("Join(%v) = %d, %v, want %d", test.seeds, got, err, test.want)
			}
		}
		n.waitLive(d, 4)
	})
}

func TestJoinNobody(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		n.Isolate("deaf")
		n.listen("deaf")
		start := time.Now()
		got, err := a.Join(t.Context(), "nobody", "deaf")
		if got != 0 || !errors.Is(err, swim.ErrNoAnswer) {
			t.Fatalf("Join = %d, %v, want ErrNoAnswer", got, err)
		}
		for _, seed := range []string{`"nobody"`, `"deaf"`} {
			if !strings.Contains(err.Error(), seed) {
				t.Errorf("%v does not name %s", err, seed)
			}
		}
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
		n.start("nobody") // is somebody now
		n.join(a, "nobody")
	})
}

func TestJoinEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		n.Isolate("deaf")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := a.Join(ctx, "deaf")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if _, err := a.Join(ctx, "deaf"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with an ended context: %v", err)
		}
	})
}

// A Join given up takes nothing with it: what it waited for is not waited for
// any more.
func TestAbandonedJoinsDoNotPileUp(t *testing.T) {
	for name, configure := range map[string]func(*swim.Config){
		"streams":      func(*swim.Config) {},
		"packets only": func(c *swim.Config) { c.Transport = struct{ swim.Transport }{c.Transport} },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, n network) {
				a := n.start("a", configure)
				n.start("b", configure)
				n.Isolate("deaf")
				for range 200 {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
					if _, err := a.Join(ctx, "deaf"); !errors.Is(err, context.DeadlineExceeded) {
						t.Fatal(err)
					}
					cancel()
				}
				n.pass(time.Millisecond)
				if s := a.Stats(); s.Protocol.JoinsShed != 0 || s.Drops.StreamsRefused != 0 || s.StreamsOut != 0 {
					t.Errorf("%d joins were shed, %d streams refused, %d are open",
						s.Protocol.JoinsShed, s.Drops.StreamsRefused, s.StreamsOut)
				}
				n.join(a, "b")
			})
		})
	}
}

// More seeds than may be asked at once, all silent, take no longer than one.
func TestJoinAsksManyInParallel(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		a := n.start("a")
		var seeds []string
		for i := range 200 {
			seed := fmt.Sprintf("s%d", i)
			seeds = append(seeds, seed)
			if i%10 == 0 {
				n.start(seed)
			}
		}
		start := time.Now()
		if got, err := a.Join(t.Context(), seeds...); got != 20 || err != nil {
			t.Errorf("Join = %d, %v, want 20", got, err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A join over a transport without streams goes by pages.
func TestJoinWithoutStreams(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		packetsOnly := func(c *swim.Config) { c.Transport = struct{ swim.Transport }{c.Transport} }
		first := n.start("first", packetsOnly)
		for i := range 60 {
			n.join(n.start(fmt.Sprintf("a-member-with-a-longer-name-%d", i), packetsOnly), "first")
		}
		n.waitLive(first, 61)
		last := n.start("last", packetsOnly)
		n.join(last, "first")
		if got := len(last.Members()); got != 62 {
			t.Errorf("after Join it knows %d members, want 62", got)
		}
		if s := last.Stats(); s.FramesOut != 0 || s.Protocol.Syncs < 3 {
			t.Errorf("%d frames, %d pages asked for", s.FramesOut, s.Protocol.Syncs)
		}
	})
}

// Two clusters whose addresses get mixed up never exchange a member, whoever
// asks whom, and each packet is counted for what it is.
func TestClustersOfDifferentNamesNeverMerge(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		named := func(name string) func(*swim.Config) {
			return func(c *swim.Config) { c.Cluster = name }
		}
		var nodes []*swim.Node
		for _, cluster := range []string{"prod", "test"} {
			for i := range 3 {
				node := n.start(fmt.Sprintf("%s%d", cluster, i), named(cluster))
				if i > 0 {
					n.join(node, cluster+"0")
				}
				nodes = append(nodes, node)
			}
		}
		if got, err := nodes[0].Join(t.Context(), "test0", "test1"); got != 0 || !errors.Is(err, swim.ErrNoAnswer) {
			t.Errorf("Join of another cluster = %d, %v", got, err)
		}
		// An address of one cluster goes to a node of the other: prod1 is gone and
		// a node of test has its address now, which everybody in prod still probes.
		_ = nodes[1].Close()
		squatter := n.start("prod1", named("test"), func(c *swim.Config) { c.Name = "squatter" })
		n.join(squatter, "test0")
		n.pass(2 * time.Minute)
		for _, node := range nodes {
			if node == nodes[1] {
				continue
			}
			own := node.Local().Name[:4]
			for _, m := range node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left) {
				if !strings.HasPrefix(m.Name, own) && (own != "test" || m.Name != "squatter") {
					t.Errorf("%s knows %+v", node.Local().Name, m)
				}
			}
		}
		if got := squatter.Stats().Drops; got.Cluster == 0 || got.Corrupt != 0 {
			t.Errorf("the squatter dropped %+v", got)
		}
	})
}

func TestJoinSaysWhatToDo(t *testing.T) {
	node := start(t, swim.Config{})
	_, port, _ := net.SplitHostPort(node.Local().Addr)
	other := start(t, swim.Config{Cluster: "other"})
	for seed, says := range map[string]string{
		"127.0.0.1:1":           "is a node of this cluster running there",
		"no such host":          `"no such host"`,
		"127.0.0.1:99999":       "99999",
		"192.0.2.1:7946":        "listens on 127.0.0.1:" + port + " only",
		other.Local().Addr:      "another cluster",
		"256.256.256.256:7946":  "256.256.256.256",
		"[::1":                  "[::1",
		"224.0.0.1":             "multicast",
		strings.Repeat("x", 99): "xxx",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		got, err := node.Join(ctx, seed)
		if got != 0 || !errors.Is(err, swim.ErrNoAnswer) || !strings.Contains(err.Error(), says) {
			t.Errorf("Join(%q) = %d, %v; want it to say %q", seed, got, err, says)
		}
	}
}

func TestOwnAddressIsSkipped(t *testing.T) {
	node := start(t, swim.Config{Bind: "0.0.0.0:0", Name: "n"})
	_, port, _ := net.SplitHostPort(node.Local().Addr)
	if got, err := node.Join(t.Context(), "127.0.0.1:"+port, node.Local().Addr); got != 0 || err != nil {
		t.Errorf("Join of itself = %d, %v", got, err)
	}
	if got := node.Stats().Protocol.Syncs; got != 0 {
		t.Errorf("it asked itself %d times", got)
	}
}
