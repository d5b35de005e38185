package swim

import (
	"fmt"
	"testing"

	"github.com/swim-go/swim/internal/core"
)

// told is a Delegate that checks the order of what it is told.
type told struct {
	t      *testing.T
	joined map[string]bool
	during func() // the first message
	heard  chan string
}

func (d *told) NotifyEvent(e Event) { d.joined[e.Member.Name] = true }

func (d *told) NotifyMessage(from Member, _ []byte) {
	if !d.joined[from.Name] {
		d.t.Errorf("a message of %s, which has not joined", from.Name)
	}
	if d.during != nil {
		d.during()
		d.during = nil
	}
	d.heard <- from.Name
}

// A member that joins and sends while the delegate is busy is told of before its
// message is, whichever of the two is looked at first.
func TestJoinedPrecedesTheFirstMessage(t *testing.T) {
	for i := range 100 {
		self := Member{Name: "self", State: Alive}
		other := Member{Name: fmt.Sprint(i), State: Alive}
		dir := testDirectory(self)
		closing := make(chan struct{})
		d := &told{t: t, joined: map[string]bool{}, heard: make(chan string, 2)}
		var c counters
		delivery := newDelivery(d, dir, &c, newJournal(nil, &c), closing)
		d.during = func() {
			dir.apply([]core.Event{{Kind: core.Changed, After: other}})
			delivery.message(other, nil)
		}
		go delivery.run()
		delivery.message(self, nil)
		if first, second := <-d.heard, <-d.heard; first != "self" || second != other.Name {
			t.Fatalf("heard %s, %s", first, second)
		}
		close(closing)
	}
}
