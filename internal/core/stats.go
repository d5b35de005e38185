package core

// Stats counts what a Machine did and refused since it was made.
type Stats struct {
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
	// VerdictsPostponed because nothing at all was heard since the last call, or
	// this process stood still meanwhile.
	VerdictsPostponed uint64
	// Refutations of claims about ourselves.
	Refutations uint64
	// Conflicts with other processes of our name.
	Conflicts uint64
	// ClaimsApplied changed a belief; ClaimsStale did not; ClaimsInvalid come
	// from no correct peer.
	ClaimsApplied, ClaimsStale, ClaimsInvalid uint64
	// ClaimsOversized are too large for a packet and travel by sync alone.
	ClaimsOversized uint64
	// MessagesInvalid come from no correct peer; MessagesMisdirected were meant
	// for another member; MessagesLate answer a question that is over;
	// MessagesReflected are our own; MessagesRefused are of a kind that this
	// path or moment does not allow.
	MessagesInvalid, MessagesMisdirected, MessagesLate, MessagesReflected, MessagesRefused uint64
	// MembersShed, RelaysShed and JoinsShed found their table full.
	MembersShed, RelaysShed, JoinsShed uint64
	// SelectorFaults are answers of the MemberSelector that name nobody live.
	SelectorFaults uint64
	// Syncs begun by us, and answered for others. Differences are those of them
	// that a digest brought about.
	Syncs, SyncsAnswered, Differences uint64
	// Comparisons of tables begun by us, and answered for others. Deferrals are how
	// often we told a member to ask later, and Deferred how often we were told so.
	Comparisons, ComparisonsAnswered, Deferrals, Deferred uint64
	// ClaimsRefused were not admitted, Refusals told to whom they are about, and
	// MessagesSpoofed bear another name than their sender's.
	ClaimsRefused, Refusals, MessagesSpoofed uint64
	// PayloadsShed are payloads of acks that had no room, or were longer than they
	// may be.
	PayloadsShed uint64
	// Retries are pings to members that failed.
	Retries uint64
}
