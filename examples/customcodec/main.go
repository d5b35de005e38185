// Customcodec runs nodes that speak JSON instead of MessagePack. All nodes of a
// cluster must use the same codec: one that does not is not understood, and
// cannot join.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	ann := start(ctx, swim.Config{Name: "ann", Codec: jsonCodec{}, Meta: []byte("role=db")})
	defer ann.Close()
	bob := start(ctx, swim.Config{Name: "bob", Codec: jsonCodec{}})
	defer bob.Close()
	_, err := bob.Join(ctx, ann.Local().Addr)
	check(err)
	member, _ := bob.Member("ann")
	fmt.Printf("bob knows ann, who says %q\n", member.Meta)

	// What travels, and what it costs: PacketBytes has room for fewer of these
	// claims than of MessagePack's.
	claim := wire.Update{Member: ann.Local()}
	ping := wire.Message{Kind: wire.Ping, Seq: 1, Sender: wire.Sender{Name: "bob"}, Target: "ann", Updates: []wire.Update{claim}}
	data, err := jsonCodec{}.Append(nil, &ping)
	check(err)
	fmt.Printf("a ping with one claim is %s\n", data)

	eve := start(ctx, swim.Config{Name: "eve"}) // with the default codec
	defer eve.Close()
	if _, err := eve.Join(ctx, ann.Local().Addr); err != nil {
		fmt.Println("eve could not join:", err)
	}
	fmt.Println("packets and frames that ann did not understand:", ann.Stats().Drops.Malformed)
}

func start(ctx context.Context, config swim.Config) *swim.Node {
	config.Bind = "127.0.0.1:0"
	node, err := swim.Start(ctx, config)
	check(err)
	return node
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
