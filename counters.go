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
	stalls                                           atomic.Uint64

	oversized, version, cluster, corrupt, sealed, plain, unopened, malformed atomic.Uint64
	readErrors, outboxFull, unencodable, writeErrors, unanswerable           atomic.Uint64
	streamsRefused, dialErrors, messagesShed, panics, linesShed              atomic.Uint64
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
	case errors.Is(err, security.ErrOpen):
		c.unopened.Add(1)
	default:
		c.corrupt.Add(1)
	}
}

func (c *counters) drops() Drops {
	return Drops{
		Oversized: c.oversized.Load(), Version: c.version.Load(), Cluster: c.cluster.Load(),
		Corrupt: c.corrupt.Load(), Sealed: c.sealed.Load(), Plain: c.plain.Load(),
		Unopened: c.unopened.Load(), Malformed: c.malformed.Load(), ReadErrors: c.readErrors.Load(),
		OutboxFull: c.outboxFull.Load(), Unencodable: c.unencodable.Load(), WriteErrors: c.writeErrors.Load(),
		Unanswerable: c.unanswerable.Load(), StreamsRefused: c.streamsRefused.Load(), DialErrors: c.dialErrors.Load(),
		MessagesShed: c.messagesShed.Load(), Panics: c.panics.Load(), LinesShed: c.linesShed.Load(),
	}
}
