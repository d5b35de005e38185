package wire

import "strconv"

// Reason says why a node changed its belief about a member. The zero Reason is
// not valid.
type Reason uint8

const (
	// Announced: the member itself said so (it joined, left, or changed its
	// metadata or address).
	Announced Reason = iota + 1
	// ProbeFailed: the member answered neither our ping nor a relay's.
	ProbeFailed
	// Accused: another member claims it.
	Accused
	// Expired: a suspicion was not refuted in time, by our own clock.
	Expired
	// Refuted: the member answered an accusation with a higher incarnation.
	Refuted
	// Restarted: a new process took the member's name.
	Restarted
	// Forgotten: the memory of a failed or departed member ended.
	Forgotten
)

func (r Reason) String() string {
	switch r {
	case Announced:
		return "announced"
	case ProbeFailed:
		return "probe failed"
	case Accused:
		return "accused"
	case Expired:
		return "suspicion expired"
	case Refuted:
		return "refuted"
	case Restarted:
		return "restarted"
	case Forgotten:
		return "forgotten"
	}
	return "Reason(" + strconv.Itoa(int(r)) + ")"
}
