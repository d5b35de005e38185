package examples

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/transport"
)

// lossy loses a tenth of the packets it is given. All else, streams included, is
// done by the UDP transport that it embeds.
type lossy struct{ *transport.UDP }

func (l lossy) WritePacket(p []byte, to string) error {
	if rand.IntN(10) == 0 {
		return nil // as a network would: nobody is told
	}
	return l.UDP.WritePacket(p, to)
}

// Embedding *transport.UDP, and not the interface Transport, keeps the streams.
var _ swim.StreamTransport = lossy{}

func startLossy(ctx context.Context) (*swim.Node, error) {
	udp, err := transport.ListenUDP(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return swim.Start(ctx, swim.Config{Transport: lossy{udp}})
}

func Example_transport() {
	ctx := context.Background()
	a, err := startLossy(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close()
	b, err := startLossy(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Join(ctx, a.Local().Addr); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(b.Members()), "members over a bad network")
	// Output: 2 members over a bad network
}
