package sim

import (
	"testing"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// A member is heard again after somebody made all believe that it had sent far more
// than it had: its next broadcasts come to all.
func TestAForgedBroadcastSilencesNobody(t *testing.T) {
	s := New(23)
	cluster(s, 12)
	s.Run(15 * time.Second)
	a := listen(t, s)
	victim, liar := s.nodes[4], s.nodes[7]
	a.say(victim, "chat", 100)
	s.Run(s.Now() + 3*time.Second)
	if missing := a.missing(); missing != 0 {
		t.Fatalf("%d are missing before the forgery", missing)
	}
	a.ignored = "forged"
	forged := wire.Broadcast{Origin: victim.Name, Epoch: victim.M.Local().Epoch, Seq: 1 << 62, Channel: "chat", Payload: []byte(a.ignored)}
	s.Inject(s.nodes[2], core.Path{Addr: liar.Addr}, &wire.Message{
		Kind: wire.Gossip, Sender: wire.Sender{Name: liar.Name, Epoch: liar.M.Local().Epoch}, Broadcasts: []wire.Broadcast{forged},
	})
	s.Run(s.Now() + 5*time.Second)
	for range 10 {
		a.say(victim, "chat", 100)
		s.Run(s.Now() + 100*time.Millisecond)
	}
	s.Run(s.Now() + 5*time.Second)
	if missing := a.missing(); missing != 0 {
		t.Errorf("%d are missing; %+v", missing, broadcastTotals(s))
	}
}
