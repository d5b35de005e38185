package wire

import "strconv"

// State is what a node believes a member to be doing. The zero State is not
// valid. The order of the constants is the precedence of claims that are equal
// in epoch and incarnation, see [Supersedes].
type State uint8

const (
	// Alive members take part and answer.
	Alive State = iota + 1
	// Suspect members did not answer somebody's probe and have a while left
	// to refute that (SWIM section 4.2).
	Suspect
	// Failed members did not refute a suspicion in time. SWIM calls the claim
	// of it "Confirm".
	Failed
	// Left members announced their own departure.
	Left
)

// Live reports whether a member in this state takes part in the protocol: it
// is probed, gossiped to and counted. Suspects are, for most of them live.
func (s State) Live() bool { return s == Alive || s == Suspect }

// Valid reports whether s is one of the four states.
func (s State) Valid() bool { return s >= Alive && s <= Left }

func (s State) String() string {
	switch s {
	case Alive:
		return "alive"
	case Suspect:
		return "suspect"
	case Failed:
		return "failed"
	case Left:
		return "left"
	}
	return "State(" + strconv.Itoa(int(s)) + ")"
}
