package main

import (
	"context"
	"net"

	"github.com/swim-go/swim"
)

// besidePort is where swim listens while something else still has 7946.
const besidePort = "7956"

// beside lets a node find the others at the hosts that another membership library
// knows: with memberlist, the Addr of each of its Members.
func beside(hosts func() []net.IP) swim.SeedProvider {
	return swim.SeedFunc(func(context.Context) ([]string, error) {
		var seeds []string
		for _, ip := range hosts() {
			seeds = append(seeds, net.JoinHostPort(ip.String(), besidePort))
		}
		return seeds, nil
	})
}
