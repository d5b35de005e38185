package core_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// budget is how many bytes a packet may have in these tests.
const budget = 1390

// bench is one Machine, named "self", and what a test does to it. Its peers are the
// test. Whatever it receives comes as bytes that are overwritten as soon as the
// outputs were copied, so a view that it keeps shows.
type bench struct {
	t      testing.TB
	m      *core.Machine
	news   *disseminator.Piggyback
	now    time.Duration
	codec  codec.Msgpack
	msg    wire.Message // scratch
	wild   bool         // what it receives may hold 0xff itself
	pinged core.Packet  // scratch of a test

	// Of the last input, copied.
	packets []core.Packet
	events  []core.Event
}

// newBench makes a Machine at time 0 that knows only itself.
func newBench(t testing.TB, options ...func(*core.Config)) *bench {
	b := &bench{t: t, news: new(disseminator.Piggyback)}
	cfg := core.Config{
		Params: core.LAN(), Name: "self", Addr: addr("self"), Epoch: 1, Seed: 1,
		Selector: new(inOrder), Disseminator: b.news,
		MessageSize: b.codec.Size, UpdateSize: b.codec.UpdateSize,
		PacketBytes: budget, Streams: true, MaxMembers: 1 << 16,
	}
	cfg.SyncInterval = 0
	for _, option := range options {
		option(&cfg)
	}
	b.m = core.New(cfg, 0)
	return b
}

// paper makes the Machine do as the papers say, where ours does otherwise.
func paper(c *core.Config) {
	c.Params = core.Lifeguard()
	c.SyncInterval = 0
}

// addr is the address of a name in these tests.
func addr(name string) string { return "at " + name }

// inOrder chooses members in the order in which they were added.
type inOrder struct {
	refs []wire.Ref
	next int
}

func (s *inOrder) Add(ref wire.Ref, _ wire.Member, _ *rand.Rand) {
	if !slices.Contains(s.refs, ref) {
		s.refs = append(s.refs, ref)
	}
}

func (s *inOrder) Remove(ref wire.Ref) {
	s.refs = slices.DeleteFunc(s.refs, func(r wire.Ref) bool { return r == ref })
}

func (s *inOrder) Next(*rand.Rand) (wire.Ref, bool) {
	if len(s.refs) == 0 {
		return 0, false
	}
	s.next++
	return s.refs[(s.next-1)%len(s.refs)], true
}

func (s *inOrder) Pick(dst []wire.Ref, n int, _ wire.Purpose, except wire.Ref, _ *rand.Rand) []wire.Ref {
	for _, ref := range s.refs {
		if ref != except && n > 0 {
			dst = append(dst, ref)
			n--
		}
	}
	return dst
}

// claim is one that needs no more said.
func claim(name string, incarnation uint32, s wire.State, from string) wire.Update {
	return wire.Update{From: from, Member: wire.Member{
		Name: name, Addr: addr(name), Epoch: 1, Incarnation: incarnation, State: s,
	}}
}

// meet introduces live members, and forgets the news of it.
func (b *bench) meet(names ...string) {
	b.t.Helper()
	for _, name := range names {
		b.gossip("stranger", claim(name, 0, wire.Alive, ""))
		if m, ok := b.m.Member(name); !ok || m != claim(name, 0, wire.Alive, "").Member {
			b.t.Fatalf("%s was introduced and is held for %+v", name, m)
		}
		b.news.Forget(name)
	}
}

// gossip hands over claims as sender's.
func (b *bench) gossip(sender string, claims ...wire.Update) {
	b.t.Helper()
	b.receive(sender, wire.Message{Kind: wire.Gossip, Updates: claims})
}

// receive hands over a message as sender's, by packet.
func (b *bench) receive(sender string, msg wire.Message) {
	b.t.Helper()
	b.receiveFrom(core.Path{Addr: addr(sender)}, sender, msg)
}

func (b *bench) receiveFrom(from core.Path, sender string, msg wire.Message) {
	b.t.Helper()
	if msg.Sender == (wire.Sender{}) {
		msg.Sender = wire.Sender{Name: sender, Epoch: 1}
	}
	data, err := b.codec.Append(nil, &msg)
	if err != nil {
		b.t.Fatal(err)
	}
	if !b.receiveBytes(from, data) {
		b.t.Fatal("what was encoded cannot be decoded")
	}
}

// receiveBytes hands over bytes and overwrites them. It returns false if they are
// no message.
func (b *bench) receiveBytes(from core.Path, data []byte) bool {
	b.t.Helper()
	if b.codec.Decode(&b.msg, data) != nil {
		return false
	}
	b.m.Receive(b.now, from, &b.msg)
	b.collect()
	table := b.table()
	for i := range data {
		data[i] = 0xff
	}
	if after := b.table(); !slices.Equal(table, after) {
		b.t.Fatalf("the table holds views: %+v became %+v", table, after)
	}
	return true
}

// table is a copy of what the Machine believes.
func (b *bench) table() []wire.Member {
	table := slices.Collect(b.m.Members())
	for i := range table {
		m := &table[i]
		m.Name, m.Addr, m.Meta = strings.Clone(m.Name), strings.Clone(m.Addr), strings.Clone(m.Meta)
	}
	return table
}

// collect copies the outputs of the last input.
func (b *bench) collect() {
	b.t.Helper()
	b.packets, b.events = nil, slices.Clone(b.m.Events())
	for _, p := range b.m.Packets() {
		data, err := b.codec.Append(nil, p.Msg)
		if err != nil {
			b.t.Fatal(err)
		}
		if !p.Stream && len(data) > budget {
			b.t.Fatalf("a packet of %d bytes, and %d are allowed: %+v", len(data), budget, p.Msg)
		}
		p.Msg = new(wire.Message)
		if err := b.codec.Decode(p.Msg, data); err != nil {
			b.t.Fatal(err)
		}
		b.packets = append(b.packets, p)
		b.inspect(p.To, p.Msg.Target, p.Msg.Sender.Name)
		for i := range p.Msg.Updates {
			u := &p.Msg.Updates[i]
			b.inspect(u.Name, u.Addr, u.Meta, u.From)
		}
	}
	for i := range b.events {
		b.inspect(b.events[i].By, b.events[i].Before.Name, b.events[i].After.Name, b.events[i].After.Addr)
	}
}

// inspect fails where bytes show that were overwritten.
func (b *bench) inspect(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !b.wild && strings.Contains(text, "\xff") {
			b.t.Fatalf("at %v an output holds a view of a packet: %q", b.now, texts)
		}
	}
}

// sent is a packet and when it was.
type sent struct {
	at time.Duration
	core.Packet
}

// until lets time pass, and returns what was sent meanwhile.
func (b *bench) until(end time.Duration) []sent {
	b.t.Helper()
	var all []sent
	for b.m.Deadline() <= end {
		b.now = max(b.m.Deadline(), b.now)
		b.m.Tick(b.now)
		if b.m.Deadline() <= b.now {
			b.t.Fatalf("after its Tick at %v the deadline is %v", b.now, b.m.Deadline())
		}
		b.collect()
		for _, p := range b.packets {
			all = append(all, sent{b.now, p})
		}
	}
	b.now = end
	return all
}

// among lets time pass as a member does whose input works: every tenth of a second
// it hears from another.
func (b *bench) among(other string, end time.Duration) (all []sent) {
	b.t.Helper()
	for b.now < end {
		all = append(all, b.until(min(b.now+100*time.Millisecond, end))...)
		b.gossip(other)
	}
	return append(all, b.until(end)...)
}

// next lets time pass until a packet of a kind is sent, at most for an hour.
func (b *bench) next(kind wire.Kind) sent {
	b.t.Helper()
	for end := b.now + time.Hour; b.m.Deadline() < end; {
		for _, s := range b.until(b.m.Deadline()) {
			if s.Msg.Kind == kind {
				return s
			}
		}
	}
	b.t.Fatalf("no %v is sent within an hour", kind)
	panic("unreachable")
}

// only returns the one packet of a kind that the last input brought about.
func (b *bench) only(kind wire.Kind) core.Packet {
	b.t.Helper()
	found := of(kind, b.packets)
	if len(found) != 1 {
		b.t.Fatalf("%d packets of %v, want 1, in %v", len(found), kind, describe(b.packets))
	}
	return found[0]
}

// of picks the packets of a kind.
func of(kind wire.Kind, packets []core.Packet) (found []core.Packet) {
	for _, p := range packets {
		if p.Msg.Kind == kind {
			found = append(found, p)
		}
	}
	return found
}

func plain(all []sent) (packets []core.Packet) {
	for _, s := range all {
		packets = append(packets, s.Packet)
	}
	return packets
}

func describe(packets []core.Packet) (text []string) {
	for _, p := range packets {
		text = append(text, p.Msg.Kind.String()+" to "+p.To)
	}
	return text
}

// state is what the Machine believes of a member, 0 if it knows none.
func (b *bench) state(name string) wire.State {
	m, _ := b.m.Member(name)
	return m.State
}

// want fails unless a member is held for what is said.
func (b *bench) want(name string, s wire.State, incarnation uint32) {
	b.t.Helper()
	if m, _ := b.m.Member(name); m.State != s || m.Incarnation != incarnation {
		b.t.Errorf("at %v %s is held for %v at incarnation %d, want %v at %d", b.now, name, m.State, m.Incarnation, s, incarnation)
	}
}

// ack answers a ping as its target.
func (b *bench) ack(p core.Packet) {
	b.t.Helper()
	b.receive(p.Msg.Target, wire.Message{Kind: wire.Ack, Seq: p.Msg.Seq, Target: p.Msg.Target})
}

// suspectByProbe lets the next probe fail and returns whom it was of.
func (b *bench) suspectByProbe() string {
	b.t.Helper()
	name := b.next(wire.Ping).Msg.Target
	for b.state(name) == wire.Alive {
		b.until(b.m.Deadline())
	}
	if b.state(name) != wire.Suspect {
		b.t.Fatalf("%s is held for %v after a failed probe", name, b.state(name))
	}
	return name
}

// about picks the claims about a member out of packets.
func about(name string, packets []core.Packet) (claims []wire.Update) {
	for _, p := range packets {
		for _, u := range p.Msg.Updates {
			if u.Name == name {
				claims = append(claims, u)
			}
		}
	}
	return claims
}
