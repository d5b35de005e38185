package security

import "errors"

// Why an [Envelope] refuses a packet. Each is counted on its own, since each
// calls for something else of whoever runs the cluster.
var (
	// ErrVersion: the sender speaks a dialect of the envelope that we do not.
	ErrVersion = errors.New("swim: packet of another envelope version")
	// ErrCluster: the sender is of a cluster of another name.
	ErrCluster = errors.New("swim: packet of another cluster")
	// ErrCorrupt: the packet is cut or altered, or none of ours.
	ErrCorrupt = errors.New("swim: corrupt packet")
	// ErrSealed: the packet is sealed, and we have no Sealer to open it.
	ErrSealed = errors.New("swim: sealed packet, and no sealer to open it")
	// ErrPlain: the packet is not sealed, and [Required] is our stage, since
	// anybody could have sent it.
	ErrPlain = errors.New("swim: unsealed packet, and a sealer is required")
	// ErrOpen: our Sealer refuses the packet: another key, a forgery, a replay.
	ErrOpen = errors.New("swim: sealed packet does not open")
)

// Why a [KeyedSealer] refuses a packet. Each wraps [ErrOpen].
var (
	// ErrKey: the keyring does not hold the key it was sealed with. Its sender
	// missed a rotation, or we did.
	ErrKey error = refusal("swim: packet sealed with a key that is not in the keyring")
	// ErrForged: it is cut or altered, meant for another cluster, or sealed by
	// somebody without the key or with another algorithm.
	ErrForged error = refusal("swim: sealed packet is forged or damaged")
	// ErrReplay: it was opened before, or is so old that it may have been.
	ErrReplay error = refusal("swim: replayed packet")
	// ErrSkew: it is the first that we hear of its session, and its time is
	// further from ours than [ReplayLimits] allows. It was recorded long ago, or
	// one of the two clocks is wrong.
	ErrSkew error = refusal("swim: packet of an unknown session, sealed at another time")
	// ErrSessions: it is of a new session, and the table of sessions is full.
	// Only holders of a key can bring that about.
	ErrSessions error = refusal("swim: too many sessions")
)

// Errors about keys. They never show a secret.
var (
	// ErrKeyring: the [Keyring] refuses a change and stays as it was.
	ErrKeyring = errors.New("swim: keyring unchanged")
	// ErrNoKey: there is no key to seal with.
	ErrNoKey = errors.New("swim: the keyring is empty: Add a key")
	// ErrBadKey: a text, a passphrase or a file holds no good key.
	ErrBadKey = errors.New("swim: bad key")
)

// refusal is an error of a sealer. It is ready-made, so that a flood of
// forgeries feeds the collector nothing.
type refusal string

func (r refusal) Error() string { return string(r) }
func (refusal) Unwrap() error   { return ErrOpen }
