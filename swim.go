package swim

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
	"github.com/swim-go/swim/wire"
)

// Node is the local, running participant of a cluster. [Start] makes one. All
// its methods may be called from any goroutine, from a [Delegate]'s callbacks and
// from the loop over [Node.Events] too.
//
//	taking part  Join, Ready, Leave, Close, Done
//	looking      Local, Member, Members, All, Events, RTT, Stats
//	speaking     SetMeta, SetToken, SetAckPayload, Send, SendReliable, Broadcast
//	sealing      SetSealing
type Node struct {
	driver    *driver
	directory *directory
	transport Transport
	log       *journal
	rejoin    *rejoin   // nil without Config.Seeds or Config.Snapshot
	snapshot  *snapshot // nil without Config.Snapshot

	// What Config said, or came to.
	cluster  string
	maxMeta  int
	maxToken int
	resolves bool // seeds are host names and ip:port
	anyAddr  bool // bound to all addresses of the machine
}

// Start makes a node and starts it, as the only member of a cluster of its own;
// [Node.Join] makes it one of others'. ctx bounds the start, not the node.
//
// If cfg is no good, the error holds a [ConfigError] for each problem; else it
// says what the system refused. After an error nothing runs, nothing that Start
// opened stays open, and what cfg brought along is still the caller's.
func Start(ctx context.Context, cfg Config) (*Node, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("swim: not started: %w", err)
	}
	cfg = cfg.filled()
	t := cfg.Transport
	if t == nil {
		var err error
		if t, err = listen(ctx, cfg.Bind); err != nil {
			return nil, err
		}
	}
	n, err := newNode(ctx, cfg, t)
	if err != nil {
		if cfg.Transport == nil {
			_ = t.Close() // opened a moment ago; there is nothing to lose
		}
		return nil, err
	}
	n.driver.start(cfg.Delegate)
	return n, nil
}

// Close stops the node at once and closes its transport, without a word to the
// cluster; see [Node.Leave] for that. To the others it then fails, unless it has
// left. Close may be called at any time, any number of times, from anywhere. It
// returns when all has stopped but a callback that is under way, and with an
// error only if the transport ended by itself ([ErrTransport]) or failed to close.
//
// Closing is final. What the node knew can still be asked for.
func (n *Node) Close() error {
	n.driver.stop(nil)
	<-n.driver.done
	return n.driver.err
}

// Done is closed when the node is, by [Node.Close] or because its transport
// ended.
func (n *Node) Done() <-chan struct{} { return n.driver.done }

// newNode makes all parts of a node and starts nothing. cfg is filled.
func newNode(ctx context.Context, cfg Config, t Transport) (*Node, error) {
	addr, err := advertised(ctx, cfg.Advertise, t)
	if err != nil {
		return nil, err
	}
	name := cmp.Or(cfg.Name, cfg.defaultName(addr))
	if err := wire.CheckName(name); err != nil {
		return nil, fmt.Errorf("swim: this machine gives no name (%w): set Config.Name", err)
	}
	maxMeta := cfg.metaRoom(name, addr)
	if len(cfg.Meta) > maxMeta {
		return nil, &SizeError{What: "metadata", Bytes: len(cfg.Meta), Limit: max(maxMeta, 0)}
	}
	if err := cfg.admitsItself(Member{Name: name, Addr: addr, Meta: string(cfg.Meta), Token: cfg.Token, State: Alive}); err != nil {
		return nil, err
	}
	seed, err := randomSeed()
	if err != nil {
		return nil, err
	}
	streams, _ := t.(StreamTransport)
	clock := newClock()
	past, noPast := remember(cfg.Snapshot, cfg.Cluster, clock.epoch())
	var d *driver
	machine := core.New(core.Config{
		Params: cfg.params(),
		Name:   name, Addr: addr, Meta: string(cfg.Meta), Token: cfg.Token, Epoch: max(clock.epoch(), past.Epoch+1), Seed: seed,
		Selector: cfg.Selector, Disseminator: cfg.Disseminator,
		MessageSize: cfg.Codec.Size, UpdateSize: cfg.Codec.UpdateSize, PacketBytes: cfg.messageBytes(),
		Streams: streams != nil, MaxMembers: cfg.MaxMembers, Admit: cfg.admit(),
		Identified: cfg.VerifyNames,
		Pings:      wantsPings(cfg.Delegate), MaxStateBytes: cfg.stateBytes(streams),
		Broadcasts: cfg.broadcasting(), Busy: func() bool { return d.busy() },
	}, clock.now())

	d = newDriver(&cfg, t, streams, machine, clock)
	n := &Node{
		driver: d, directory: d.directory, transport: t, log: d.log,
		cluster: cfg.Cluster, maxMeta: maxMeta, maxToken: cfg.tokenRoom(),
		resolves: isIPPort(t.Addr()),
		anyAddr:  cfg.Transport == nil && bindsAll(cfg.Bind),
	}
	n.lookBack(&cfg, past, noPast)
	n.log.info("node started", "name", name, "addr", addr, "cluster", cfg.Cluster)
	if _, udp := t.(*transport.UDP); udp && cfg.Sealer == nil && !isLoopback(t.Addr()) {
		n.log.warn("listening beyond this machine without a Sealer: whoever can send a packet is believed", "addr", t.Addr())
	}
	if _, ok := cfg.Delegate.(StateDelegate); ok && streams == nil {
		n.log.warn("the Transport has no streams, so that no state of the Delegate is exchanged")
	}
	if cfg.Sealer != nil && d.envelope.Stage() != security.Required {
		n.log.warn("packets need not be sealed yet: whoever can send one is believed", "stage", d.envelope.Stage().String())
	}
	return n, nil
}

// randomSeed makes the choices of nodes that start together differ.
func randomSeed() (uint64, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("swim: no randomness to start with: %w", err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}
