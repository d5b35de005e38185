package swim

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/selector"
)

// Config is what a [Node] is made of. The zero Config works: it makes a node
// that listens on the loopback interface with the numbers of [LAN]. In each
// field the zero value means the default; where a feature can be turned off, a
// negative value does it.
type Config struct {
	// Name identifies this node in its cluster: 1 to 255 bytes of UTF-8 without
	// control characters. It must be unique; see [ConflictDelegate] for what
	// happens if not. Default: the name of the host and the port, or the address
	// of a Transport of your own.
	Name string
	// Cluster is the name of the cluster, of up to 255 bytes. It is checked on
	// every packet: nodes of different clusters ignore each other. It is no
	// secret, and no protection against attackers. Default: the empty name.
	Cluster string
	// Bind is where to listen, as host:port or a go-sockaddr template. Port 0
	// takes any free one. Default: 127.0.0.1:7946, or any free port there when
	// that one is taken. An explicit Bind that is in use is an error. It goes
	// with the default Transport only.
	Bind string
	// Advertise is the address that the others are given, where it is not the
	// one bound to: host, host:port or a go-sockaddr template; without a port,
	// that of Bind. Default: what the Transport says.
	Advertise string
	// Meta is metadata that all members see, of up to MaxMetaBytes.
	Meta []byte

	// Transport carries packets. Default: UDP, with streams over TCP on the
	// same port. The node closes a Transport given here when it is closed; when
	// Start fails, it is left to the caller.
	Transport Transport
	// Codec encodes messages. Default: codec.Msgpack.
	Codec Codec
	// Selector chooses whom to speak with. Default: selector.RoundRobin.
	Selector MemberSelector
	// Disseminator chooses what news to tell. Default: disseminator.Piggyback.
	Disseminator Disseminator
	// Compression says what is sent compressed. It goes with any Codec but a
	// codec.Compressed, which says so itself. Default: CompressStreams.
	Compression Compression
	// Sealer protects packets and streams. Default: none.
	Sealer Sealer
	// Sealing is at which stage of its introduction to a running cluster the
	// Sealer is; see [Node.SetSealing]. Default: security.Required, which is that
	// what is not sealed is refused.
	Sealing security.Stage
	// VerifyNames refuses what a member says in another's name. It needs a
	// Transport that knows who its peers are, as transport.TLS does by their
	// certificates, and a Name, which must be the one that this node's own
	// certificate bears.
	VerifyNames bool
	// Admission decides who may be a member. Default: everybody.
	Admission Admission
	// Merge is asked before this node's cluster and another become one by a Join, on
	// both sides: of the one that joins about the cluster of the seed, before anything is
	// told of its own, and of the seed about the cluster that a joiner brings along,
	// which is mostly just itself. by is who is joined or joins, and members are all who
	// take part in its cluster, by included. An error refuses: its text, in a line of up to
	// 200 bytes, is told to the other side as a [RefusedError], and nothing changes on
	// either. A node is not asked about who is known as a member, in whatever state and
	// with the same Epoch, so halves of a cut network heal unasked; and it is asked once
	// for each seed that a Join asks before it knows the first.
	//
	// It is called by goroutines of its own, several at once, and may call the Node.
	// One that takes longer than half of StreamTimeout, when ctx ends, or panics, has
	// refused; so has one that would be the seventeenth under way. All nodes of a cluster
	// should have the same, since those without it merge with whom they like. It needs a
	// Transport with streams, as the default has them. It is no protection against
	// attackers, who need not ask: see Admission. Default: nobody is asked.
	Merge func(ctx context.Context, by Member, members []Member) error
	// Token is this node's credential, which an Admission of the others may ask
	// for: see security.TokenSigner. All members see it. Default: none.
	Token string
	// Seeds says where other members may be found. With it the node joins by itself,
	// in the background, as soon as it is started, and goes on looking for as long as
	// it runs: when it knows nobody or hears of nobody, and else at those seeds where
	// no live member is. So it finds the others again when it was cut off for a day
	// and they have other addresses now. See [Node.Ready]. Default: none, and then
	// only [Node.Join] joins.
	Seeds SeedProvider
	// RejoinInterval is how often it looks, give or take a quarter. A node that knows
	// nobody begins at 1 s and doubles that up to it, and asks up to three addresses
	// each time. Where it has company, four members of the cluster, whatever its size, ask
	// their Seeds in each interval, on average, and one address that is not a live
	// member's, if there is any; if there is none, no packet is sent. Negative: look
	// until somebody is known, and no more. Default 30 s.
	RejoinInterval time.Duration
	// Snapshot is the path of a file in which the node keeps whom it knows, and its own
	// epoch; both serve when it is started the next time. The members in it are
	// asked, beside Seeds or without, when the node knows nobody. The file is replaced
	// as a whole, at most every 10 s, has up to 1024 members, and belongs to one node. One
	// that is damaged is ignored, and one that cannot be written is counted; either
	// is logged and stops nothing. It has to be on a disk that answers: Start and
	// Close wait for it. Default: none.
	Snapshot string
	// Delegate is called back with changes and messages. Default: none.
	Delegate Delegate
	// Logger gets a few lines. Default: silence. See [Slog] for log/slog.
	Logger hclog.Logger

	// ProbeInterval is SWIM's protocol period: how often one member is probed.
	// Default 1 s.
	ProbeInterval time.Duration
	// ProbeTimeout is how long a ping may go unanswered at most before relays are
	// asked; a member known to answer quickly is given less. It must be shorter than ProbeInterval, so that they have time to. Default:
	// half of ProbeInterval, and at most 500 ms.
	ProbeTimeout time.Duration
	// IndirectProbes is SWIM's k: how many relays are asked. Negative: none.
	// Default 3.
	IndirectProbes int
	// GossipInterval is how often news is sent for its own sake. Negative: never,
	// so that news travels with probes alone. Default 200 ms.
	GossipInterval time.Duration
	// GossipFanout is to how many members it is sent each time. Default 3.
	GossipFanout int
	// RetransmitMult is λ: each node passes a piece of news on λ·⌈log10(n+1)⌉
	// times in a cluster of n, and λ times more in one of fewer than a hundred. Default 3.
	RetransmitMult int
	// SuspicionMult is how long a suspect has at least to refute: this many times
	// GossipInterval·(log2(n)+5), which is what it takes under bad conditions in a
	// cluster of n. Default 1.
	SuspicionMult int
	// SuspicionMaxMult is Lifeguard's β: and at most β times that, as long as
	// nobody confirms it. 1 makes the time fixed, as in SWIM. Default 3.
	SuspicionMaxMult int
	// Confirmations is Lifeguard's K: with how many independent accusers, beside
	// the first, the time is down to its least. Unless it is negative, nobody is
	// declared failed whom only one member found silent, where there are others.
	// Negative: the time is at its least from the beginning. Default 1.
	Confirmations int
	// HealthMax is Lifeguard's S: how far a node's doubt in itself stretches its
	// probe interval and timeout. Negative: not at all. Default 8.
	HealthMax int
	// NoBuddy keeps a suspect from being told with each ping that it is
	// suspected (Lifeguard's buddy system). Only experiments want that.
	NoBuddy bool
	// ReturnDelay is how long a node that the others declared failed twice within
	// some minutes must be well before it refutes the second verdict; it doubles with each
	// that follows, up to 16 times. The first is refuted at once, and so is any when
	// [Node.Join] is called. So a node with a bad link does not come and go for ever.
	// Negative: refute at once, always. Default 15 s.
	ReturnDelay time.Duration
	// HealInterval is how often a member that failed is asked after, one at a time,
	// so that the halves of a network that was cut find each other again. Negative:
	// never. Default 10 s.
	HealInterval time.Duration
	// SyncInterval is how often the whole table is compared with one member's,
	// in a small cluster; it is stretched in large ones. Negative: never.
	// Default 30 s.
	SyncInterval time.Duration
	// ForgetAfter is how long failed and departed members are remembered, so
	// that stale claims cannot resurrect them. Default 1 h.
	ForgetAfter time.Duration

	// Channels says how the broadcasts of some names are served; all others have the
	// defaults. See [Node.Broadcast].
	Channels []Channel
	// MaxBroadcastBytes is the largest payload of a broadcast, sent or taken: the nodes
	// of a cluster should agree. It may be no larger than 4 MiB, and than MaxStreamBytes
	// without 2 KiB. Default 1 MiB.
	MaxBroadcastBytes int
	// BroadcastMemoryBytes bounds what is kept of all broadcasts, for members that lack
	// them; each is kept for 50 gossip intervals if there is room. Default 8 MiB.
	BroadcastMemoryBytes int

	// PacketBytes is the largest packet that is sent and accepted, all overhead
	// of ours included, that of UDP and IP not. Default 1400.
	PacketBytes int
	// MaxMetaBytes is how much metadata this node may announce. A claim with
	// all of it has to fit a packet. Default 512.
	MaxMetaBytes int
	// MaxMembers bounds the table, failed and departed members included. What
	// is above it is ignored and counted. Default 65536.
	MaxMembers int
	// MaxStreamBytes is the largest frame that is sent and accepted over a
	// stream. It has to hold the whole table. Default 16 MiB.
	MaxStreamBytes int
	// MaxStateBytes is the largest state of a [StateDelegate] that is sent and accepted,
	// of up to 4 MiB. All nodes should have the same. Default 1 MiB, or what
	// MaxStreamBytes leaves.
	MaxStateBytes int
	// MaxStreams is how many streams may be open at a time, in each direction, beside
	// those to exchange users' states (16) and to ask for a Merge (one a join).
	// For one more of a peer's, the one that is slowest to say what it wants is
	// closed; what then is above it is closed and counted. Default 64.
	MaxStreams int
	// StreamTimeout bounds a stream from its opening to its end. Default 10 s.
	StreamTimeout time.Duration
	// Limits bound what others may send in a time.
	Limits Limits
}

// LAN returns the numbers for nodes that reach each other within milliseconds,
// bound to port 7946 of all interfaces.
func LAN() Config { return preset(core.LAN(), ":7946") }

// WAN is for round trips of up to a second, bound to port 7946 of all
// interfaces.
func WAN() Config { return preset(core.WAN(), ":7946") }

// Local is for nodes that share one machine, bound to the loopback interface.
func Local() Config { return preset(core.Local(), "") }

func preset(p core.Params, bind string) Config {
	return Config{
		Bind:             bind,
		ProbeInterval:    p.ProbeInterval,
		ProbeTimeout:     p.ProbeTimeout,
		IndirectProbes:   p.IndirectProbes,
		GossipInterval:   p.GossipInterval,
		GossipFanout:     p.GossipFanout,
		RetransmitMult:   p.RetransmitMult,
		SuspicionMult:    p.SuspicionMult,
		SuspicionMaxMult: p.SuspicionMaxMult,
		Confirmations:    p.Confirmations,
		HealthMax:        p.HealthMax,
		ReturnDelay:      p.ReturnDelay,
		HealInterval:     p.HealInterval,
		SyncInterval:     p.SyncInterval,
		ForgetAfter:      p.ForgetAfter,
	}
}

// filled returns c with the default in every field that is zero, but for the
// Name, which may depend on the port. It is the one place where defaults are.
func (c Config) filled() Config {
	p := core.LAN()
	c.ProbeInterval = cmp.Or(c.ProbeInterval, p.ProbeInterval)
	c.ProbeTimeout = cmp.Or(c.ProbeTimeout, min(p.ProbeTimeout, c.ProbeInterval/2))
	c.IndirectProbes = cmp.Or(c.IndirectProbes, p.IndirectProbes)
	c.GossipInterval = cmp.Or(c.GossipInterval, p.GossipInterval)
	c.GossipFanout = cmp.Or(c.GossipFanout, p.GossipFanout)
	c.RetransmitMult = cmp.Or(c.RetransmitMult, p.RetransmitMult)
	c.SuspicionMult = cmp.Or(c.SuspicionMult, p.SuspicionMult)
	c.SuspicionMaxMult = cmp.Or(c.SuspicionMaxMult, p.SuspicionMaxMult)
	c.Confirmations = cmp.Or(c.Confirmations, p.Confirmations)
	c.HealthMax = cmp.Or(c.HealthMax, p.HealthMax)
	c.ReturnDelay = cmp.Or(c.ReturnDelay, p.ReturnDelay)
	c.HealInterval = cmp.Or(c.HealInterval, p.HealInterval)
	c.SyncInterval = cmp.Or(c.SyncInterval, p.SyncInterval)
	c.ForgetAfter = cmp.Or(c.ForgetAfter, p.ForgetAfter)

	c.RejoinInterval = cmp.Or(c.RejoinInterval, defaultRejoinInterval)
	c.PacketBytes = cmp.Or(c.PacketBytes, 1400)
	c.MaxMetaBytes = cmp.Or(c.MaxMetaBytes, 512)
	c.MaxMembers = cmp.Or(c.MaxMembers, 1<<16)
	c.MaxStreamBytes = cmp.Or(c.MaxStreamBytes, 16<<20)
	c.MaxStateBytes = cmp.Or(c.MaxStateBytes, min(1<<20, max(c.MaxStreamBytes-stateHeadBytes, 1)))
	c.MaxStreams = cmp.Or(c.MaxStreams, 64)
	c.StreamTimeout = cmp.Or(c.StreamTimeout, 10*time.Second)
	c.Limits = c.Limits.filled()
	c.MaxBroadcastBytes = cmp.Or(c.MaxBroadcastBytes, min(defaultMaxBroadcast, c.largestBroadcast()))
	c.BroadcastMemoryBytes = cmp.Or(c.BroadcastMemoryBytes, defaultBroadcastKept)
	c.Compression = cmp.Or(c.Compression, CompressStreams)

	if c.Codec == nil {
		c.Codec = codec.Msgpack{}
	}
	if c.Selector == nil {
		c.Selector = new(selector.RoundRobin)
	}
	if c.Disseminator == nil {
		c.Disseminator = new(disseminator.Piggyback)
	}
	return c
}

// params are the numbers of c, which is filled, as the Machine takes them:
// there 0 means off.
func (c *Config) params() core.Params {
	return core.Params{
		ProbeInterval:    c.ProbeInterval,
		ProbeTimeout:     c.ProbeTimeout,
		IndirectProbes:   max(c.IndirectProbes, 0),
		GossipInterval:   max(c.GossipInterval, 0),
		GossipFanout:     c.GossipFanout,
		RetransmitMult:   c.RetransmitMult,
		SuspicionMult:    c.SuspicionMult,
		SuspicionMaxMult: c.SuspicionMaxMult,
		Confirmations:    max(c.Confirmations, 0),
		HealthMax:        max(c.HealthMax, 0),
		Buddy:            !c.NoBuddy,
		ReturnDelay:      max(c.ReturnDelay, 0),
		HealInterval:     max(c.HealInterval, 0),
		SyncInterval:     max(c.SyncInterval, 0),
		ForgetAfter:      c.ForgetAfter,
	}
}
