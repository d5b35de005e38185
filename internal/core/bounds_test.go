package core

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swim-go/swim/wire"
)

// around picks the next members in turn, so that each round asks others.
type around struct{ n, next wire.Ref }

func (a *around) Add(ref wire.Ref, _ wire.Member, _ *rand.Rand) { a.n = max(a.n, ref) }
func (a *around) Remove(wire.Ref)                               {}
func (a *around) Next(*rand.Rand) (wire.Ref, bool)              { return 0, false }

func (a *around) Pick(dst []wire.Ref, n int, _ wire.Purpose, _ wire.Ref, _ *rand.Rand) []wire.Ref {
	for range n {
		a.next = a.next%a.n + 1
		dst = append(dst, a.next)
	}
	return dst
}

type silent struct{}

func (silent) Add(wire.Update)                                   {}
func (silent) Fill(dst []wire.Update, _ wire.Room) []wire.Update { return dst }
func (silent) Forget(string)                                     {}
func (silent) Len() int                                          { return 0 }

// A departure that nobody answers goes on as long as the process does. What it
// remembers of whom it has told stays bounded, and so does each round.
func TestFarewellsAreBounded(t *testing.T) {
	m := New(Config{
		Params: LAN(), Name: "self", Addr: "x", Selector: new(around), Disseminator: silent{},
		MessageSize: func(*wire.Message) int { return 10 }, UpdateSize: func(*wire.Update) int { return 10 },
		PacketBytes: 1000, MaxMembers: 1000,
	}, 0)
	var table []wire.Update
	for i := range 500 {
		table = append(table, wire.Update{Member: wire.Member{Name: fmt.Sprint("m", i), Addr: "y", State: wire.Alive}})
	}
	m.Receive(0, Path{Addr: "y", Stream: true}, &wire.Message{Kind: wire.SyncReply, Sender: wire.Sender{Name: "m0"}, Updates: table})
	m.Leave(0)
	most := 0
	for now := time.Duration(0); now < 10*time.Minute; now = m.Deadline() {
		m.Tick(now)
		most = max(most, len(m.departure.told))
		if n := len(m.Packets()); n > 20 {
			t.Fatalf("%d packets at once", n)
		}
	}
	if most < 60 || most > maxFarewells {
		t.Errorf("%d remembered, and %d are allowed", most, maxFarewells)
	}
}
