package swim

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Leave tells the cluster that this node departs: several members straight away,
// who are asked to confirm it, and through them all others. It returns how many have
// confirmed, once they are enough for the news to be safe with them: three or the
// logarithm of the cluster's size, whichever is more, or all there are. The process
// may exit then, and nobody will take it for failed. A node without peers has nobody
// to tell, and returns 0 at once.
//
// An error wraps ctx's, and comes with how many have confirmed until then, who do
// know and pass it on; the departure is announced and stays so, and goes on spreading until
// Close. Further calls wait for the same departure. After Leave the node still
// answers, and hears of changes, until it is closed; it cannot come back. After Close
// without Leave it returns [ErrClosed].
func (n *Node) Leave(ctx context.Context) (int, error) {
	d := n.driver
	// Also where ctx is over: that one waits no longer is no reason not to say goodbye.
	err := d.do(context.WithoutCancel(ctx), func(now time.Duration) {
		d.machine.Leave(now)
		d.flush()
	})
	if err == nil {
		select {
		case <-d.left:
		case <-ctx.Done():
			err = ctx.Err()
		case <-d.closing:
			err = ErrClosed
		}
	}
	select {
	case <-d.left:
		return n.confirmed(), nil
	default:
	}
	if errors.Is(err, ErrClosed) {
		return n.confirmed(), err
	}
	known := n.confirmed()
	return known, fmt.Errorf("swim: departure announced, but confirmed by only %d of %d others: %w", known, len(n.Members()), err)
}

// confirmed counts the members that have confirmed our departure, after Close too.
func (n *Node) confirmed() (count int) {
	d := n.driver
	read := func(time.Duration) { count = d.machine.Confirmed() }
	if d.do(context.Background(), read) != nil {
		<-d.ended // then the Machine may be read by anybody
		read(0)
	}
	return count
}
