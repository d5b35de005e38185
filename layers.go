package swim

import (
	"context"
	"math/rand/v2"
	"net"
	"time"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/selector"
	"github.com/swim-go/swim/transport"
	"github.com/swim-go/swim/wire"
)

// This page holds the seams of a Node: one interface per layer, each with its
// default. A layer value belongs to one Node. The interfaces stay this small;
// what a layer can do beyond them it says by having more methods, as
// [StreamTransport] shows.

// Transport carries packets between addresses, unreliably: it may lose, delay,
// repeat and reorder them, but not alter them. Addresses are strings of the
// transport's own notation. The default is [transport.UDP].
//
// The Node reads on one goroutine and writes on another, and closes the
// transport from any; so each method is safe beside the others.
type Transport interface {
	// Addr is where peers reach this transport, unless Config.Advertise says
	// otherwise. It does not change.
	Addr() string
	// ReadPacket waits for the next packet, copies it to p, and returns its
	// length and its sender, as the text that the sender announces for its address
	// where it is known. A packet larger than p is cut to len(p). An error
	// is temporary, and reading goes on, unless it wraps net.ErrClosed.
	ReadPacket(p []byte) (n int, from string, err error)
	// WritePacket sends p to an address and keeps no part of it. It may block
	// for a moment, never for long. nil promises nothing. An error says that
	// this node could not send: a probe of which nothing was sent accuses
	// nobody, so that nobody is there to receive p must not be an error.
	WritePacket(p []byte, to string) error
	// Close ends ReadPacket and WritePacket with net.ErrClosed and frees all
	// resources. Further calls return nil.
	Close() error
}

// StreamTransport is a Transport that has reliable streams too. Then joins,
// syncs and fallback probes take them; else they are cut into packets. The deadlines
// of a stream must work, and its RemoteAddr begin with the host that it comes from.
type StreamTransport interface {
	Transport
	// DialStream opens a stream to an address, which is one that packets are
	// sent to. It returns early with ctx's error.
	DialStream(ctx context.Context, to string) (net.Conn, error)
	// AcceptStream waits for the next stream that a peer opened. An error is
	// temporary unless it wraps net.ErrClosed.
	AcceptStream() (net.Conn, error)
}

// ConnectionTransport is a Transport whose packets may come over connections. Then
// the hosts that they come from are not forged, and their ports mean nothing:
// [Limits] tell members by their hosts.
type ConnectionTransport interface {
	Transport
	// FromAnyPort reports whether that is so. It does not change.
	FromAnyPort() bool
}

// IdentifyingTransport is a Transport that knows who sent each packet: its peers
// prove who they are. Its streams, if it has any, are each an [IdentifiedConn]. With
// Config.VerifyNames that is who a member has to say it is.
type IdentifyingTransport interface {
	Transport
	// ReadPacketIdentity is ReadPacket, and returns the name that the sender has
	// proved to be its own, too. The Node calls one of the two.
	ReadPacketIdentity(p []byte) (n int, from, identity string, err error)
}

// IdentifiedConn is a stream whose other end is known.
type IdentifiedConn interface {
	net.Conn
	// PeerIdentity is the name that the peer has proved to be its own. It does not
	// change.
	PeerIdentity() string
}

// Validator is a layer that can tell, before it is used, that it was set up
// wrongly. [Config.Validate] asks each layer that has the method.
type Validator interface {
	// Validate returns nil if the layer can be used, and else what is wrong, and
	// what to do about it.
	Validate() error
}

// Codec turns messages into bytes and back. All nodes of a cluster use the same
// one. The default is [codec.Msgpack]. The Node calls it from several
// goroutines at once, never with the same message.
type Codec interface {
	// Append appends the encoding of m to dst. It neither keeps nor changes m. No
	// encoding begins with the byte 0xc1, which marks those that the Node
	// compressed, and those of codec.Compressed.
	Append(dst []byte, m *wire.Message) ([]byte, error)
	// Decode overwrites m, reusing the room of m.Updates, with what data says.
	// Strings and Payload of m may be views into data. Any bytes whatever may
	// come in: it returns an error rather than panic, and allocates in
	// proportion to len(data), never to what data claims. After an error nobody
	// looks at m.
	Decode(m *wire.Message, data []byte) error
	// Size is how many bytes Append makes of m, or a few more, and UpdateSize by
	// how many u makes them more. Size of a message, and UpdateSize of all that is
	// added to its Updates afterwards, together never fall short of what Append
	// makes in the end: packets are filled on that. So they are with Broadcasts, each of
	// which is taken to add to Size what it adds as the second of two.
	Size(m *wire.Message) int
	UpdateSize(u *wire.Update) int
}

// MemberSelector chooses with whom the node speaks. The default is
// [selector.RoundRobin]. It is called by one goroutine, must not block and must
// not call the Node. Whatever randomness it needs comes from rng, so that a
// seeded run can be repeated.
type MemberSelector interface {
	// Add tells of a live member other than the node itself that may be chosen
	// from now on, or that one already told of has changed its address or
	// metadata. The strings of m hold for ever.
	Add(ref wire.Ref, m wire.Member, rng *rand.Rand)
	// Remove tells that a member may not be chosen any more. Its ref may come
	// to stand for another member later.
	Remove(ref wire.Ref)
	// Next chooses whom to probe next. It returns false if there is nobody.
	// Completeness rests on it: every member must come up again and again.
	Next(rng *rand.Rand) (wire.Ref, bool)
	// Pick appends to dst up to n distinct members for purpose, other than
	// except (which is [wire.Self] where nobody is excepted).
	Pick(dst []wire.Ref, n int, purpose wire.Purpose, except wire.Ref, rng *rand.Rand) []wire.Ref
}

// Disseminator decides which claims ride on the next packet. The default is
// [disseminator.Piggyback]. It is called by one goroutine, must not block and
// must not call the Node. Memory must stay bounded whatever is added.
type Disseminator interface {
	// Add takes a claim to be spread. It replaces all claims about the same
	// member that it supersedes; claims equal but for the accuser stand side by
	// side. A claim that one waiting supersedes changes nothing. The strings of u
	// hold for ever.
	Add(u wire.Update)
	// Fill appends to dst claims that fit room, and counts each as sent once.
	// A claim that does not fit keeps no other from being sent. It skips members that
	// dst has a claim about when it is called. A Limit below 1 sends nothing.
	Fill(dst []wire.Update, room wire.Room) []wire.Update
	// Forget drops all claims about a member.
	Forget(name string)
	// Len is how many claims wait.
	Len() int
}

// Sealer protects packets and stream frames between codec and transport. There
// is no default: without one, whoever can send a packet is believed. The Node
// calls it from several goroutines at once. It changes neither plain nor header.
type Sealer interface {
	// Seal appends the sealed form of plain to dst. The header is authenticated
	// and not hidden. dst and plain do not overlap.
	Seal(dst, plain, header []byte) ([]byte, error)
	// Open reverses Seal into dst, or returns an error and reveals nothing. It
	// may use the bytes of sealed as scratch. A node opens what it sealed itself
	// when it sends itself a packet.
	Open(dst, sealed, header []byte) ([]byte, error)
	// Overhead is by how many bytes Seal lengthens a message at most.
	Overhead() int
}

// Admission decides who may be a member. There is no default: without one,
// everybody whose packets are believed is. It is called by several goroutines at
// once, must not block and must not call the Node. Package security has
// implementations: by network, by name, by signed token.
type Admission interface {
	// Admit returns nil if m may be a member, and else why not, in a line: it is told to
	// both sides. It is asked before anything is kept about a member that is not
	// known, and again when the address, metadata or token of one changes; what is
	// refused then changes nothing. It must depend on nothing but its arguments, and
	// of m on Name, Addr, Meta and Token alone. now is the time of day here.
	Admit(m Member, now time.Time) error
}

// What the packages below offer fits the seams, the defaults first.
var (
	_ StreamTransport      = (*transport.UDP)(nil)
	_ StreamTransport      = (*transport.TCP)(nil)
	_ StreamTransport      = (*transport.TLS)(nil)
	_ ConnectionTransport  = (*transport.TCP)(nil)
	_ ConnectionTransport  = (*transport.TLS)(nil)
	_ IdentifyingTransport = (*transport.TLS)(nil)
	_ IdentifiedConn       = transport.IdentifiedConn(nil)
	_ StreamTransport      = (*transport.Memory)(nil)
	_ Codec                = codec.Msgpack{}
	_ Codec                = codec.Compressed{}
	_ MemberSelector       = (*selector.RoundRobin)(nil)
	_ MemberSelector       = (*selector.Random)(nil)
	_ MemberSelector       = (*selector.Zoned)(nil)
	_ Validator            = (*selector.Zoned)(nil)
	_ Disseminator         = (*disseminator.Piggyback)(nil)
	_ Sealer               = (*security.KeyedSealer)(nil)
	_ Admission            = security.AdmissionFunc(nil)
	_ Admission            = (*security.TokenVerifier)(nil)
	_ Admission            = security.All()
)
