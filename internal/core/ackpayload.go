package core

import (
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// An ack may carry a few bytes of the user's. They cost whoever pings us no packet of
// its own, and are as old as the last SetAckPayload rather than asked for: a ping is
// answered at once or it is answered late.

// MaxAckPayloadBytes bounds what an ack may carry: little enough that most of a packet
// is left to claims.
const MaxAckPayloadBytes = 256

// SetAckPayload sets what acks carry from now on, up to MaxAckPayloadBytes. It is
// copied.
func (m *Machine) SetAckPayload(now time.Duration, payload []byte) {
	m.begin(now)
	m.ackPayload = slices.Clone(payload[:min(len(payload), MaxAckPayloadBytes)])
}

// load puts our payload into an ack, behind what the ping's sender must be told and
// before what rides along. The answer to a stranger may be too short for it.
func (m *Machine) load(ack *wire.Message, from Path) {
	if len(m.ackPayload) == 0 || from.Stream {
		return // over a stream nobody measures, and nobody is told
	}
	ack.Payload = m.ackPayload
	if m.room(ack) < 0 {
		ack.Payload = nil
		m.stats.PayloadsShed++
	}
}

// tellPing tells of a ping that its target answered itself, and of what it said.
func (m *Machine) tellPing(ref wire.Ref, took time.Duration, payload []byte) {
	if !m.cfg.Pings {
		return
	}
	if len(payload) > MaxAckPayloadBytes { // no correct peer's; that it lives is true all the same
		payload = nil
		m.stats.PayloadsShed++
	}
	m.event(Event{Kind: Pinged, After: m.table.member(ref), Took: took, Payload: payload})
}
