package swim

import (
	"testing"
	"time"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// Who says that we failed, with a token or metadata that we had, must be heard.
func TestClaimsAboutOurselvesAreNotLeftOut(t *testing.T) {
	c := Config{Name: "a", Meta: []byte("new"), Bind: "127.0.0.1:0"}
	c.Limits.News = security.Rate{PerSecond: 1, Burst: 1}
	c.Admission = security.AdmissionFunc(func(m Member, _ time.Time) error {
		if m.Meta == "old" { // or an expired token
			return security.ErrRefused
		}
		return nil
	})
	n, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	us := n.Local()
	us.Meta, us.State = "old", Failed
	message := func() *wire.Message {
		return &wire.Message{Kind: wire.SyncReply, Sender: wire.Sender{Name: "b", Epoch: 1}, Updates: []wire.Update{{Member: us}}}
	}
	m := message()
	if n.driver.vet(m); len(m.Updates) != 1 {
		t.Error("left out of a frame")
	}
	for range 2 {
		m = message()
		n.driver.thin(m, time.Second)
	}
	if len(m.Updates) != 1 {
		t.Error("left out of a packet")
	}
	// Who asks to join over packets when there is too much asks again, and is not refused.
	for i, want := range []bool{true, false} {
		who := Member{Name: "b", Addr: "b:1", Epoch: 1, State: Alive}
		m = &wire.Message{Kind: wire.Sync, Seq: 1, Sender: wire.Sender{Name: "b", Epoch: 1}, Updates: []wire.Update{{Member: who}}}
		if n.driver.thin(m, time.Second) != want {
			t.Errorf("question %d: %v", i, !want)
		}
	}
}
