package swim_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
)

// overheard is a sealed cluster of three whose whole traffic is on tape, and whose
// users keep what they are sent.
type overheard struct {
	network
	tape  *tape
	evil  *transport.Memory
	nodes map[string]*swim.Node
	rings map[string]*security.Keyring

	mu       sync.Mutex
	messages map[string]int // by receiver and text, how often
	heard    map[string]*recording
}

// overhear runs a cluster for a while: members come and go, news is told,
// messages are sent.
func overhear(n network) *overheard {
	o := &overheard{
		network: n, tape: new(tape), evil: n.listen("evil"),
		nodes: make(map[string]*swim.Node), rings: make(map[string]*security.Keyring),
		messages: make(map[string]int), heard: make(map[string]*recording),
	}
	for _, name := range []string{"a", "b", "c"} {
		o.begin(name)
		n.join(o.nodes[name], "a")
	}
	gone := n.start("gone", o.configure("gone"))
	n.join(gone, "a")
	for _, node := range o.nodes {
		n.waitLive(node, 4)
	}
	if _, err := gone.Leave(n.Context()); err != nil {
		n.Fatal(err)
	}
	_ = gone.Close()
	for i := range 20 {
		for name, node := range o.nodes {
			if err := node.SetMeta(n.Context(), fmt.Appendf(nil, "%s %d", name, i)); err != nil {
				n.Fatal(err)
			}
			for other := range o.nodes {
				if other != name {
					if err := node.Send(n.Context(), other, fmt.Appendf(nil, "%d from %s", i, name)); err != nil {
						n.Fatal(err)
					}
				}
			}
		}
		n.pass(500 * time.Millisecond)
	}
	n.pass(10 * time.Second)
	if len(o.messages) != 20*6 {
		n.Fatalf("%d messages came, want 120", len(o.messages))
	}
	for name, node := range o.nodes {
		o.heard[name] = record(node, n.Context(), "")
	}
	return o
}

func (o *overheard) configure(name string) func(*swim.Config) {
	o.rings[name] = sure(security.NewKeyring(clusterKey))
	return func(c *swim.Config) {
		o.tape.tap(c)
		c.Sealer = security.NewXChaCha20Poly1305(o.rings[name])
		c.Delegate = &calls{message: func(_ swim.Member, payload []byte) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.messages[name+" got "+string(payload)]++
		}}
	}
}

func (o *overheard) begin(name string) { o.nodes[name] = o.start(name, o.configure(name)) }

// state is what a replay must not change.
func (o *overheard) state() (views map[string][]swim.Member, events, messages map[string]int) {
	views, events = make(map[string][]swim.Member), make(map[string]int)
	for name, node := range o.nodes {
		views[name] = node.Members(swim.Alive, swim.Suspect, swim.Failed, swim.Left)
		if heard := o.heard[name]; heard != nil {
			events[name] = len(heard.all())
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return views, events, maps.Clone(o.messages)
}

// changesNothing plays what was heard and checks that nothing comes of it.
func (o *overheard) changesNothing(what string, packets, streams []taped, to ...string) (answered int64) {
	o.Helper()
	views, events, messages := o.state()
	suspicions := o.suspicions()
	answered = o.replay(o.evil, packets, streams, to...)
	o.pass(time.Minute)
	nowViews, nowEvents, nowMessages := o.state()
	if !maps.EqualFunc(nowViews, views, slices.Equal) {
		o.Errorf("%s: the members are %+v, and were %+v", what, nowViews, views)
	}
	if !maps.Equal(nowEvents, events) {
		o.Errorf("%s: users heard of %v changes, and had heard of %v", what, nowEvents, events)
	}
	if !maps.Equal(nowMessages, messages) {
		o.Errorf("%s: users got %v, and had %v", what, nowMessages, messages)
	}
	if now := o.suspicions(); now != suspicions {
		o.Errorf("%s: %d suspicions were raised", what, now-suspicions)
	}
	return answered
}

func (o *overheard) suspicions() (raised uint64) {
	for _, node := range o.nodes {
		raised += node.Stats().Protocol.SuspicionsRaised
	}
	return raised
}

// isRefused plays what was heard, and checks that not one packet or frame of it
// is opened by anybody.
func (o *overheard) isRefused(what string, packets, streams []taped, to ...string) {
	o.Helper()
	refused := o.refused()
	if answered := o.changesNothing(what, packets, streams, to...); answered != 0 {
		o.Errorf("%s: %d bytes of answer to streams", what, answered)
	}
	played := (len(packets) + len(streams)) * max(len(to), 1)
	if now := o.refused() - refused; now != uint64(played) {
		o.Errorf("%s: %d of %d were refused", what, now, played)
	}
}

func (o *overheard) refused() (all uint64) {
	for _, node := range o.nodes {
		all += sum(counts(node.Stats()), unopened)
	}
	return all
}

// What was recorded changes nothing, however late it is played again and to
// whomever: not at once, not an hour later, not after its key was retired. Not
// even its receivers' replies to streams can be had a second time.
func TestReplayedPacketsChangeNothing(t *testing.T) {
	bubble(t, func(t *testing.T, n network) {
		o := overhear(n)
		all, streams := o.tape.heard()
		packets := slices.DeleteFunc(slices.Clone(all), func(p taped) bool { return o.nodes[p.to] == nil })
		t.Logf("%d packets and %d streams on tape", len(packets), len(streams))
		o.isRefused("at once", packets, streams)
		// Nobody but its receiver has seen a packet; what it says was not for them.
		o.changesNothing("to others", all, streams, "a", "b", "c")
		o.isRefused("again", all, streams, "a", "b", "c")
		n.pass(time.Hour)
		o.isRefused("an hour later", all, streams, "a", "b", "c")

		next := security.GenerateKey()
		for _, step := range []func(*security.Keyring) error{
			func(r *security.Keyring) error { return r.Add(next) },
			func(r *security.Keyring) error { return r.Use(next.ID()) },
			func(r *security.Keyring) error { return r.Remove(clusterKey.ID()) },
		} {
			for _, name := range []string{"a", "b", "c"} {
				if err := step(o.rings[name]); err != nil {
					t.Fatal(err)
				}
			}
			n.pass(time.Second)
		}
		o.isRefused("after the key was retired", all, streams, "a", "b", "c")
	})
}

// A restarted node knows no sessions. So what is recent opens there, once. By that it
// is told the truth of some moments ago, and gets nothing that was meant for its former
// life. What is older than clocks may differ does not introduce anybody, nor does it
// open when its sender has introduced itself.
func TestReplayToARestartedNode(t *testing.T) {
	for _, test := range []struct {
		name  string
		later time.Duration
	}{{"at once", 0}, {"later than MaxSkew", security.DefaultMaxSkew + time.Minute}} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, n network) {
				o := overhear(n)
				packets, streams := o.tape.heard()
				_, _, messages := o.state()
				_ = o.nodes["a"].Close()
				n.pass(test.later + time.Millisecond)
				o.begin("a")
				a := o.nodes["a"]
				answered := n.replay(o.evil, packets, streams, "a")
				if known := len(a.Members()); test.later > 0 && (answered > 0 || known > 1 || o.refused() < uint64(len(packets)+len(streams))) {
					t.Errorf("it was told of %d members, refused %d packets and answered %d bytes", known, o.refused(), answered)
				}
				n.join(a, "b")
				for _, node := range o.nodes {
					n.eventually("all are well", func() bool { return node.Stats().Alive == 3 })
				}
				n.pass(time.Minute)
				if _, _, now := o.state(); !maps.Equal(now, messages) {
					t.Errorf("users got %v, and had %v", now, messages)
				}
				if m, ok := a.Member("gone"); ok && m.State != swim.Left {
					t.Errorf("who left is %v", m.State)
				}
				o.heard["a"] = record(a, t.Context(), "")
				if test.later > 0 {
					o.isRefused("after it joined", packets, streams, "a")
				}
				o.changesNothing("after it joined", packets, streams, "a")
				o.isRefused("again", packets, streams, "a")
			})
		})
	}
}
