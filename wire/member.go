package wire

import (
	"cmp"
	"strings"
)

// Member is what a node believes about one participant. It is a plain value
// that shares nothing with the node: it can be kept, compared and changed.
type Member struct {
	// Name identifies the participant in its cluster, 1 to [MaxNameBytes].
	Name string
	// Addr is where its transport is reached, in the transport's own notation
	// ("host:port" for UDP and TCP).
	Addr string
	// Meta is the user's own data about the member: any bytes, in a string
	// because it never changes in place.
	Meta string
	// Token is the credential that the member announces for others to admit it
	// by, opaque to the protocol and of up to [MaxTokenBytes]; "" if it has none.
	// It travels with each claim about the member, so all members see it.
	Token string
	// Epoch tells the lives of a participant apart. It is fixed when a process
	// starts and grows with each restart.
	Epoch uint64
	// Incarnation orders the claims within an epoch. Only the member itself
	// raises it, to refute a suspicion or to announce a change (SWIM 4.2).
	Incarnation uint32
	State       State
}

// Supersedes reports whether the claim a replaces the claim b about the same
// member. It is a strict total order, so any set of claims, applied in any
// order and any number of times, ends in the same belief:
//
//  1. the higher epoch wins: a restarted process replaces its past at once;
//  2. within an epoch the higher incarnation wins: a member's newer word about
//     itself replaces whatever was said about its older one;
//  3. within an incarnation [Left] > [Failed] > [Suspect] > [Alive]: an accusation
//     stands until its subject answers with a higher incarnation;
//  4. claims equal in all that come from two processes with one name, or from
//     a forger; address, metadata and token decide, so that all nodes decide alike.
//
// This departs from SWIM section 4.2 in one point. There a Confirm overrides an
// Alive of any incarnation, and its subject can return only under a new
// identity. Here a Failed of an old incarnation loses to a refutation that was
// already given, and a member wrongly declared failed returns by raising its
// incarnation above the evidence; an Alive at or below the evidence never does.
func Supersedes(a, b *Member) bool {
	if a.Epoch != b.Epoch {
		return a.Epoch > b.Epoch
	}
	if a.Incarnation != b.Incarnation {
		return a.Incarnation > b.Incarnation
	}
	if a.State != b.State {
		return a.State > b.State
	}
	return cmp.Or(strings.Compare(a.Addr, b.Addr), strings.Compare(a.Meta, b.Meta), strings.Compare(a.Token, b.Token)) > 0
}
