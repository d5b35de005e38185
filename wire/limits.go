package wire

// The limits of what one claim or message may hold. They belong to the wire
// format: all nodes of a cluster agree on them.
const (
	// MaxNameBytes bounds a member's name.
	MaxNameBytes = 255
	// MaxAddrBytes bounds a member's address.
	MaxAddrBytes = 255
	// MaxMetaBytes bounds a member's metadata. What a node may announce is
	// further bounded by its packet budget, since a claim must fit a packet.
	MaxMetaBytes = 1 << 15
	// MaxTokenBytes bounds the credential that a member announces.
	MaxTokenBytes = 512
	// MaxReasonBytes bounds the reason of a refusal.
	MaxReasonBytes = 200
	// MaxPayloadBytes bounds the user's payload of one message.
	MaxPayloadBytes = 1 << 22
	// MaxChannelBytes bounds the name of a channel of broadcasts.
	MaxChannelBytes = 64
	// MaxKeyBytes bounds the key of a broadcast.
	MaxKeyBytes = 255
	// MaxBroadcasts bounds the broadcasts of one message.
	MaxBroadcasts = 1 << 12
	// MaxBroadcastSeq bounds their numbers. No process sends as many.
	MaxBroadcastSeq = 1 << 62
	// MaxUpdates bounds the claims of one message, a full sync's included.
	MaxUpdates = 1 << 17
)
