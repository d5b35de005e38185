package sim

import (
	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// Introduce lets running nodes know each other, as if each had been answered with
// a table of them all: no packet is sent for it and no time passes. A cluster of
// thousands that joins one by one takes longer to form than what it is wanted for.
func (s *Sim) Introduce(nodes []*Node) {
	if len(nodes) < 2 {
		return
	}
	msg := wire.Message{Kind: wire.SyncReply, Updates: make([]wire.Update, len(nodes))}
	for i, n := range nodes {
		msg.Updates[i].Member = n.M.Local()
	}
	for i, n := range nodes {
		teller := nodes[0]
		if i == 0 {
			teller = nodes[1]
		}
		self := teller.M.Local()
		msg.Sender = wire.Sender{Name: self.Name, Epoch: self.Epoch, Incarnation: self.Incarnation}
		s.Inject(n, core.Path{Addr: teller.Addr, Stream: true}, &msg)
		// Any other input makes the Machine let go of as many events, which are far
		// more than its table. No question has this number.
		n.M.Unsent(n.clock(s.now), 0)
	}
}
