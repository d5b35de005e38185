package swim

import (
	"errors"
	"net"
	"time"
)

// readFailed counts a failed read and pauses. It returns false if there is
// nothing more to read: the node is closing, or its transport was closed by
// somebody else, and without it the node cannot go on either.
func (d *driver) readFailed(doing string, err error, pause *backoff) bool {
	select {
	case <-d.closing:
		return false
	default:
	}
	if errors.Is(err, net.ErrClosed) {
		d.stop(ErrTransport)
		return false
	}
	d.counters.readErrors.Add(1)
	if pause.first() {
		d.log.warn(doing+" failed", "error", err)
	}
	return pause.wait(d.closing)
}

// backoff is the pause after a read that failed, which doubles with each in a
// row: a transport that fails at once and always must not take a processor.
type backoff struct{ pause time.Duration }

const (
	minPause = 5 * time.Millisecond
	maxPause = time.Second
)

func (b *backoff) reset()      { b.pause = 0 }
func (b *backoff) first() bool { return b.pause == 0 }

// wait returns false if the node closes meanwhile.
func (b *backoff) wait(closing <-chan struct{}) bool {
	b.pause = min(max(2*b.pause, minPause), maxPause)
	timer := time.NewTimer(b.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-closing:
		return false
	}
}
