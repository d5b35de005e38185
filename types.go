package swim

import "github.com/swim-go/swim/wire"

// The vocabulary of package wire that users of a Node need, so that they import
// one package.
type (
	// Member is what a node believes about one participant. It is a plain value
	// that shares nothing with the node.
	Member = wire.Member
	// State is what a node believes a member to be doing.
	State = wire.State
	// Reason says why a node changed its belief about a member.
	Reason = wire.Reason
)

// The states of a member.
const (
	Alive   = wire.Alive
	Suspect = wire.Suspect
	Failed  = wire.Failed
	Left    = wire.Left
)

// The reasons of a change.
const (
	Announced   = wire.Announced
	ProbeFailed = wire.ProbeFailed
	Accused     = wire.Accused
	Expired     = wire.Expired
	Refuted     = wire.Refuted
	Restarted   = wire.Restarted
	Forgotten   = wire.Forgotten
)
