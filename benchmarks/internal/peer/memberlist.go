package peer

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-metrics"
	"github.com/hashicorp/memberlist"
)

// Memberlist is github.com/hashicorp/memberlist with its DefaultLANConfig, and its
// log discarded.
type Memberlist struct {
	Encrypted    bool // by AES-256-GCM
	Uncompressed bool // by default it compresses packets and streams
	// Variant says in words what the fields do.
	Variant string
}

// Name implements Library.
func (l *Memberlist) Name() string {
	return named("memberlist", "github.com/hashicorp/memberlist", l.Variant)
}

// Start implements Library.
func (l *Memberlist) Start(ctx context.Context, name string, n *Network, w Watcher) (Node, error) {
	if err := errors.Join(ctx.Err(), listening()); err != nil {
		return nil, err
	}
	d := &memberlistDelegate{watch: w, seen: make(map[string]bool)}
	cfg := memberlist.DefaultLANConfig()
	cfg.Name, cfg.BindAddr, cfg.BindPort = name, "127.0.0.1", 0
	cfg.Delegate, cfg.Events, cfg.LogOutput = d, d, io.Discard
	cfg.EnableCompression = !l.Uncompressed
	if l.Encrypted {
		cfg.SecretKey = []byte(key)
	}
	var lent *fabric
	if n.memory != nil {
		m, err := n.listen()
		if err != nil {
			return nil, err
		}
		lent = newFabric(m)
		cfg.Transport = lent
	}
	d.queue = memberlist.TransmitLimitedQueue{
		RetransmitMult: cfg.RetransmitMult,
		NumNodes:       func() int { return int(d.live.Load()) },
	}
	list, err := memberlist.Create(cfg)
	if err != nil {
		if lent != nil {
			err = errors.Join(err, lent.Shutdown())
		}
		return nil, err
	}
	return &memberlistNode{list, d}, nil
}

// Count implements Library. memberlist counts through a sink of metrics that the whole
// process shares.
func (l *Memberlist) Count([]Node) Counts {
	return Counts{
		Packets: counted.packets.Load(), Bytes: counted.bytes.Load(), Suspicions: counted.suspicions.Load(),
	}
}

// memberlistNode is a node of memberlist.
type memberlistNode struct {
	list     *memberlist.Memberlist
	delegate *memberlistDelegate
}

func (n *memberlistNode) Addr() string { return n.list.LocalNode().Address() }

// Join takes no longer than memberlist's TCPTimeout, of 10 s.
func (n *memberlistNode) Join(ctx context.Context, addr string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := n.list.Join([]string{addr})
	return err
}

func (n *memberlistNode) SetMeta(ctx context.Context, meta string) error {
	n.delegate.meta.Store(&meta)
	timeout := time.Minute
	if by, ok := ctx.Deadline(); ok {
		timeout = max(time.Until(by), time.Millisecond)
	}
	return n.list.UpdateNode(timeout)
}

func (n *memberlistNode) Broadcast(_ context.Context, payload []byte) error {
	n.delegate.first(payload)
	return nil
}

func (n *memberlistNode) Kill() error { return n.list.Shutdown() }

// memberlistDelegate tells a Watcher, and passes broadcasts on. memberlist sends what
// a node queues to those that this node gossips with and no further: whoever wants all
// to hear queues at each node what it has not had before, as serf does.
type memberlistDelegate struct {
	watch Watcher
	meta  atomic.Pointer[string]
	queue memberlist.TransmitLimitedQueue
	live  atomic.Int32 // members, this one included

	mu   sync.Mutex
	seen map[string]bool // payloads
}

// maxSeen bounds the payloads that are remembered. An experiment sends fewer.
const maxSeen = 4096

// first queues a payload unless it was had before.
func (d *memberlistDelegate) first(payload []byte) bool {
	d.mu.Lock()
	had := d.seen[string(payload)]
	if !had {
		if len(d.seen) == maxSeen {
			clear(d.seen)
		}
		d.seen[string(payload)] = true
	}
	d.mu.Unlock()
	if !had {
		d.queue.QueueBroadcast(broadcast(append([]byte(nil), payload...)))
	}
	return !had
}

// NodeMeta and all that follows implement memberlist.Delegate and EventDelegate.
func (d *memberlistDelegate) NodeMeta(int) []byte {
	if m := d.meta.Load(); m != nil {
		return []byte(*m)
	}
	return nil
}

func (d *memberlistDelegate) NotifyMsg(payload []byte) {
	if d.first(payload) {
		d.watch(Event{Kind: Heard, Text: string(payload)})
	}
}

func (d *memberlistDelegate) GetBroadcasts(overhead, limit int) [][]byte {
	return d.queue.GetBroadcasts(overhead, limit)
}

func (d *memberlistDelegate) LocalState(bool) []byte { return nil }

func (d *memberlistDelegate) MergeRemoteState([]byte, bool) {}

func (d *memberlistDelegate) NotifyJoin(n *memberlist.Node) {
	d.live.Add(1)
	d.watch(Event{Kind: Joined, Subject: n.Name, Text: string(n.Meta)})
}

func (d *memberlistDelegate) NotifyLeave(n *memberlist.Node) {
	d.live.Add(-1)
	d.watch(Event{Kind: Failed, Subject: n.Name})
}

func (d *memberlistDelegate) NotifyUpdate(n *memberlist.Node) {
	d.watch(Event{Kind: Updated, Subject: n.Name, Text: string(n.Meta)})
}

// broadcast is a payload in a queue of memberlist's.
type broadcast []byte

var _ memberlist.UniqueBroadcast = broadcast(nil)

func (b broadcast) Invalidates(memberlist.Broadcast) bool { return false }
func (b broadcast) Message() []byte                       { return b }
func (b broadcast) Finished()                             {}
func (b broadcast) UniqueBroadcast()                      {}

// sink counts what memberlist tells the process's metrics.
type sink struct {
	metrics.BlackholeSink
	packets, bytes, suspicions atomic.Uint64
}

var (
	counted   sink
	listening = sync.OnceValue(func() error {
		_, err := metrics.NewGlobal(&metrics.Config{FilterDefault: true}, &counted)
		return err
	})
)

// IncrCounterWithLabels is all that memberlist calls for what is counted here.
func (s *sink) IncrCounterWithLabels(key []string, by float32, _ []metrics.Label) {
	if len(key) != 3 {
		return
	}
	switch {
	case key[1] == "udp" && key[2] == "sent":
		s.packets.Add(1)
		s.bytes.Add(uint64(by))
	case key[1] == "tcp" && key[2] == "sent":
		s.bytes.Add(uint64(by))
	case key[1] == "msg" && key[2] == "suspect":
		s.suspicions.Add(1)
	}
}
