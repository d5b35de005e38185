package wire

import "strconv"

// Ref is a member's place in the table of the node that a layer belongs to. It
// stays the same until the member is forgotten, means nothing to other nodes,
// and is small enough to keep in large numbers. [Self] is the node itself.
type Ref int32

// Self is the Ref of the local node; no layer is ever told to choose it.
const Self Ref = 0

// Purpose says what a member is chosen for. The zero Purpose is not valid.
type Purpose uint8

const (
	// ForRelay chooses who pings on our behalf (the k members of SWIM 3.1).
	ForRelay Purpose = iota + 1
	// ForGossip chooses whom to tell.
	ForGossip
	// ForSync chooses with whom to compare tables.
	ForSync
)

func (p Purpose) String() string {
	switch p {
	case ForRelay:
		return "relay"
	case ForGossip:
		return "gossip"
	case ForSync:
		return "sync"
	}
	return "Purpose(" + strconv.Itoa(int(p)) + ")"
}

// Room is what is left of a packet that a Disseminator is asked to fill.
type Room struct {
	// Bytes that all claims together may take.
	Bytes int
	// Size tells how many bytes a claim takes in the codec in use.
	Size func(*Update) int
	// Limit is how many times one claim may be sent in all: SWIM's λ·log n, so
	// it grows with the cluster.
	Limit int
}
