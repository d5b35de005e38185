package wire

import (
	"fmt"
	"strconv"
)

// Kind says what a message asks of its receiver. The zero Kind is not valid.
type Kind uint8

const (
	// Ping asks the target for an [Ack] (SWIM section 3.1).
	Ping Kind = iota + 1
	// PingReq asks a third member to ping the target on the sender's behalf.
	PingReq
	// Ack answers a Ping; a relay hands it on to who sent the PingReq.
	Ack
	// Nack is a relay's word that it heard the PingReq, and not yet the target
	// (Lifeguard's LHA-Probe).
	Nack
	// Gossip carries claims and asks nothing.
	Gossip
	// Sync carries the sender's whole table and asks for the receiver's.
	Sync
	// SyncReply answers a Sync.
	SyncReply
	// User carries a payload between users.
	User
	// Refusal answers a Sync, or any message, of one who is not admitted as a
	// member. Payload says why.
	Refusal
	// Compare carries digests of the buckets of the sender's table, in Payload, and
	// asks where the receiver's differs.
	Compare
	// Comparison answers a Compare: Payload has a bit for each bucket, set where it
	// differs.
	Comparison
	// Fetch asks for broadcasts. Over a stream it is for one that is too large for a
	// packet, of which only the announcement came. By packet it says what the sender
	// has, and asks for what it lacks; see [Broadcast].
	Fetch
	// Fetched answers a Fetch over a stream.
	Fetched
	// Receipt acknowledges a User message that asked for it with its Seq.
	Receipt
	// UserState asks for the state of the receiver's user, with the digest of that of
	// the sender's own, or, with a Payload, brings the sender's.
	UserState
	// UserStateReply answers a UserState: with the digest of the answerer's state, and
	// the state if that differs.
	UserStateReply
	// Visit asks for the receiver's table, as a Sync does, and gives none: the claim in
	// it says who asks. It is answered with a SyncReply or a Refusal.
	Visit

	kinds = iota
)

// Valid reports whether k is a kind that this version speaks.
func (k Kind) Valid() bool { return k >= 1 && k <= kinds }

func (k Kind) String() string {
	switch k {
	case Ping:
		return "ping"
	case PingReq:
		return "ping-req"
	case Ack:
		return "ack"
	case Nack:
		return "nack"
	case Gossip:
		return "gossip"
	case Sync:
		return "sync"
	case SyncReply:
		return "sync-reply"
	case User:
		return "user"
	case Refusal:
		return "refusal"
	case Compare:
		return "compare"
	case Comparison:
		return "comparison"
	case Fetch:
		return "fetch"
	case Fetched:
		return "fetched"
	case Receipt:
		return "receipt"
	case UserState:
		return "user-state"
	case UserStateReply:
		return "user-state-reply"
	case Visit:
		return "visit"
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// Message is what one packet or one frame of a stream says: a kind with its
// few fields, and as many claims as fit.
type Message struct {
	Kind Kind
	// Seq pairs an Ack or Nack with its Ping or PingReq, a SyncReply with its Sync, a
	// Fetched with its Fetch, and a Receipt with its User message, which wants none
	// where it is 0. It is the asker's own and means nothing to others.
	Seq uint32
	// Sender is who sent this very packet: a relay, where one is between.
	Sender Sender
	// Target names whom a Ping is for, whom a PingReq wants pinged, and who is
	// answered for by an Ack or Nack, and the receiver of a User message. A process
	// that took over an address thus never answers for its predecessor.
	Target string
	// Cursor pages a Sync over a transport without streams. In the question it
	// is where to go on in the answerer's table, in the answer where to go on
	// next; 0 is the beginning, and the end. In a UserState it is 1 after a join.
	// In a Fetch by packet it is 1 if that answers another, which ends it there.
	Cursor  uint32
	Updates []Update
	// Payload is the user's, of a User message, an Ack, a UserState and a
	// UserStateReply, and the reason of a Refusal. In the
	// first page of a Sync it is padding, so that whoever asks from an address that
	// nobody knows has sent enough to be answered with a page.
	Payload []byte
	// Digest stands for the sender's view of who is live, in a Ping or Ack. Equal
	// views have equal digests; 0 says nothing. In a User message it is the epoch of
	// the receiver that it is meant for, so that a process that was restarted does
	// not get what its predecessor got. In a UserState and its reply it is that of the
	// sender's state, 0 if it has none.
	Digest uint64
	// Broadcasts are the users' payloads to all that travel with a Gossip, what a Fetch
	// asks for, and what a Fetched brings.
	Broadcasts []Broadcast
	// Room is no part of what is said. It belongs to a Codec that has to unpack a
	// packet before it can read it: there it puts what the strings and Payload are
	// views of then, so that this lasts as long as the message does. Like that of
	// Updates and Broadcasts it is used again, after Reset too; setting it to nil frees it.
	Room []byte `json:"-"`
}

// Sender identifies the life of the member that sent a message.
type Sender struct {
	Name        string
	Epoch       uint64
	Incarnation uint32
}

// Reset empties m and keeps Room and the room of Updates and Broadcasts for the next
// message. Payload may be a view into a packet, so its room is not m's to keep.
func (m *Message) Reset() {
	clear(m.Updates)
	clear(m.Broadcasts)
	*m = Message{Updates: m.Updates[:0], Broadcasts: m.Broadcasts[:0], Room: m.Room[:0]}
}

// Check returns nil if a correct peer may send m, and else an error that wraps
// [ErrInvalid]. The claims and broadcasts in it are checked one by one with
// [Update.Check] and [Broadcast.Check].
func (m *Message) Check() error {
	if !m.Kind.Valid() {
		return fmt.Errorf("%w: message kind %d", ErrInvalid, m.Kind)
	}
	if err := CheckName(m.Sender.Name); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	switch m.Kind {
	case Ping, PingReq, Ack, Nack, User, UserState, UserStateReply:
		if err := CheckName(m.Target); err != nil {
			return fmt.Errorf("target: %w", err)
		}
	}
	switch {
	case len(m.Updates) > MaxUpdates:
		return fmt.Errorf("%w: %d claims, want at most %d", ErrInvalid, len(m.Updates), MaxUpdates)
	case len(m.Broadcasts) > MaxBroadcasts:
		return fmt.Errorf("%w: %d broadcasts, want at most %d", ErrInvalid, len(m.Broadcasts), MaxBroadcasts)
	case len(m.Payload) > MaxPayloadBytes:
		return fmt.Errorf("%w: payload of %d bytes, want at most %d", ErrInvalid, len(m.Payload), MaxPayloadBytes)
	}
	return nil
}
