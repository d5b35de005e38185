package sim

import "github.com/swim-go/swim/internal/core"

// Broadcast lets a node send a payload to all others.
func (s *Sim) Broadcast(n *Node, channel, key string, payload []byte) core.Broadcasted {
	became := n.M.Broadcast(n.clock(s.now), channel, key, payload)
	s.settle(n)
	return became
}

// SendReliable lets a node send a payload to one until it is acknowledged. It returns
// 0 if that was not begun.
func (s *Sim) SendReliable(n *Node, name string, payload []byte) uint32 {
	seq, _, _ := n.M.SendReliable(n.clock(s.now), name, payload)
	s.settle(n)
	return seq
}
