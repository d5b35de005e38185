package swim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// driver is the goroutines around one Machine. The loop alone touches the
// Machine, and whatever is said below to be the loop's; everything else reaches
// it through a channel:
//
//	readPackets ──inbox──▶ loop ──outbox──▶ writePackets
//	streams     ──inbox──▶      ──▶ streams
//	API calls   ─commands▶      ──▶ directory, delivery
//
// The loop never waits for any of them: what cannot be handed over at once is
// dropped and counted, as a network would have dropped it.
type driver struct {
	clock     clock
	transport Transport
	streams   StreamTransport // nil without
	codec     Codec           // of packets
	envelope  *security.Envelope
	directory *directory
	delivery  *delivery // nil without a Delegate
	log       *journal
	counters  counters
	limits    limits
	gates     gates
	known     *known // the directory's

	readPacket  func(p []byte) (n int, from, identity string, err error)
	streamCodec Codec
	admission   func(Member) error // nil admits everybody
	merge       func(ctx context.Context, by Member, members []Member) error
	verifies    bool // Config.VerifyNames

	inbox     chan *inbound
	outbox    chan *outbound
	failures  chan failure
	commands  chan command
	inbounds  sync.Pool
	outbounds sync.Pool
	slots     *slots        // for the streams of peers
	dialing   chan struct{} // a place for each of ours
	exchanges chan struct{} // and for each exchange of states
	merging   chan struct{} // and for each call of merge
	coding    chan struct{} // and for each that is encoded or decoded

	aside    []func()       // of other files, which run until closing
	running  sync.WaitGroup // all goroutines but those that may block for ever
	context  context.Context
	cancel   context.CancelFunc
	closing  <-chan struct{} // context.Done()
	ended    chan struct{}   // the loop has ended, and the Machine changes no more
	stopping sync.Once
	err      error         // of stopping; set before done is closed
	done     chan struct{} // all of running has ended
	left     chan struct{} // a departure is known to enough others

	// The loop's own.
	machine *core.Machine
	news    Disseminator // the Machine's
	timer   *time.Timer
	armed   time.Duration // when timer fires
	stalled bool          // the process stood still since the last tick
	answers map[uint32]waiter
	roomy   chan struct{} // closed when there may be room for a broadcast; nil if nobody waits
	current *inbound      // whose outputs are handed on
	unsent  []uint32      // numbers of questions that could not be
}

// limits of the driver, of Config.
type limits struct {
	packetBytes  int // of a packet with everything
	messageBytes int // of the encoded message in it
	streamBytes  int
	streamTime   time.Duration
	stateBytes   int // of a user's state, 0 where there is none
}

const (
	// inboxPackets is how many packets wait for the loop. When it is full the
	// reader waits, and what then comes waits in the socket, which sheds.
	inboxPackets = 256
	// outboxPackets is how many packets wait for the network.
	outboxPackets = 1024
	// outboxForStrangers is how many of these may wait when one is added that a
	// stranger's packet brought about: a flood of questions must not crowd out our
	// own probes.
	outboxForStrangers = outboxPackets / 2
	// maxFailures is how many failures wait for the loop before who reports one
	// waits too.
	maxFailures = 64
)

// command is a call of the API, run by the loop. Like everything that gives the
// Machine an input, it flushes after it, and only then: outputs stay until the
// next input, and to flush them twice would be to send them twice.
type command struct {
	run  func(now time.Duration)
	done chan<- struct{}
}

// failure is a question that was not asked, or not answered.
type failure struct {
	seq    uint32
	kind   wire.Kind
	stream bool
	err    error
}

// newDriver makes a driver and starts nothing. c is filled.
func newDriver(c *Config, t Transport, streams StreamTransport, m *core.Machine, clock clock) *driver {
	gates := newGates(c.Limits, t)
	known := newKnown(gates.source)
	packets, frames := c.codecs()
	d := &driver{
		clock: clock, transport: t, streams: streams,
		codec: packets, streamCodec: frames, readPacket: packetReader(t),
		envelope: c.envelope(), admission: c.admit(),
		directory: newDirectory(m.Local(), known), gates: gates, known: known,
		limits: limits{
			packetBytes: c.PacketBytes, messageBytes: c.messageBytes(),
			streamBytes: c.MaxStreamBytes, streamTime: c.StreamTimeout,
			stateBytes: c.stateBytes(streams),
		},
		inbox:     make(chan *inbound, inboxPackets),
		outbox:    make(chan *outbound, outboxPackets),
		failures:  make(chan failure, maxFailures),
		commands:  make(chan command),
		dialing:   make(chan struct{}, c.MaxStreams),
		exchanges: make(chan struct{}, maxExchanges),
		verifies:  c.VerifyNames,
		merge:     c.Merge,
		merging:   make(chan struct{}, maxMergeCalls),
		coding:    make(chan struct{}, coders),
		ended:     make(chan struct{}),
		done:      make(chan struct{}),
		left:      make(chan struct{}),
		machine:   m,
		news:      c.Disseminator,
		armed:     unarmed,
		answers:   make(map[uint32]waiter),
	}
	d.slots = newSlots(c.MaxStreams, &d.counters.streamsEvicted)
	d.log = newJournal(c.Logger, &d.counters)
	d.context, d.cancel = context.WithCancel(context.Background())
	d.closing = d.context.Done()
	return d
}

// start starts all goroutines.
func (d *driver) start(delegate Delegate) {
	// The transport may end before the loop begins, and nobody may take the
	// goroutines for ended then.
	d.running.Add(1)
	defer d.running.Done()
	if d.log.logger != nil {
		go d.log.run(d.directory, d.closing)
	}
	if delegate != nil {
		d.delivery = newDelivery(delegate, d.directory, &d.counters, d.log, d.closing)
		go d.delivery.run()
	}
	d.running.Go(d.readPackets)
	d.running.Go(d.writePackets)
	if d.streams != nil {
		d.running.Go(d.acceptStreams)
	}
	d.running.Go(d.loop)
	for _, f := range d.aside {
		d.running.Go(f)
	}
}

// stop begins to end it all, and waits for nothing, since it may be one of those
// who have to end that calls it.
func (d *driver) stop(cause error) {
	d.stopping.Do(func() {
		d.cancel()
		go func() {
			d.err = errors.Join(cause, d.transport.Close())
			d.running.Wait()
			close(d.done)
		}()
	})
}

// do runs f in the loop and returns when it has run. An error says that it was
// not, nor will be.
func (d *driver) do(ctx context.Context, f func(now time.Duration)) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("swim: %w", err)
	}
	done := make(chan struct{})
	select {
	case d.commands <- command{f, done}:
		<-done
		return nil
	case <-ctx.Done():
		return fmt.Errorf("swim: %w", ctx.Err())
	case <-d.closing:
		return ErrClosed
	}
}

// input runs f, which gives the Machine an input, and hands on what came of it,
// unless the node has left.
func (d *driver) input(ctx context.Context, f func(now time.Duration)) error {
	var left bool
	err := d.do(ctx, func(now time.Duration) {
		if left = d.hasLeft(); !left {
			f(now)
			d.flush()
		}
	})
	if err == nil && left {
		return ErrLeft
	}
	return err
}

// hasLeft reports whether the node has left its cluster. The loop calls it.
func (d *driver) hasLeft() bool { return d.machine.Local().State == wire.Left }
