package security

import "fmt"

// Stage is how far the introduction of a Sealer to a running cluster has come.
// Take all nodes to one before any goes to the next: from [SendPlain], at which
// nodes with the Sealer understand those without, over [AcceptPlain] to
// [Required]. To be rid of a Sealer, go back the same way. A node that is not at
// the last believes whoever can send a packet.
type Stage uint8

const (
	// SendPlain accepts plain packets and sealed ones, and sends plain ones.
	SendPlain Stage = iota + 1
	// AcceptPlain accepts plain packets and sealed ones, and sends sealed ones.
	AcceptPlain
	// Required accepts sealed packets and sends sealed packets. It is where an
	// [Envelope] with a Sealer begins.
	Required
)

// String returns the name of the stage.
func (s Stage) String() string {
	switch s {
	case SendPlain:
		return "send plain"
	case AcceptPlain:
		return "accept plain"
	case Required:
		return "required"
	}
	return fmt.Sprintf("Stage(%d)", uint8(s))
}

// Stage returns the present stage, and 0 if there is no Sealer.
func (e *Envelope) Stage() Stage { return Stage(e.stage.Load()) }

// SetStage goes to another stage, at once for all packets to come. It may be
// called by anybody at any time. It fails without a Sealer, and for what is no
// stage, and changes nothing then.
func (e *Envelope) SetStage(s Stage) error {
	switch {
	case e.sealer == nil:
		return fmt.Errorf("swim: stage %q without a sealer: give one to NewEnvelope", s)
	case s < SendPlain || s > Required:
		return fmt.Errorf("swim: %v is no stage: give SendPlain, AcceptPlain or Required", s)
	}
	e.stage.Store(uint32(s))
	return nil
}
