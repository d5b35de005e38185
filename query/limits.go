package query

import "time"

// The limits. They are the same at all members.
const (
	// MaxQueries is how many a node may have under way; more are ErrTooMany.
	MaxQueries = 256
	// MaxRunning is how many functions of Handle run at once on a node; whoever asks
	// more is told ErrBusy.
	MaxRunning = 64
	// MaxRelaying is how many answers of others a node relays at once; more are dropped.
	MaxRelaying = 64
	// MaxRelays bounds Relays.
	MaxRelays = 8
	// MaxNameBytes bounds the name of a query.
	MaxNameBytes = 64
	// MaxPayloadBytes bounds what is sent with a question.
	MaxPayloadBytes = 64 << 10
	// MaxAnswerBytes bounds what is sent with an answer.
	MaxAnswerBytes = 1 << 20
	// MaxUnreadBytes bounds the answers to a query that wait to be read.
	MaxUnreadBytes = 16 << 20
	// MaxErrorBytes bounds the text of an error.
	MaxErrorBytes = 1 << 10
	// MaxNamed is how many members To may name.
	MaxNamed = 256
	// MaxTagged is how many tags Tagged may ask for.
	MaxTagged = 16
	// DefaultTimeout is how long a query lasts whose context has no deadline.
	DefaultTimeout = 15 * time.Second
	// MaxTimeout is how long any lasts.
	MaxTimeout = time.Hour

	// maxStringBytes bounds a member's name, and the key and value of a tag.
	maxStringBytes = 1 << 10
	// ackInterval is when the first acknowledgement is repeated; each further one waits
	// twice as long.
	ackInterval = time.Second
	// relayTimeout is how long a node tries to pass on an answer.
	relayTimeout = 10 * time.Second
)
