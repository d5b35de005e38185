package main

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/swim-go/swim"
)

// offer tells all members what this node serves from now on.
func (r *registry) offer(ctx context.Context, node *swim.Node, services ...string) error {
	o := offer{Version: time.Now().UnixNano(), Services: services}
	r.mu.Lock()
	r.offers[node.Local().Name] = o
	r.mu.Unlock()
	payload, err := json.Marshal(o)
	if err != nil {
		return err
	}
	// Of several offers that wait to be sent only the last goes out.
	return node.Broadcast(ctx, offersChannel, payload, swim.WithKey("offer"))
}

// who returns the names of the live members that serve something.
func (r *registry) who(service string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for name, o := range r.offers {
		if slices.Contains(o.Services, service) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
