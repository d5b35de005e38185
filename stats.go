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
	// StreamsIn and StreamsOut are the streams open now.
	StreamsIn, StreamsOut int

	// PacketsIn, BytesIn, PacketsOut and BytesOut count packets, and FramesIn to
	// FrameBytesOut the frames of streams; all overhead of ours is in the bytes.
	PacketsIn, BytesIn, PacketsOut, BytesOut         uint64
	FramesIn, FrameBytesIn, FramesOut, FrameBytesOut uint64
	// Stalls is how often this process noticed that it had not run when it
	// should have.
	Stalls uint64

	Drops    Drops
	Protocol ProtocolStats
}

// Drops counts what was dropped, by reason.
type Drops struct {
	// Arrivals that were refused: Oversized are larger than Config.PacketBytes
	// or MaxStreamBytes; Version, Cluster, Corrupt, Sealed, Plain and Unopened
	// are what package security tells apart; Malformed the Codec refused.
	Oversized, Version, Cluster, Corrupt, Sealed, Plain, Unopened, Malformed uint64
	// ReadErrors of the Transport, and streams that broke off before a frame.
	ReadErrors uint64
	// OutboxFull found the network slower than the protocol; Unencodable the
	// Codec or Sealer refused, or found too large; WriteErrors the Transport
	// refused; Unanswerable are answers to a stream that is gone.
	OutboxFull, Unencodable, WriteErrors, Unanswerable uint64
	// StreamsRefused found Config.MaxStreams open; DialErrors are streams that
	// were not answered.
	StreamsRefused, DialErrors uint64
	// MessagesShed found the Delegate too slow; Panics are its callbacks'.
	MessagesShed, Panics uint64
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
	// ClaimsRefused were not admitted, Refusals were told to whom they are about;
	// MessagesSpoofed bear another name than their sender's, where the Transport
	// knows that.
	ClaimsRefused, Refusals, MessagesSpoofed uint64
	// Retries are pings to members that failed.
	Retries uint64
}

// Stats returns the numbers as they are now, and after Close as they were then.
func (n *Node) Stats() Stats {
	d := n.driver
	var s Stats
	read := func(time.Duration) {
		s.Protocol = ProtocolStats(d.machine.Stats())
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
		s.Messages = len(d.delivery.messages)
	}
	s.StreamsIn, s.StreamsOut = len(d.serving), len(d.dialing)

	c := &d.counters
	s.PacketsIn, s.BytesIn = c.packetsIn.Load(), c.bytesIn.Load()
	s.PacketsOut, s.BytesOut = c.packetsOut.Load(), c.bytesOut.Load()
	s.FramesIn, s.FrameBytesIn = c.framesIn.Load(), c.frameBytesIn.Load()
	s.FramesOut, s.FrameBytesOut = c.framesOut.Load(), c.frameBytesOut.Load()
	s.Stalls = c.stalls.Load()
	s.Drops = c.drops()
	return s
}
