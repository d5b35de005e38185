package peer

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/security"
)

// Swim is our own library, with the numbers of swim.LAN.
type Swim struct {
	// Seal makes the Sealer of a node, with a key that all share. nil: none.
	Seal func(*security.Keyring) *security.KeyedSealer
	// Compression is that of Config.
	Compression swim.Compression
	// Variant says in words what the fields do.
	Variant string
}

// key is the secret of all clusters that have one.
const key = "0123456789abcdef0123456789abcdef"

// Name implements Library.
func (s *Swim) Name() string { return named("swim", "github.com/swim-go/swim", s.Variant) }

// Start implements Library.
func (s *Swim) Start(ctx context.Context, name string, n *Network, w Watcher) (_ Node, err error) {
	d := &swimDelegate{watch: w}
	cfg := swim.LAN()
	cfg.Name, cfg.Bind, cfg.Delegate, cfg.Compression = name, "127.0.0.1:0", d, s.Compression
	if s.Seal != nil {
		k, err := security.NewKey([]byte(key))
		if err != nil {
			return nil, err
		}
		ring, err := security.NewKeyring(k)
		if err != nil {
			return nil, err
		}
		cfg.Sealer = s.Seal(ring)
	}
	if n.memory != nil {
		if cfg.Transport, err = n.listen(); err != nil {
			return nil, err
		}
		cfg.Bind = ""
	}
	node, err := swim.Start(ctx, cfg)
	if err != nil {
		if cfg.Transport != nil {
			err = errors.Join(err, cfg.Transport.Close())
		}
		return nil, err
	}
	return &swimNode{Node: node, delegate: d}, nil
}

// Count implements Library. Of a suspicion that is refuted before a node's Delegate
// is told, there is no event; one that the node raised itself it has counted all the
// same. So of the two the larger counts.
func (s *Swim) Count(nodes []Node) (c Counts) {
	ours := make([]*swim.Node, len(nodes))
	for i, n := range nodes {
		ours[i] = n.(*swimNode).Node
	}
	for i, stats := range cluster.Stats(ours) {
		c.Packets += stats.PacketsOut
		c.Bytes += stats.BytesOut + stats.FrameBytesOut
		c.Suspicions += max(stats.Protocol.SuspicionsRaised, nodes[i].(*swimNode).delegate.suspicions.Load())
	}
	return c
}

// swimNode is a Node of ours.
type swimNode struct {
	*swim.Node
	delegate *swimDelegate
}

func (n *swimNode) Addr() string { return n.Local().Addr }

func (n *swimNode) Join(ctx context.Context, addr string) error {
	_, err := n.Node.Join(ctx, addr)
	return err
}

func (n *swimNode) SetMeta(ctx context.Context, meta string) error {
	return n.Node.SetMeta(ctx, []byte(meta))
}

func (n *swimNode) Broadcast(ctx context.Context, payload []byte) error {
	return n.Node.Broadcast(ctx, "news", payload)
}

func (n *swimNode) Kill() error { return n.Close() }

// swimDelegate tells a Watcher.
type swimDelegate struct {
	swim.NopDelegate
	watch      Watcher
	suspicions atomic.Uint64
}

var _ swim.BroadcastDelegate = (*swimDelegate)(nil)

func (d *swimDelegate) NotifyEvent(e swim.Event) {
	told := Event{Subject: e.Member.Name, Text: e.Member.Meta}
	switch e.Kind {
	case swim.EventJoined:
		told.Kind = Joined
	case swim.EventUpdated:
		told.Kind = Updated
	case swim.EventFailed, swim.EventLeft:
		told.Kind = Failed
	case swim.EventSuspected:
		d.suspicions.Add(1)
		return
	default:
		return
	}
	d.watch(told)
}

func (d *swimDelegate) NotifyBroadcast(_ swim.Member, _ string, payload []byte) {
	d.watch(Event{Kind: Heard, Text: string(payload)})
}
