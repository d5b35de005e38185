package main

import (
	"context"
	"errors"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/peer"
	"github.com/swim-go/swim/security"
)

// idle is what nodes cost that have nothing to tell each other.
func idle(ctx context.Context, b *bench) error {
	b.Title("What an idle node costs")
	b.idleNote()
	var errs []error
	for _, n := range pick(b, []int{32}, []int{8, 32, 64, 128, 256}) {
		errs = append(errs, b.inTurn(ctx, libraries(), func(l peer.Library) error {
			return b.rest(ctx, l, peer.Loopback(), n)
		}))
	}
	for _, n := range pick(b, nil, []int{256, 512}) {
		errs = append(errs, b.inTurn(ctx, libraries(), func(l peer.Library) error {
			return b.rest(ctx, l, peer.Memory(b.Seed), n)
		}))
	}
	return errors.Join(errs...)
}

// variants are the same with encryption, and with more compression or less.
func variants(ctx context.Context, b *bench) error {
	b.Title("What encryption and compression cost an idle node")
	b.idleNote()
	b.Note("By default swim compresses streams, and memberlist streams and packets. memberlist's key is one of 32 bytes, for AES-GCM.")
	libs := []peer.Library{
		new(peer.Swim),
		&peer.Swim{Seal: security.NewXChaCha20Poly1305, Variant: "XChaCha20-Poly1305"},
		&peer.Swim{Seal: security.NewAESGCM, Variant: "AES-GCM"},
		&peer.Swim{Compression: swim.CompressAll, Variant: "packets compressed"},
		&peer.Swim{Compression: swim.CompressNothing, Variant: "nothing compressed"},
		new(peer.Memberlist),
		&peer.Memberlist{Encrypted: true, Variant: "AES-GCM"},
		&peer.Memberlist{Uncompressed: true, Variant: "nothing compressed"},
		&peer.Memberlist{Encrypted: true, Uncompressed: true, Variant: "AES-GCM, nothing compressed"},
	}
	if b.Quick { // the encrypted ones of the defaults
		libs = []peer.Library{libs[1], libs[2], libs[6]}
	}
	return b.inTurn(ctx, libs, func(l peer.Library) error {
		return b.rest(ctx, l, peer.Loopback(), pick(b, 8, 64))
	})
}

func (b *bench) idleNote() {
	b.Note("Nodes join a few at a time; when all see all, %v pass, and then %v are measured. What the whole process takes is divided", b.settling(), b.window())
	b.Note("by the nodes, each of which has callbacks that count. Bytes are those of packets and streams without what IP, UDP and TCP add. The heap is")
	b.Note("what is in use after a collection. In memory a packet is given a buffer of its size, where over sockets memberlist makes one of 64 KiB.")
}

func (b *bench) settling() time.Duration { return pick(b, time.Second/2, 5*time.Second) }
func (b *bench) window() time.Duration   { return pick(b, time.Second, 20*time.Second) }

// rest measures one library at one size.
func (b *bench) rest(ctx context.Context, l peer.Library, network *peer.Network, n int) error {
	peer.Rest(ctx)
	empty := peer.TakeStock()
	c, err := peer.Start(ctx, l, network, n)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := form(ctx, c); err != nil && ctx.Err() == nil {
		b.Note("%s: %v", setting(l, network, n), err) // what it costs can be measured nonetheless
	}
	if err := wait(ctx, b.settling()); err != nil {
		return err
	}
	before := c.Usage()
	if err := wait(ctx, b.window()); err != nil {
		return err
	}
	after := c.Usage()
	full := peer.TakeStock()

	spent := after.Since(&before)
	add, nodes := b.figures.of(setting(l, network, n)), float64(n)
	each := spent.Elapsed.Seconds() * nodes
	add("CPU per node", spent.CPU.Seconds()*1000/each, "ms/s")
	add("garbage per node", float64(spent.Garbage)/each/1024, "KiB/s")
	add("allocations per node", float64(spent.Mallocs)/each, "/s")
	add("packets per node", float64(spent.Packets)/each, "/s")
	add("bytes per node", float64(spent.Bytes)/each, "B/s")
	add("goroutines per node", float64(full.Goroutines-empty.Goroutines)/nodes, "")
	add("heap per node", (float64(full.HeapBytes)-float64(empty.HeapBytes))/nodes/1024, "KiB")
	add("nodes that do not see all", float64(n-c.Complete()), "")
	add("suspicions", float64(spent.Suspicions), "")
	add("failures", float64(spent.Failures), "")
	return nil
}
