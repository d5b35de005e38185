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
		n0 := s.Start("n0")
		s.Run(time.Second)
		for range 3 { // nobody hears these now, and in a minute n0 has forgotten them
			s.Broadcast(n0, "chat", "", []byte("?"))
		}
		s.Run(time.Minute)
		n1 := s.Start("n1")
		s.Join(n1, "n0")
		began := s.Now()
		got := ""
		s.OnEvent = func(n *Node, e *core.Event) {
			if e.Kind == core.BroadcastDelivered && n == n1 {
				got += string(e.Payload)
			}
		}
		who := n0.M.Local()
		hear := func(seq uint64) {
			s.Inject(n1, core.Path{Addr: n0.Addr}, &wire.Message{
				Kind: wire.Gossip, Sender: wire.Sender{Name: who.Name, Epoch: who.Epoch, Incarnation: who.Incarnation},
				Broadcasts: []wire.Broadcast{{Origin: who.Name, Epoch: who.Epoch, Seq: seq, Channel: "chat", Payload: []byte(fmt.Sprint(seq))}},
			})
		}
		s.Run(began + first)
		hear(1)
		s.Run(began + time.Hour)
		hear(3)
		s.Run(s.Now() + 2*time.Second)
		hear(2)
		s.Run(s.Now() + 20*time.Second)
		if missed := n1.M.BroadcastStats().Missed; got != "123" || missed != 0 {
			t.Errorf("first heard at %v: delivered %q, missed %d", first, got, missed)
		}
	}
}
