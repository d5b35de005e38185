package core

import (
	"iter"
	"math/rand/v2"
	"time"

	"github.com/swim-go/swim/wire"
)

// Machine is the protocol of one node. One goroutine may use it. Each input
// (Receive, Tick and the commands) replaces the outputs of the one before.
type Machine struct {
	Params
	cfg   Config
	rng   *rand.Rand
	born  time.Duration
	now   time.Duration
	seq   uint32
	stats Stats

	table      table
	suspicions suspicions
	probe      probe
	relays     relays
	joins      joins
	comparison comparison
	answers    answers
	departure  departure
	casts      *broadcasts
	mail       *mail
	agreement  agreement
	health     health
	probation  probation
	out        outbox
	picked     []wire.Ref   // scratch of pick
	sized      wire.Update  // and of size
	payload    []byte       // holds the payloads that the last input made
	theirs     []theirPrint // scratch of comparisons
	sending    []wire.Ref   // and the rows that the next Sync or SyncReply tells
	ackPayload []byte       // the user's

	mentioned  bool          // by a claim of the message just received
	speaker    string        // who sent it; a view
	stranger   bool          // of whom we knew nothing live before; see isStranger
	refusal    error         // why a claim of the sender's about itself was refused
	asker      string        // address of a sender that is not known by it; see measure
	quota      int           // how many bytes a message to it may have
	wronged    bool          // by that claim: who made it is told
	heard      time.Duration // when a packet of another node's last came in
	cutOff     bool          // nothing was heard between a last call and its verdict
	resumed    time.Duration // when we last went on after standing still or being cut off
	isolated   bool          // see noticeIsolation
	echo       uint32        // the number of our ping to ourselves
	maxClaim   int           // the largest claim that a packet of gossip can carry
	rival      uint64
	rivalAt    time.Duration // from when on another rival is answered
	differing  int           // acks in a row with another digest than ours
	mayCompare time.Duration // when a difference may next bring about a sync
	nextProbe  time.Duration
	nextGossip time.Duration
	lastGossip time.Duration
	nextSync   time.Duration
	nextSweep  time.Duration
	nextHeal   time.Duration
	nextState  time.Duration
}

// New makes the Machine of a node that knows only itself. The times it is given
// are since any moment of the caller's choice and never run backwards.
func New(cfg Config, now time.Duration) *Machine {
	m := &Machine{
		Params: cfg.Params, cfg: cfg, born: now, now: now,
		rng:        rand.New(rand.NewPCG(cfg.Seed, cfg.Seed^0x9e3779b97f4a7c15)),
		nextGossip: noDeadline, nextSweep: noDeadline, nextSync: noDeadline, nextHeal: noDeadline, nextState: noDeadline,
		lastGossip: now - cfg.GossipInterval,
	}
	m.seq = m.rng.Uint32()
	if cfg.Paper {
		m.lastGossip = now - m.jitter(cfg.GossipInterval)
	}
	m.health.most = cfg.HealthMax
	m.table.names.secret = m.rng.Uint64()
	m.table.add(m.identify(Identity{cfg.Name, cfg.Addr, cfg.Meta, cfg.Token, cfg.Epoch}))
	m.self().state, m.self().changed = wire.Alive, now
	m.table.count(wire.Alive, +1)
	// A random phase keeps nodes that started together from probing together.
	m.nextProbe = now + m.jitter(cfg.ProbeInterval)
	if cfg.SyncInterval > 0 {
		m.nextSync = now + cfg.SyncInterval/2 + m.jitter(cfg.SyncInterval)
		if cfg.MaxStateBytes > 0 {
			m.nextState = now + cfg.SyncInterval/2 + m.jitter(cfg.SyncInterval)
		}
	}
	// The longest header of a packet that is sent for its claims. What fits
	// behind it leaves no queue and stops no page.
	header := wire.Message{
		Kind: wire.SyncReply, Seq: 1<<32 - 1, Cursor: 1<<32 - 1,
		Sender: wire.Sender{Name: cfg.Name, Epoch: 1<<64 - 1, Incarnation: 1<<32 - 1},
	}
	m.maxClaim = m.room(&header)
	return m
}

// Receive takes one decoded message. msg and the views in it must hold until
// the outputs were used.
func (m *Machine) Receive(now time.Duration, from Path, msg *wire.Message) {
	m.begin(now)
	if !m.admit(from, msg) {
		return
	}
	m.measure(from, msg)
	if msg.Kind == wire.Visit {
		m.answerVisit(from, msg)
		return
	}
	m.stranger = m.isStranger(&msg.Sender)
	m.hearAll(msg)
	if m.refuse(from, msg) {
		return
	}
	switch msg.Kind {
	case wire.Ping:
		m.answerPing(from, msg)
	case wire.PingReq:
		m.relayPing(from, msg)
	case wire.Ack:
		m.takeAck(from, msg)
	case wire.Nack:
		m.takeNack(msg)
	case wire.Sync:
		m.answerSync(from, msg)
	case wire.SyncReply:
		m.takeSyncReply(msg)
	case wire.Compare:
		m.answerCompare(from, msg)
	case wire.Comparison:
		m.takeComparison(msg)
	case wire.User:
		m.deliver(from, msg)
	case wire.Gossip:
		m.hearBroadcasts(msg, false)
	case wire.Fetch:
		m.answerFetch(from, msg)
	case wire.Fetched:
		m.takeFetched(from, msg)
	case wire.Receipt:
		m.takeReceipt(msg)
	case wire.Refusal:
		m.takeRefusal(from, msg)
	case wire.UserState:
		m.answerState(from, msg)
	}
	m.answerAccuser(from, msg)
}

// Tick does whatever is due at now.
func (m *Machine) Tick(now time.Duration) {
	m.begin(now)
	m.expireRelays()
	m.advanceProbe()
	m.expireSuspicions()
	m.advanceJoins()
	m.advanceDeparture()
	m.endProbation()
	m.startProbe()
	m.startSync()
	m.startExchange()
	m.sweep()
	m.heal()
	m.gossip()
	m.push()
	m.sweepCasts()
	m.resend()
}

// lateShare is which part of ProbeTimeout an input must be overdue by, to show
// that the process stood still.
const lateShare = 4

// TickBlocked does what is due in a process whose sends and receives block: its
// suspicions come to their end, and a probe begins whose ping does not get out.
// Only simulations of such processes call it, instead of Tick.
func (m *Machine) TickBlocked(now time.Duration) {
	m.begin(now)
	m.expireSuspicions()
	if !m.probe.active {
		m.startProbe()
	}
}

// DeadlineBlocked is when TickBlocked next has work.
func (m *Machine) DeadlineBlocked() time.Duration {
	if m.probe.active {
		return m.suspicions.deadline()
	}
	return min(m.suspicions.deadline(), m.nextProbe)
}

// Deadline is when Tick next has work.
func (m *Machine) Deadline() time.Duration {
	return min(m.nextProbe, m.nextGossip, m.nextSync, m.nextSweep, m.nextHeal, m.nextState,
		m.probe.deadline(), m.relays.deadline(), m.suspicions.deadline(),
		m.joins.deadline(), m.departure.deadline(), m.probation.deadline(), m.casts.deadline(), m.mail.deadline())
}

// Packets are what the last input wants sent.
func (m *Machine) Packets() []Packet { return m.out.packets }

// Events are what the last input brought about.
func (m *Machine) Events() []Event { return m.out.events }

// Local is our own member.
func (m *Machine) Local() wire.Member { return m.table.member(wire.Self) }

// Member returns the belief about a member, ourselves included.
func (m *Machine) Member(name string) (wire.Member, bool) {
	ref, ok := m.table.find(name)
	if !ok {
		return wire.Member{}, false
	}
	return m.table.member(ref), true
}

// Members yields all members in any state, ourselves first.
func (m *Machine) Members() iter.Seq[wire.Member] {
	return func(yield func(wire.Member) bool) {
		if !yield(m.Local()) {
			return
		}
		for ref := range m.table.refs() {
			if !yield(m.table.member(ref)) {
				return
			}
		}
	}
}

// RoundTrip is how long a member usually takes to answer a ping, and by how much that
// varies, as far as it has answered any itself.
func (m *Machine) RoundTrip(name string) (smoothed, deviation time.Duration, ok bool) {
	ref, ok := m.table.find(name)
	if !ok || m.table.rows[ref].roundTrip == 0 {
		return 0, 0, false
	}
	r := &m.table.rows[ref]
	return time.Duration(r.roundTrip) * time.Microsecond, time.Duration(r.deviation) * time.Microsecond, true
}

// Len counts the live members, ourselves included.
func (m *Machine) Len() int { return m.table.live }

// Health is how much this node doubts itself: 0 is well, HealthMax is worst.
func (m *Machine) Health() int { return m.health.score }

// Stats returns the counters.
func (m *Machine) Stats() Stats { return m.stats }

// Resumed tells that the process stood still until now. Where the caller's clock
// leaves that time out, the Machine cannot see it. What was sent to a machine that
// was paused is lost, so no last call from before then leads to a verdict.
func (m *Machine) Resumed(now time.Duration) {
	m.begin(now)
	m.resumed = m.now
}

func (m *Machine) begin(now time.Duration) {
	// A clock that ran backwards would stretch every deadline.
	m.now = max(now, m.now)
	if m.now-m.Deadline() >= m.ProbeTimeout/lateShare {
		m.resumed = m.now
	}
	m.mentioned, m.wronged, m.refusal, m.quota = false, false, nil, 0
	m.payload = m.payload[:0]
	if cap(m.payload) > keepPayload {
		m.payload = nil
	}
	m.out.reset()
}

func (m *Machine) event(e Event) { m.out.events = append(m.out.events, e) }

func (m *Machine) self() *row { return &m.table.rows[wire.Self] }

func (m *Machine) nextSeq() uint32 {
	m.seq++
	if m.seq == 0 { // 0 means no question
		m.seq++
	}
	return m.seq
}

// jitter is a random part of d.
func (m *Machine) jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(m.rng.Int64N(int64(d)))
}
