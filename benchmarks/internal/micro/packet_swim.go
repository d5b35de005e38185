package micro

import (
	"context"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// swimExchange is a node of swim's, and what its tester makes packets with.
type swimExchange struct {
	node     *swim.Node
	port     *swimPort
	answers  chan struct{}
	inFlight int
	sealed   bool
	message  []byte // encoded
	envelope *security.Envelope
	packets  [][]byte // one, or as many as are handed in
}

// peerAddr is where the tester's packets come from.
const peerAddr = "10.0.0.2:7946"

// endless never has told a claim often enough.
type endless struct{ disseminator.Piggyback }

func (e *endless) Fill(dst []wire.Update, room wire.Room) []wire.Update {
	room.Limit = max(room.Limit, 0) << 20
	return e.Piggyback.Fill(dst, room)
}

var sharedKey = security.GenerateKey()

func newSealer() (swim.Sealer, error) {
	ring, err := security.NewKeyring(sharedKey)
	if err != nil {
		return nil, err
	}
	return security.NewXChaCha20Poly1305(ring), nil
}

func newSwimExchange(v variant, t traffic) (_ task, err error) {
	x := &swimExchange{port: newSwimPort("10.0.0.1:7946"), answers: make(chan struct{}, maxInFlight), inFlight: t.inFlight, sealed: v.sealed}
	config := quietSwim(x.port)
	var sealer swim.Sealer
	if v.sealed {
		if config.Sealer, err = newSealer(); err == nil {
			sealer, err = newSealer()
		}
		if err != nil {
			return nil, err
		}
	}
	coding := codec.Compressed{Send: codec.SendPlain}
	switch {
	case v.compressed:
		config.Compression, coding.Send = swim.CompressAll, codec.SendCompressed
	case !v.defaults:
		config.Compression = swim.CompressNothing
	}
	if t.queued > 0 {
		config.Disseminator = new(endless)
	}
	x.envelope = security.NewEnvelope("", sealer)
	x.port.out = func([]byte) { x.answers <- struct{}{} }
	if x.node, err = swim.Start(context.Background(), config); err != nil {
		return nil, err
	}
	if err = x.introduce(coding, t); err != nil {
		_ = x.node.Close() // the first error says more
		return nil, err
	}
	return x, nil
}

// introduce makes the tester, and all of whom it speaks, known to the node.
func (x *swimExchange) introduce(coding codec.Compressed, t traffic) error {
	message := func(updates []wire.Update) ([]byte, error) {
		return coding.Append(nil, &wire.Message{
			Kind: wire.Ping, Seq: 1, Target: "a", Sender: wire.Sender{Name: "b", Epoch: birth}, Updates: updates,
		})
	}
	all := []wire.Update{{Member: wire.Member{Name: "b", Addr: peerAddr, Epoch: birth, State: wire.Alive}}}
	for i := range max(t.updates, t.queued) {
		all = append(all, claimAbout(i).update())
	}
	for len(all) > 0 {
		some := all[:min(len(all), fillPerPacket)]
		all = all[len(some):]
		var err error
		if x.message, err = message(some); err != nil {
			return err
		}
		if err := x.once(); err != nil {
			return err
		}
	}
	if len(x.node.Members()) != 2+max(t.updates, t.queued) {
		return errUntold
	}
	updates := make([]wire.Update, t.updates)
	for i := range updates {
		updates[i] = claimAbout(i).update()
	}
	var err error
	x.message, err = message(updates)
	return err
}

// once hands in the message and waits for the answer.
func (x *swimExchange) once() error {
	if err := x.prepare(1); err != nil {
		return err
	}
	return x.run(1)
}

func (x *swimExchange) prepare(n int) (err error) {
	if !x.sealed {
		n = 1
	}
	each := len(x.message) + x.envelope.Overhead()
	arena := make([]byte, 0, n*each)
	x.packets = make([][]byte, n)
	for i := range x.packets {
		from := len(arena)
		if arena, err = x.envelope.Seal(arena, x.message); err != nil {
			return err
		}
		x.packets[i] = arena[from:len(arena):len(arena)]
	}
	return nil
}

func (x *swimExchange) run(n int) error {
	return exchange(n, x.inFlight, x.answers, func(i int, end <-chan time.Time) error {
		return x.port.push(x.packets[i%len(x.packets)], peerAddr, end)
	})
}

func (x *swimExchange) end() error {
	err := swimDrops(x.node)
	_ = x.node.Close() // the transport is ours
	return err
}
