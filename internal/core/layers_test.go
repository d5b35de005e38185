package core_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// The tests of this file are about what the Machine owes its layers, and what it
// does if they do not keep their word.

// Nothing is kept of a packet: not the claims, nor their accusers, members or not,
// nor who is asked after or for.
func TestNoViewIsKept(t *testing.T) {
	b := newBench(t)
	b.meet("b", "c", "d")
	for _, kind := range []wire.Kind{wire.Ping, wire.PingReq, wire.Ack, wire.Nack, wire.Gossip, wire.User} {
		b.receive("a "+kind.String(), wire.Message{
			Kind: kind, Seq: 1, Target: "b", Payload: []byte("payload"),
			Updates: []wire.Update{
				claim("b", 0, wire.Suspect, "first accuser in a "+kind.String()),
				claim("b", 0, wire.Suspect, "second accuser in a "+kind.String()),
				claim("of a "+kind.String(), 0, wire.Failed, "accuser in a "+kind.String()),
				claim("self", 0, wire.Suspect, "its accuser"),
			},
		})
	}
	b.receive("", wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "self", Epoch: 2}})
	b.among("d", 2*time.Minute) // everything that was kept has been sent by then
	if s := b.m.Stats(); s.ClaimsApplied < 10 || s.SuspicionsExpired < 1 || s.Refutations < 1 {
		t.Errorf("%+v", s)
	}
}

// mute is a Disseminator that has something to say and never says it.
type mute struct{}

func (mute) Add(wire.Update)                                   {}
func (mute) Fill(dst []wire.Update, _ wire.Room) []wire.Update { return dst }
func (mute) Forget(string)                                     {}
func (mute) Len() int                                          { return 1 }

// Gossip that says nothing is not sent, whatever the layers do.
func TestNoEmptyGossip(t *testing.T) {
	b := newBench(t, func(c *core.Config) { c.Disseminator = mute{} })
	b.meet("b", "c")
	told := 0
	for _, p := range of(wire.Gossip, plain(b.until(10*time.Second))) {
		if told++; len(p.Msg.Updates) == 0 {
			t.Errorf("gossip to %s without a claim", p.To)
		}
	}
	if told == 0 {
		t.Error("the suspects are not told")
	}
}

// liar is a MemberSelector that names whoever must not be named.
type liar struct{ refs []wire.Ref }

func (l *liar) Add(wire.Ref, wire.Member, *rand.Rand) {}
func (l *liar) Remove(wire.Ref)                       {}

func (l *liar) Next(rng *rand.Rand) (wire.Ref, bool) { return l.refs[rng.IntN(len(l.refs))], true }

func (l *liar) Pick(dst []wire.Ref, n int, _ wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref {
	for range 50 {
		dst = append(dst, l.refs[rng.IntN(len(l.refs))], except)
	}
	return dst
}

// Whatever the MemberSelector says, nobody but live members is spoken to, and no
// more of them than were asked for.
func TestLyingSelector(t *testing.T) {
	l := &liar{refs: []wire.Ref{wire.Self, -1, 1, 2, 3, 99, 1 << 30, -1 << 31}}
	b := newBench(t, func(c *core.Config) { c.Selector, c.HealInterval = l, 0 })
	b.meet("b", "c", "d") // 1, 2 and 3
	b.gossip("b", claim("d", 0, wire.Failed, "b"))
	b.gossip("c", claim("self", 5, wire.Suspect, "b"))
	all := b.until(time.Minute)
	asked := map[uint32]int{}
	for _, s := range all {
		if s.To != addr("b") && s.To != addr("c") {
			t.Fatalf("%v to %s", s.Msg.Kind, s.To)
		}
		if s.Msg.Kind == wire.PingReq {
			asked[s.Msg.Seq]++
		}
	}
	for _, n := range asked {
		if n > 3 {
			t.Errorf("%d relays for one probe", n)
		}
	}
	if s := b.m.Stats(); s.SelectorFaults == 0 || s.Probes == 0 || len(asked) == 0 {
		t.Errorf("%+v", s)
	}
}

// A row that fits no packet is passed over, and does not stop the pages behind it.
func TestPagesPassOverWhatFitsNone(t *testing.T) {
	b := newBench(t, packetsOnly)
	large := claim("large", 0, wire.Alive, "")
	large.Meta = strings.Repeat("m", 2000)
	b.meet("b")
	b.gossip("b", large)
	b.meet("c")
	b.receive("b", wire.Message{Kind: wire.Sync, Seq: 1})
	if u := b.only(wire.SyncReply).Msg; len(u.Updates) != 3 || u.Cursor != 0 || u.Updates[2].Name != "c" {
		t.Errorf("%+v", u)
	}
	if got := b.m.Stats().ClaimsOversized; got != 2 { // as news, and in the page
		t.Errorf("%d counted", got)
	}
	// Nor is a retort sent that has no room for what it is about.
	b.receive("large", wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "large", Epoch: 0}})
	if len(b.packets) > 0 {
		t.Errorf("%v", describe(b.packets))
	}
}
