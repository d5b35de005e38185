package query

import "sync/atomic"

// Stats counts what queries did at this node since New.
type Stats struct {
	// Asked queries, and UnderWay of them now.
	Asked    uint64
	UnderWay int
	// Answers that came of members, by any way, and Relayed of them by another member.
	// Repeated came again. Late came for a query that had ended, or of nobody asked.
	// AnswersShed found MaxUnreadBytes unread.
	Answers, Relayed, Repeated, Late, AnswersShed uint64
	// Served queries of others, or its own, to their end, and Running now. Busy were
	// refused since MaxRunning ran, Unhandled since there was no function. Panics of
	// functions were recovered. Unsent answers found no way, or no time was left.
	Served                          uint64
	Running                         int
	Busy, Unhandled, Panics, Unsent uint64
	// Forwarded are answers passed on to others; ForwardsShed came while MaxRelaying
	// were, or could not be passed on.
	Forwarded, ForwardsShed uint64
	// Malformed payloads were none of this package and came where only its own do.
	Malformed uint64
	// Unbound came before Bind and were dropped.
	Unbound uint64
}

type counters struct {
	asked, answers, relayed, repeated, late, answersShed atomic.Uint64
	served, busy, unhandled, panics, unsent              atomic.Uint64
	forwarded, forwardsShed, malformed, unbound          atomic.Uint64
}

// Stats returns the counts. Any goroutine may call it.
func (q *Queries) Stats() Stats {
	q.mu.Lock()
	underWay := len(q.asked)
	q.mu.Unlock()
	c := &q.counters
	return Stats{
		Asked: c.asked.Load(), UnderWay: underWay,
		Answers: c.answers.Load(), Relayed: c.relayed.Load(), Repeated: c.repeated.Load(),
		Late: c.late.Load(), AnswersShed: c.answersShed.Load(),
		Served: c.served.Load(), Running: len(q.running),
		Busy: c.busy.Load(), Unhandled: c.unhandled.Load(), Panics: c.panics.Load(), Unsent: c.unsent.Load(),
		Forwarded: c.forwarded.Load(), ForwardsShed: c.forwardsShed.Load(),
		Malformed: c.malformed.Load(), Unbound: c.unbound.Load(),
	}
}
