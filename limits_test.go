package swim

import (
	"reflect"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
	"github.com/swim-go/swim/wire"
)

// narrow lets ten packets of each kind through.
func narrow(c *Config) {
	ten := security.Rate{PerSecond: 1, Burst: 10}
	c.Limits = Limits{Member: ten, Stranger: ten, Strangers: ten}
}

// know makes "b" a member, by a claim of its own that its ping brings.
func (c *cable) know(t *testing.T) {
	t.Helper()
	c.exchange(c.claim(t, "b", "b"))
	if m, ok := c.node.Member("b"); !ok || m.Addr != "b" {
		t.Fatalf("b is %+v", m)
	}
}

// pour sends a packet many times, and returns how many are answered.
func (c *cable) pour(packet []byte, n int) (answered int) {
	for range n {
		c.in <- packet
	}
	for {
		synctest.Wait()
		select {
		case <-c.out:
			answered++
		default:
			return answered
		}
	}
}

// Strangers use up what is for strangers, and members what is for each of them.
func TestPacketsAboveTheRateAreShed(t *testing.T) {
	for _, sealer := range []Sealer{nil, reversingSealer{}} {
		synctest.Test(t, func(t *testing.T) {
			c := newCable(t, sealer, narrow)
			ping := c.ping(t, 0)
			if got := c.pour(ping, 100); got != 10 {
				t.Errorf("%d pings of a stranger answered, want 10", got)
			}
			if d := c.node.Stats().Drops; d != (Drops{RateStrangers: 90}) {
				t.Errorf("dropped %+v", d)
			}
			time.Sleep(2 * time.Second) // in a bubble: until two more may pass
			c.know(t)
			if got := c.pour(ping, 100); got != 10 {
				t.Errorf("%d pings of a member answered, want 10", got)
			}
			if d := c.node.Stats().Drops; d != (Drops{RateStrangers: 90, RateMembers: 90}) {
				t.Errorf("dropped %+v", d)
			}
		})
	}
}

// Whoever forges a member's address cannot use up what the member may send, where
// the node can tell the two apart.
func TestForgedPacketsLeaveAMemberItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring, err := security.NewKeyring(security.GenerateKey())
		if err != nil {
			t.Fatal(err)
		}
		c := newCable(t, security.NewHMAC(ring), narrow)
		c.sealer = security.NewHMAC(ring)
		c.know(t)
		forged := c.ping(t, 0)
		forged[len(forged)-1] ^= 1
		if got := c.pour(forged, 100); got != 0 {
			t.Errorf("%d forged pings answered", got)
		}
		answered := 0
		for range 10 {
			answered += c.pour(c.ping(t, 0), 1)
		}
		if d := c.node.Stats().Drops; answered != 10 || d != (Drops{Forged: 100}) {
			t.Errorf("%d of 10 pings answered, dropped %+v", answered, d)
		}
		if again := c.ping(t, 0); c.pour(again, 1) != 0 || c.node.Stats().Drops.RateMembers != 1 {
			t.Errorf("the eleventh: dropped %+v", c.node.Stats().Drops)
		}
	})
}

// Asked for its credentials' sake, a stranger's claims are as many packets.
func TestClaimsOfStrangersCountWithAnAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		c := newCable(t, nil, narrow, func(c *Config) {
			c.Admission = security.AdmissionFunc(func(m Member, _ time.Time) error {
				if asked++; m.Name != "a" {
					return security.ErrRefused
				}
				return nil
			})
		})
		if asked != 1 {
			t.Fatalf("asked %d times about the node itself", asked)
		}
		c.pour(c.ping(t, 4), 100)
		if asked > 1+10 {
			t.Errorf("asked about %d claims, want no more than 10", asked-1)
		}
		if s := c.node.Stats(); s.Drops.RateStrangers < 97 {
			t.Errorf("dropped %+v", s.Drops)
		}
	})
}

// What answers strangers leaves room for what concerns members, the node's own
// probes above all.
func TestAnswersToStrangersLeaveRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCable(t, nil)
		packet := c.ping(t, 0)
		const flood = outboxPackets + 100
		for range flood { // nobody takes the answers
			c.in <- packet
		}
		synctest.Wait()
		s := c.node.Stats()
		// One more is with the writer.
		if want := uint64(flood - outboxForStrangers - 1); s.Outbox != outboxForStrangers || s.Drops != (Drops{AnswersShed: want}) {
			t.Errorf("%d packets wait, dropped %+v, want %d shed", s.Outbox, s.Drops, want)
		}
		c.in <- c.claim(t, "b", "b") // still a stranger's
		synctest.Wait()
		c.in <- packet // and now a member's
		synctest.Wait()
		if got := c.node.Stats().Outbox; got != outboxForStrangers+1 {
			t.Errorf("%d packets wait, want %d", got, outboxForStrangers+1)
		}
		for range outboxForStrangers + 2 {
			<-c.out
		}
	})
}

func TestLimitsHaveDefaults(t *testing.T) {
	v := reflect.ValueOf(Limits{}.filled())
	for i := range v.NumField() {
		if r := v.Field(i).Interface().(security.Rate); r.PerSecond <= 0 || r.Burst <= r.PerSecond {
			t.Errorf("%s is %+v", v.Type().Field(i).Name, r)
		}
	}
	mine := security.Rate{PerSecond: 7}
	off := security.Rate{PerSecond: -1}
	burst := Limits{Sync: security.Rate{Burst: 3}, Stream: mine, Streams: off}.filled()
	if burst.Sync != (security.Rate{PerSecond: 100, Burst: 3}) || burst.Stream != mine || burst.Streams != off {
		t.Errorf("filled %+v", burst)
	}
}

// Members share an address for a moment when one takes over another's.
func TestKnownSources(t *testing.T) {
	k := newKnown(func(addr string) string { return addr })
	var none Member
	a := Member{Name: "a", Addr: "1", State: Alive}
	b := Member{Name: "b", Addr: "1", State: Suspect}
	check := func(want bool) {
		t.Helper()
		if k.has("1") != want || k.has("2") || len(k.sources) > 1 {
			t.Errorf("known are %v, want \"1\": %v", k.sources, want)
		}
	}
	check(false)
	k.change(&none, &a)
	check(true)
	k.change(&none, &b)
	failed := a
	failed.State = Failed
	k.change(&a, &failed)
	check(true)
	moved := b
	moved.Addr = "3"
	k.change(&b, &moved)
	check(false)
	k.change(&moved, &none)
	k.change(&failed, &none)
	if len(k.sources) != 0 {
		t.Errorf("%v remain", k.sources)
	}
}

// Whoever wraps a transport over connections still has one.
func TestSourcesOverConnectionsAreHosts(t *testing.T) {
	if g := newGates(Limits{}, struct{ Transport }{new(transport.TCP)}); g.byHost {
		t.Error("a wrapper that hides what it wraps is by host")
	}
	g := newGates(Limits{}, struct{ *transport.TCP }{new(transport.TCP)})
	for addr, want := range map[string]string{"10.0.0.1:7946": "10.0.0.1", "[::1]:80": "[::1]", "node": "node"} {
		if got := g.source(addr); got != want {
			t.Errorf("%s is %q, want %q", addr, got, want)
		}
	}
	k := newKnown(g.source)
	k.change(new(Member), &Member{Addr: "10.0.0.1:7946", State: Alive})
	if !k.has("10.0.0.1:51234") || k.has("10.0.0.2:7946") {
		t.Errorf("known are %v", k.sources)
	}
}

// Members of one IPv6 network are as many, though they share a /64.
func TestMembersOfOneNetworkAreLimitedApart(t *testing.T) {
	one := security.Rate{PerSecond: 1, Burst: 1}
	g := newGates(Limits{Member: one, Stranger: one, Strangers: one}, struct{ *transport.TCP }{new(transport.TCP)})
	if !g.packet(time.Second, "[fd00::1]:40000", true) {
		t.Fatal("first")
	}
	if g.packet(time.Second, "[fd00::1]:40001", true) {
		t.Error("another port is another member")
	}
	if !g.packet(time.Second, "[fd00::2]:40000", true) {
		t.Error("fd00::2 pays for fd00::1")
	}
}

// Claims of members cost no more than their share of the loop's time either, whatever
// their number, and what a packet says beside them counts.
func TestNewsIsBoundedWithAnAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		c := newCable(t, nil, func(c *Config) {
			c.Limits.News = security.Rate{PerSecond: 1, Burst: 10}
			c.Admission = security.AdmissionFunc(func(m Member, _ time.Time) error {
				if asked++; m.Name != "a" && m.Name != "b" {
					return security.ErrRefused
				}
				return nil
			})
		})
		c.know(t)
		asked = 0
		if got := c.pour(c.ping(t, 4), 100); got != 100 {
			t.Errorf("%d pings answered, want all 100", got)
		}
		if asked < 5 || asked > 10 {
			t.Errorf("asked about %d claims, want no more than 10", asked)
		}
		if d := c.node.Stats().Drops; d.RateNews < 390 || d.RateMembers+d.RateStrangers > 0 {
			t.Errorf("dropped %+v", d)
		}
	})
}

// What strangers write is no reason to fill a log.
func TestStrangersLogIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines lineCounter
		c := newCable(t, nil, func(c *Config) { c.Logger = hclog.New(&hclog.LoggerOptions{Output: &lines}) })
		began := lines.n.Load()
		refusal := c.packet(t, &wire.Message{Kind: wire.Refusal, Sender: wire.Sender{Name: "b", Epoch: 1}, Payload: []byte("no")})
		c.pour(refusal, 200)
		synctest.Wait()
		if got := lines.n.Load() - began; got < 5 || got > 12 {
			t.Errorf("%d lines of 200 forged refusals, want ten", got)
		}
	})
}

// lineCounter counts what is written to it.
type lineCounter struct{ n atomic.Int64 }

func (l *lineCounter) Write(p []byte) (int, error) {
	l.n.Add(1)
	return len(p), nil
}
