package swim

import (
	"context"
	"time"
)

// Stats is what a node counted since it was started, and how it stands now.
type Stats struct {
	// Alive, Suspect, Failed and Left count the members by state, this node
	// included.
	Alive, Suspect, Failed, Left int
	// Isolated says that this node seems to be cut off: nothing is heard of any
	// other member. Then it declares nobody failed.
	Isolated bool
	// OnProbation says that the others hold this node for failed, as they did not
	// long ago, and that it waits before it refutes that; see Config.ReturnDelay.
	OnProbation bool
	// Health is how much this node doubts itself: 0 is well, Config.HealthMax is
	// worst (Lifeguard's local health multiplier).
	Health int
	// Gossip is how many claims wait to be sent, Inbox and Outbox how many
	// packets wait for the protocol and the network, Messages how many messages
	// wait for the Delegate.
	Gossip, Inbox, Outbox, Messages int
	// Heard is how many broadcasts wait for the Delegate.
	Heard int
	// StreamsIn and StreamsOut are the streams open now.
	StreamsIn, StreamsOut int

	// PacketsIn, BytesIn, PacketsOut and BytesOut count packets, and FramesIn to
	// FrameBytesOut the frames of streams; all overhead of ours is in the bytes.
	PacketsIn, BytesIn, PacketsOut, BytesOut         uint64
	FramesIn, FrameBytesIn, FramesOut, FrameBytesOut uint64
	// Stalls is how often this process noticed that it had not run when it
	// should have.
	Stalls uint64

	// SeedsAsked are addresses that were asked because of Config.Seeds or
	// Config.Snapshot, and SeedsSilent those of them that did not answer. Snapshots
	// were written, and SnapshotErrors were not.
	SeedsAsked, SeedsSilent, Snapshots, SnapshotErrors uint64
	// StateExchanges are those that this node began; StatesSent are states that
	// travelled, and StatesMerged those that its StateDelegate merged.
	StateExchanges, StatesSent, StatesMerged uint64

	Drops      Drops
	Protocol   ProtocolStats
	Broadcasts BroadcastStats
}

// Drops counts what was dropped, by reason.
type Drops struct {
	// Arrivals that were refused: Oversized are larger than Config.PacketBytes
	// or MaxStreamBytes; Version, Cluster, Corrupt, Sealed, Plain and Unopened
	// are what package security tells apart; Malformed the Codec refused.
	Oversized, Version, Cluster, Corrupt, Sealed, Plain, Unopened, Malformed uint64
	// What a Sealer of package security would not open, and why: sealed with an
	// UnknownKey, Forged or damaged, Replayed, Stale since it was recorded too long
	// ago, or of one session more than it has room for.
	UnknownKey, Forged, Replayed, Stale, SessionsFull uint64
	// What came faster than Config.Limits allow: packets of members and of
	// strangers, streams, questions for the whole table, and claims to ask an
	// Admission about.
	RateMembers, RateStrangers, RateStreams, RateSyncs, RateNews uint64
	// ReadErrors of the Transport, and streams that broke off before a frame.
	ReadErrors uint64
	// OutboxFull found the network slower than the protocol; AnswersShed were for
	// strangers, and found half of the outbox taken; Unencodable the Codec or
	// Sealer refused, or found too large; WriteErrors the Transport refused;
	// Unanswerable are answers to a stream that is gone.
	OutboxFull, AnswersShed, Unencodable, WriteErrors, Unanswerable uint64
	// StreamsRefused found Config.MaxStreams open; StreamsEvicted made room for
	// others; StreamsSlow took too long to say what they want, or to take the
	// answer; DialErrors are streams that were not answered.
	StreamsRefused, StreamsEvicted, StreamsSlow, DialErrors uint64
	// MessagesShed and PingsShed found the Delegate too slow; Panics are its
	// callbacks'.
	MessagesShed, PingsShed, Panics uint64
	// StatesShed are exchanges of users' state that found too many under way, or the
	// Delegate too slow; StatesOversized are states larger than Config.MaxStateBytes.
	StatesShed, StatesOversized uint64
	// MergesRefused are joins that Config.Merge was against, or did not answer in time.
	MergesRefused uint64
	// BroadcastsShed found the BroadcastDelegate too slow.
	BroadcastsShed uint64
	// LinesShed found the Logger too slow.
	LinesShed uint64
}

// ProtocolStats counts what the protocol did and refused.
type ProtocolStats struct {
	// Probes begun, and how they ended. A probe that was neither acked nor
	// failed found its target replaced, was never sent, or was cut short by a change
	// of period.
	Probes, ProbesAcked, ProbesFailed, ProbesUnsent, ProbesCut uint64
	// IndirectProbes asked of others, and Relayed for others.
	IndirectProbes, Relayed uint64
	// NacksMissed by relays that were asked and said nothing.
	NacksMissed uint64
	// SuspicionsRaised by own probes, and all SuspicionsExpired here.
	SuspicionsRaised, SuspicionsExpired uint64
	// VerdictsPostponed because nothing at all was heard since the last call.
	VerdictsPostponed uint64
	// Refutations of claims about this node.
	Refutations uint64
	// Conflicts with other processes of this node's name.
	Conflicts uint64
	// ClaimsApplied changed a belief; ClaimsStale did not; ClaimsInvalid come
	// from no correct peer.
	ClaimsApplied, ClaimsStale, ClaimsInvalid uint64
	// ClaimsOversized are too large for a packet and travel by sync alone.
	ClaimsOversized uint64
	// MessagesInvalid come from no correct peer; MessagesMisdirected were meant
	// for another member; MessagesLate answer a question that is over;
	// MessagesReflected are this node's own; MessagesRefused are of a kind that this
	// path or moment does not allow.
	MessagesInvalid, MessagesMisdirected, MessagesLate, MessagesReflected, MessagesRefused uint64
	// MembersShed, RelaysShed and JoinsShed found their table full.
	MembersShed, RelaysShed, JoinsShed uint64
	// SelectorFaults are answers of the MemberSelector that name nobody live.
	SelectorFaults uint64
	// Syncs begun by this node, and answered for others. Differences are those of
	// them that a digest brought about.
	Syncs, SyncsAnswered, Differences uint64
	// Comparisons of tables begun by this node, and answered for others. Deferrals are
	// how often it told a member to ask later, and Deferred how often it was told so.
	Comparisons, ComparisonsAnswered, Deferrals, Deferred uint64
	// ClaimsRefused were not admitted, Refusals were told to whom they are about;
	// MessagesSpoofed bear another name than their sender's, where the Transport
	// knows that.
	ClaimsRefused, Refusals, MessagesSpoofed uint64
	// PayloadsShed are payloads of acks that had no room, or were longer than they
	// may be.
	PayloadsShed uint64
	// Retries are pings to members that failed.
	Retries uint64
}

// Stats returns the numbers as they are now, and after Close as they were then.
func (n *Node) Stats() Stats {
	d := n.driver
	var s Stats
	read := func(time.Duration) {
		s.Protocol = ProtocolStats(d.machine.Stats())
		s.Broadcasts = BroadcastStats(d.machine.BroadcastStats())
		s.Health = d.machine.Health()
		s.Isolated = d.machine.Isolated()
		s.OnProbation = d.machine.OnProbation()
		s.Gossip = d.news.Len()
	}
	if d.do(context.Background(), read) != nil {
		<-d.ended // then the Machine may be read by anybody
		read(0)
	}
	counts := n.directory.stateCounts()
	s.Alive, s.Suspect, s.Failed, s.Left = counts[Alive], counts[Suspect], counts[Failed], counts[Left]
	s.Inbox, s.Outbox = len(d.inbox), len(d.outbox)
	if d.delivery != nil {
		s.Messages, s.Heard = len(d.delivery.messages), d.delivery.heard.len()
	}
	s.StreamsIn, s.StreamsOut = d.slots.taken(), len(d.dialing)

	c := &d.counters
	s.PacketsIn, s.BytesIn = c.packetsIn.Load(), c.bytesIn.Load()
	s.PacketsOut, s.BytesOut = c.packetsOut.Load(), c.bytesOut.Load()
	s.FramesIn, s.FrameBytesIn = c.framesIn.Load(), c.frameBytesIn.Load()
	s.FramesOut, s.FrameBytesOut = c.framesOut.Load(), c.frameBytesOut.Load()
	s.Stalls = c.stalls.Load()
	s.Snapshots, s.SnapshotErrors = c.snapshots.Load(), c.snapshotErrors.Load()
	if n.rejoin != nil {
		s.SeedsAsked, s.SeedsSilent = n.rejoin.asked.Load(), n.rejoin.failed.Load()
	}
	s.StateExchanges, s.StatesSent, s.StatesMerged = c.exchanges.Load(), c.statesSent.Load(), c.statesMerged.Load()
	s.Drops = c.drops()
	d.gates.count(&s.Drops)
	s.Protocol.ClaimsRefused += c.claimsRefused.Load()
	return s
}
