package core

import (
	"math/rand/v2"

	"github.com/swim-go/swim/wire"
)

// Selector is what the Machine asks with whom to speak; the contract stands at
// the MemberSelector of the root package.
type Selector interface {
	Add(ref wire.Ref, m wire.Member, rng *rand.Rand)
	Remove(ref wire.Ref)
	Next(rng *rand.Rand) (wire.Ref, bool)
	Pick(dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref
}

// Disseminator is what the Machine asks which claims to send; the contract
// stands at the Disseminator of the root package.
type Disseminator interface {
	Add(u wire.Update)
	Fill(dst []wire.Update, room wire.Room) []wire.Update
	Forget(name string)
	Len() int
}

// Config is what a Machine is made of. All of it is required but where said.
type Config struct {
	Params

	// Name, Addr, Meta and Epoch are the local member's.
	Name, Addr, Meta, Token string
	Epoch                   uint64
	// Seed is where all randomness comes from.
	Seed uint64

	Selector     Selector
	Disseminator Disseminator

	// MessageSize and UpdateSize are the codec's: how many bytes a message
	// takes, and by how many a claim makes it longer.
	MessageSize func(*wire.Message) int
	UpdateSize  func(*wire.Update) int
	// PacketBytes is how long the encoding of a message in a packet may be.
	PacketBytes int
	// Streams says whether packets marked for a stream can be carried.
	Streams bool
	// MaxMembers bounds the table, the dead included.
	MaxMembers int
	// Admit, if set, is asked before anything is kept about a member that is not
	// known, and again when the address, metadata or token of one changes. It returns
	// why not, or nil. It must not block.
	Admit func(wire.Member) error
	// Identified says that the caller knows who sent each message: Path.Identity is
	// set, and what bears another's name is refused.
	Identified bool
	// Broadcasts says how users' broadcasts are served; the zero value, as
	// DefaultBroadcasting says.
	Broadcasts Broadcasting
	// Busy, if set, tells that the owner has no room for what a member wants to be
	// acknowledged.
	Busy func() bool
	// Pings asks for an event with each ping of ours that its target answered itself.
	Pings bool
	// MaxStateBytes bounds the users' state that a member may bring. 0 says that users
	// have none to exchange.
	MaxStateBytes int
	// Intern, if set, returns a shared value equal to its argument. The
	// simulator sets it, so that ten thousand Machines keep one copy of a name.
	Intern func(Identity) *Identity
}

// Identity is what is rarely changed of a member. It is never changed in place,
// so that snapshots and Machines can share it.
type Identity struct {
	Name, Addr, Meta, Token string
	Epoch                   uint64
}

// The named limits of a Machine's tables, beside Config.MaxMembers.
const (
	// maxRelays bounds how many indirect probes are made for others at a time.
	maxRelays = 256
	// maxIndirect bounds Params.IndirectProbes.
	maxIndirect = 16
	// maxConfirmations bounds Params.Confirmations.
	maxConfirmations = 8
	// maxJoins bounds the joins and syncs that wait for an answer.
	maxJoins = 64
	// maxEpochLead bounds how far the epoch of a claim may lie ahead of our own:
	// 73 years of nanoseconds, more than any wrong clock. Without it a forged
	// claim of the largest epoch could never be outbid by its subject (H4).
	maxEpochLead = 1 << 61
	// maxIncarnation is where a member starts a new epoch rather than go on
	// counting. It leaves room above, so that a claim can always be outbid.
	maxIncarnation = 1 << 31
)
