// Agent runs one node, prints its address and then what happens in its cluster.
// Ctrl-C leaves.
//
//	go run ./examples/agent -name one
//	go run ./examples/agent -name two -join 127.0.0.1:7946 -meta role=db
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/swim-go/swim"
)

func main() {
	log.SetFlags(0)
	// The flags go straight into a Config: what is left empty means the default.
	var (
		config swim.Config
		join   = flag.String("join", "", "addresses of members to join, with commas between them")
		meta   = flag.String("meta", "", "metadata that all members see")
	)
	flag.StringVar(&config.Name, "name", "", "name of this node (default host:port)")
	flag.StringVar(&config.Cluster, "cluster", "", "name of the cluster; members of others are ignored")
	flag.StringVar(&config.Bind, "bind", "", "host:port to listen on (default 127.0.0.1:7946, or any free port)")
	flag.Parse()
	config.Meta = []byte(*meta)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	node, err := swim.Start(ctx, config)
	if err != nil {
		log.Fatal(err)
	}
	defer node.Close()
	fmt.Printf("this is %s at %s\n", node.Local().Name, node.Local().Addr)

	if err := joinAll(ctx, node, *join); err != nil {
		// It goes on alone: others may still join this node.
		log.Print(err)
	}
	for event := range node.Events(ctx) {
		fmt.Printf("%s  %-9v  %-15s  %-21s  %s\n",
			time.Now().Format(time.TimeOnly), event.Kind, event.Member.Name, event.Member.Addr, event.Member.Meta)
	}

	// A second Ctrl-C ends it at once, and then it has failed for the others.
	stop()
	if err := leave(node); err != nil {
		log.Fatal(err)
	}
	fmt.Println("left the cluster")
}

func joinAll(ctx context.Context, node *swim.Node, addrs string) error {
	if addrs == "" {
		return nil
	}
	answered, err := node.Join(ctx, strings.Split(addrs, ",")...)
	if err == nil {
		fmt.Printf("%d answered, %d take part\n", answered, len(node.Members()))
	}
	return err
}

// leave tells the others. They should be told even where that takes a while,
// but nobody wants to wait for long.
func leave(node *swim.Node) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := node.Leave(ctx)
	return err
}
