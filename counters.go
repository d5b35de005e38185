package swim

import (
	"errors"
	"sync/atomic"

	"github.com/swim-go/swim/security"
)

// counters are the driver's own numbers, which all of its goroutines raise.
type counters struct {
	packetsIn, bytesIn, packetsOut, bytesOut         atomic.Uint64
	framesIn, frameBytesIn, framesOut, frameBytesOut atomic.Uint64
	snapshots, snapshotErrors                        atomic.Uint64
	stalls                                           atomic.Uint64

	oversized, version, cluster, corrupt, sealed, plain, unopened, malformed        atomic.Uint64
	unknownKey, forged, replayed, stale, sessionsFull                               atomic.Uint64
	readErrors, outboxFull, answersShed, unencodable, writeErrors, unanswerable     atomic.Uint64
	streamsRefused, streamsEvicted, streamsSlow, dialErrors                         atomic.Uint64
	exchanges, statesSent, statesMerged, statesShed, statesOversized, mergesRefused atomic.Uint64
	messagesShed, pingsShed, panics, linesShed                                      atomic.Uint64
	claimsRefused                                                                   atomic.Uint64
	broadcastsShed                                                                  atomic.Uint64
}

// refused counts an arrival by why the envelope refuses it.
func (c *counters) refused(err error) {
	switch {
	case errors.Is(err, security.ErrVersion):
		c.version.Add(1)
	case errors.Is(err, security.ErrCluster):
		c.cluster.Add(1)
	case errors.Is(err, security.ErrSealed):
		c.sealed.Add(1)
	case errors.Is(err, security.ErrPlain):
		c.plain.Add(1)
	case errors.Is(err, security.ErrKey):
		c.unknownKey.Add(1)
	case errors.Is(err, security.ErrForged):
		c.forged.Add(1)
	case errors.Is(err, security.ErrReplay):
		c.replayed.Add(1)
	case errors.Is(err, security.ErrSkew):
		c.stale.Add(1)
	case errors.Is(err, security.ErrSessions):
		c.sessionsFull.Add(1)
	case errors.Is(err, security.ErrOpen):
		c.unopened.Add(1)
	default:
		c.corrupt.Add(1)
	}
}

// drops is all but what the gates count.
func (c *counters) drops() Drops {
	return Drops{
		Oversized: c.oversized.Load(), Version: c.version.Load(), Cluster: c.cluster.Load(),
		Corrupt: c.corrupt.Load(), Sealed: c.sealed.Load(), Plain: c.plain.Load(),
		Unopened: c.unopened.Load(), Malformed: c.malformed.Load(),
		UnknownKey: c.unknownKey.Load(), Forged: c.forged.Load(), Replayed: c.replayed.Load(),
		Stale: c.stale.Load(), SessionsFull: c.sessionsFull.Load(), ReadErrors: c.readErrors.Load(),
		OutboxFull: c.outboxFull.Load(), AnswersShed: c.answersShed.Load(), Unencodable: c.unencodable.Load(),
		WriteErrors: c.writeErrors.Load(), Unanswerable: c.unanswerable.Load(),
		StreamsRefused: c.streamsRefused.Load(), StreamsEvicted: c.streamsEvicted.Load(),
		StreamsSlow: c.streamsSlow.Load(), DialErrors: c.dialErrors.Load(),
		MessagesShed: c.messagesShed.Load(), PingsShed: c.pingsShed.Load(),
		StatesShed: c.statesShed.Load(), StatesOversized: c.statesOversized.Load(),
		MergesRefused: c.mergesRefused.Load(),
		Panics:        c.panics.Load(), LinesShed: c.linesShed.Load(),
		BroadcastsShed: c.broadcastsShed.Load(),
	}
}
