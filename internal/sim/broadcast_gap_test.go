package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// What is missing before the first broadcast that is heard of a member may have been said
// before we came, and is not waited for long by who has just begun. That ends with the
// first that is delivered: an hour later, number 3 waits for number 2 as anywhere.
func TestABroadcastThatIsLateIsWaitedFor(t *testing.T) {
	for _, first := range []time.Duration{time.Second, 11 * time.Second} {
		s := New(1)
		s.Params.SyncInterval = 0
		together(s, 2)
		got := ""
		s.OnEvent = func(n *Node, e *core.Event) {
			if e.Kind == core.BroadcastDelivered && n.Name == "n1" {
				got += string(e.Payload)
			}
		}
		who := s.nodes[0].M.Local()
		hear := func(seq uint64) {
			s.Inject(s.nodes[1], core.Path{Addr: s.nodes[0].Addr}, &wire.Message{
				Kind: wire.Gossip, Sender: wire.Sender{Name: who.Name, Epoch: who.Epoch, Incarnation: who.Incarnation},
				Broadcasts: []wire.Broadcast{{Origin: who.Name, Epoch: who.Epoch, Seq: seq, Channel: "chat", Payload: []byte(fmt.Sprint(seq))}},
			})
		}
		s.Run(first)
		hear(1)
		s.Run(time.Hour)
		hear(3)
		s.Run(s.Now() + 2*time.Second)
		hear(2)
		s.Run(s.Now() + 20*time.Second)
		if missed := s.nodes[1].M.BroadcastStats().Missed; got != "123" || missed != 0 {
			t.Errorf("first heard at %v: delivered %q, missed %d", first, got, missed)
		}
	}
}
