// Command namespaces runs three nodes as processes of their own, each on a host of
// its own: a Linux network namespace, joined to the others by a virtual Ethernet
// cable and a bridge. It pulls the cable of one for a while and plugs it in again, so
// that real UDP and real TCP meet what they meet then: no route, no carrier, a TCP
// that retransmits. Nobody helps the nodes. They have to see what happened, bury
// nobody who was reachable, and become one cluster again.
//
//	go run ./namespaces            cuts of 15 s and of a minute
//	go run ./namespaces -quick     cuts of 15 s
//
// It needs Linux, the program ip, and the right to make namespaces, as root or as
// any user where the system lets users have namespaces of their own; without them it
// says so and does nothing. Nothing of the machine's own network is touched, and
// nothing stays behind, even if it is killed: the namespaces end with their processes.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/swim-go/swim/benchmarks/internal/report"
)

// role is the environment variable that makes this program one of those it starts.
const role = "SWIM_NAMESPACES_ROLE"

// errUnsupported: there is no way to make namespaces here.
var errUnsupported = errors.New("no network namespaces here")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var err error
	switch os.Getenv(role) {
	case "":
		err = runLab(ctx)
	case "lab":
		err = experiment(endWithParent(ctx), report.Parse())
	default:
		err = runHost(endWithParent(ctx))
	}
	if errors.Is(err, errUnsupported) {
		fmt.Println("skipped:", err)
		return
	}
	if err != nil {
		report.Exit(err)
	}
}
