package main

import (
	"encoding/json"
	"sync"

	"github.com/swim-go/swim"
)

// offersChannel is what offers are broadcast on.
const offersChannel = "offers"

// registry is a Delegate that knows which member serves what. A member tells all
// others by a broadcast; who joins later, or missed one, gets the state of those
// who know. It never blocks, and keeps one offer for each live member.
type registry struct {
	swim.NopDelegate               // for NotifyMessage, which it has no use for
	changed          chan struct{} // has a token when there is something new

	mu     sync.Mutex
	offers map[string]offer // by name; of each live member, empty at first
}

// offer is what one member serves. Version is its clock when it said so: only its
// own offers are compared by it, so no other clock matters.
type offer struct {
	Version  int64
	Services []string
}

var (
	_ swim.StateDelegate     = (*registry)(nil)
	_ swim.BroadcastDelegate = (*registry)(nil)
)

func newRegistry() *registry {
	return &registry{changed: make(chan struct{}, 1), offers: make(map[string]offer)}
}

// NotifyEvent makes room for the offer of who comes, and drops that of who is
// gone. Suspects are kept: most of them live.
func (r *registry) NotifyEvent(e swim.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.Kind {
	case swim.EventJoined:
		if _, known := r.offers[e.Member.Name]; !known { // this node's own is, if it was quick
			r.offers[e.Member.Name] = offer{}
		}
	case swim.EventFailed, swim.EventLeft:
		delete(r.offers, e.Member.Name)
	}
	r.signal()
}

// NotifyBroadcast takes the offer of a member from itself.
func (r *registry) NotifyBroadcast(from swim.Member, channel string, payload []byte) {
	var o offer
	if channel == offersChannel && json.Unmarshal(payload, &o) == nil {
		r.merge(map[string]offer{from.Name: o})
	}
}

// LocalState is all that is known. JSON sorts the keys of a map, so equal offers
// are equal bytes: then no state travels.
func (r *registry) LocalState(bool) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	state, _ := json.Marshal(r.offers) // a map of strings and numbers can always be encoded
	return state
}

// MergeState takes what another member knows of all.
func (r *registry) MergeState(_ swim.Member, state []byte, _ bool) {
	var theirs map[string]offer
	if json.Unmarshal(state, &theirs) == nil { // a member may send anything
		r.merge(theirs)
	}
}

// merge keeps the later of two offers, whichever is heard first and however often;
// and none of who is not a member, or those of the dead would never be forgotten.
func (r *registry) merge(theirs map[string]offer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, o := range theirs {
		if ours, live := r.offers[name]; live && o.Version > ours.Version {
			r.offers[name] = o
			r.signal()
		}
	}
}

func (r *registry) signal() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}
