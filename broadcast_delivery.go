package swim

import "sync"

const (
	// maxHeard is how many broadcasts wait for a Delegate, and maxHeardBytes how many
	// bytes of them, before the newest is dropped.
	maxHeard      = 4096
	maxHeardBytes = 16 << 20
)

// heard is a broadcast on its way to the Delegate.
type heard struct {
	from    Member
	channel string
	payload []byte
}

// heardQueue is where broadcasts wait for a Delegate. It takes no memory while none do.
type heardQueue struct {
	mu      sync.Mutex
	waiting []heard
	bytes   int
	wake    chan struct{} // has a token while any wait
}

func newHeardQueue() *heardQueue { return &heardQueue{wake: make(chan struct{}, 1)} }

// add returns false if too many wait.
func (q *heardQueue) add(h heard) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxHeard || q.bytes > 0 && q.bytes+len(h.payload) > maxHeardBytes {
		return false
	}
	q.waiting = append(q.waiting, h)
	q.bytes += len(h.payload)
	q.signal()
	return true
}

func (q *heardQueue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take returns the one that waits longest. One at a time, so that events and messages
// have their turns.
func (q *heardQueue) take() (h heard, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return heard{}, false
	}
	h, q.waiting[0] = q.waiting[0], heard{}
	q.bytes -= len(h.payload)
	if q.waiting = q.waiting[1:]; len(q.waiting) == 0 {
		q.waiting = nil
		return h, true
	}
	q.signal()
	return h, true
}

func (q *heardQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// broadcast queues a broadcast for a Delegate that wants any. Only the driver's loop
// calls it.
func (d *delivery) broadcast(from Member, channel string, payload []byte) {
	if _, ok := d.delegate.(BroadcastDelegate); !ok {
		return
	}
	if !d.heard.add(heard{from, channel, append([]byte{}, payload...)}) {
		d.counters.broadcastsShed.Add(1)
	}
}

// tellHeard hands a broadcast to the Delegate.
func (d *delivery) tellHeard() {
	if h, ok := d.heard.take(); ok {
		d.notify() // its sender may have joined just now
		d.call(func() { d.delegate.(BroadcastDelegate).NotifyBroadcast(h.from, h.channel, h.payload) })
	}
}
