package core

import (
	"time"

	"github.com/swim-go/swim/wire"
)

// Path is where a message came from.
type Path struct {
	// Addr is what an answer is sent to. It is kept, so it is no view.
	Addr string
	// Stream says that the message came over a stream, to be answered on it.
	Stream bool
	// Identity is the name that the sender is known to bear, where
	// Config.Identified says that it is known. It is kept for no longer than the
	// input lasts.
	Identity string
	// Bytes is how long the message was, by packet. An answer to an address that
	// is not known to be the sender's is no more than a few times as long. 0 sets no
	// such limit.
	Bytes int
}

// Packet is one message to be sent.
type Packet struct {
	// To is an address, or the Path.Addr that came with a question.
	To string
	// Stream asks for a reliable stream, where Config.Streams allows any. It has
	// no size limit.
	Stream bool
	// Reply says that a message of the peer's on the same path is answered: a
	// stream of the peer's is used where Stream is set, and none is opened.
	Reply bool
	// Msg is valid until the Machine's next input.
	Msg *wire.Message
}

// EventKind says what an Event tells. The zero EventKind is not valid.
type EventKind uint8

const (
	// Changed: the belief about another member went from Before to After. The
	// Before of a new member and the After of a forgotten one are zero.
	Changed EventKind = iota + 1
	// LocalChanged: our own member went from Before to After.
	LocalChanged
	// Synced: the Join or periodic sync numbered Seq was answered by the
	// member named By. It is over.
	Synced
	// Unanswered: the Join numbered Seq was given up.
	Unanswered
	// Refused: the member named By does not admit us, which ends the Join numbered
	// Seq, if it is not 0; or, with no By, we do not admit After. Text says why.
	Refused
	// Departed: a Leave is known to Count other members, which is enough.
	Departed
	// Delivered: a user's Payload arrived from the member named By.
	Delivered
	// Isolated: nothing was heard of any of Count live members for a while. The
	// verdicts on them are put off.
	Isolated
	// Reconnected: that is over.
	Reconnected
	// Barred: others hold us for failed again, and we refute it after Count seconds
	// in which all is well.
	Barred
	// BroadcastDelivered: a Payload that By broadcast, on the channel that Text names.
	BroadcastDelivered
	// Acknowledged: the SendReliable numbered Seq was delivered to By.
	Acknowledged
	// Undelivered: the SendReliable numbered Seq was given up. By is gone, or did not
	// answer.
	Undelivered
	// Conflicted: another process at After.Addr uses our name.
	Conflicted
	// Pinged: After answered a ping of ours itself, which took Took, and said
	// Payload. It is told where Config.Pings asks for it.
	Pinged
	// StateDue: users' state is to be exchanged with After.
	StateDue
)

// Event is what the owner of a Machine is told.
type Event struct {
	Kind          EventKind
	Before, After wire.Member
	Reason        wire.Reason
	// By names the accuser, or the peer of an exchange.
	By    string
	Seq   uint32
	Count int
	Text  string
	Took  time.Duration
	// Payload is a view: it is valid until the Machine's next input.
	Payload []byte
}

// outbox holds the outputs of the last input. Its slices and messages are
// reused, so that steady traffic allocates nothing.
type outbox struct {
	packets []Packet
	events  []Event
	msgs    []*wire.Message
}

// keepUpdates bounds the room that a reused message keeps, so that one full
// sync does not hold its memory for ever.
const keepUpdates = 256

// keepPayload bounds the bytes of payloads that a Machine makes itself: a Compare fits.
const keepPayload = 1 << 11

// keepEvents bounds the room for events likewise.
const keepEvents = 256

func (o *outbox) reset() {
	clear(o.packets)
	clear(o.events)
	o.packets = o.packets[:0]
	o.events = o.events[:0]
	if cap(o.events) > keepEvents {
		o.events = nil
	}
}

// retract takes the last packet back, which turned out to say nothing.
func (o *outbox) retract() { o.packets = o.packets[:len(o.packets)-1] }

// message returns an empty message for the next packet.
func (o *outbox) message() *wire.Message {
	n := len(o.packets)
	if n == len(o.msgs) {
		o.msgs = append(o.msgs, new(wire.Message))
	}
	m := o.msgs[n]
	m.Reset()
	if cap(m.Updates) > keepUpdates {
		m.Updates = nil
	}
	if cap(m.Broadcasts) > keepUpdates {
		m.Broadcasts = nil
	}
	return m
}

// noDeadline is later than any time that a Machine sees.
const noDeadline = time.Duration(1<<63 - 1)
