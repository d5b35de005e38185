package query

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/swim-go/swim"
)

// Channel is the one of broadcasts that questions travel on. Nobody else should use it;
// Config.Channels may give it a priority.
const Channel = "swim/query"

// Func answers a query. It runs on a goroutine of its own, and up to MaxRunning of all at
// once. ctx ends when the asker has stopped waiting, as far as that is known here, or the
// node is closed. from is who asks, the node itself included. The payload is the callee's.
type Func func(ctx context.Context, from swim.Member, payload []byte) ([]byte, error)

// Queries asks and answers for one node. [New] makes one. All its methods may be called
// from any goroutine, and from callbacks.
type Queries struct {
	next     swim.Delegate
	bound    atomic.Pointer[bound]
	running  chan struct{} // a token for each Func that runs
	relaying chan struct{} // and for each answer that is passed on
	counters counters

	mu    sync.Mutex
	funcs map[string]Func
	asked map[uint64]*asking
}

// bound is a node, and the context that ends with it.
type bound struct {
	ctx  context.Context
	node *swim.Node
}

// New returns Queries that pass on to next, if it is not nil, all callbacks but those
// that are their own. Give their Delegate to swim.Start and the node to Bind.
func New(next swim.Delegate) *Queries {
	if next == nil {
		next = swim.NopDelegate{}
	}
	return &Queries{
		next:    next,
		running: make(chan struct{}, MaxRunning), relaying: make(chan struct{}, MaxRelaying),
		funcs: make(map[string]Func), asked: make(map[uint64]*asking),
	}
}

// Bind says which node the Queries are for: the one that was started with their Delegate.
// It is a call of its own because a Delegate must exist before the node does. What comes
// before it is dropped and counted in Stats.Unbound, so call it as soon as Start has
// returned, and before Join. A second call returns [ErrBound].
func (q *Queries) Bind(node *swim.Node) error {
	ctx, cancel := context.WithCancel(context.Background())
	if !q.bound.CompareAndSwap(nil, &bound{ctx, node}) {
		cancel()
		return ErrBound
	}
	go func() {
		<-node.Done()
		cancel()
	}()
	return nil
}

// Handle lets f answer the queries of a name, in the place of what did before; nil ends
// it, and whoever asks is told [ErrUnhandled].
func (q *Queries) Handle(name string, f Func) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if f == nil {
		delete(q.funcs, name)
		return
	}
	q.funcs[name] = f
}

// enter notes a query under a number that no other has, and returns false if too many
// are under way.
func (q *Queries) enter(id uint64, a *asking) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.asked) == MaxQueries || q.asked[id] != nil {
		return false
	}
	q.asked[id] = a
	return true
}

func (q *Queries) leave(id uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.asked, id)
}
