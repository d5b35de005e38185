package swim

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Leave tells the cluster that this node departs, and returns when enough other
// members have confirmed that they know for the news to be safe with them: the
// process may exit then, and nobody will take it for failed. A node without
// peers has nobody to tell and returns at once.
//
// An error wraps ctx's, and says how many members had confirmed; the departure is
// announced and stays so, and goes on spreading until Close. Further calls wait
// for the same departure. After Leave the node still answers, and hears of
// changes, until it is closed; it cannot come back. After Close without Leave it
// returns [ErrClosed].
func (n *Node) Leave(ctx context.Context) error {
	d := n.driver
	err := d.do(ctx, func(now time.Duration) {
		d.machine.Leave(now)
		d.flush()
	})
	if err == nil {
		select {
		case <-d.left:
			return nil
		case <-ctx.Done():
			err = ctx.Err()
		case <-d.closing:
			err = ErrClosed
		}
	}
	select {
	case <-d.left:
		return nil
	default:
	}
	if errors.Is(err, ErrClosed) {
		return err
	}
	return fmt.Errorf("swim: departure announced, not confirmed by enough of %d others: %w", len(n.Members()), err)
}
