// Package peer puts membership libraries behind one small interface and runs
// clusters of each through the same harness, so that what is measured of one is
// measured of the other.
package peer

import (
	"context"
	"runtime/debug"
)

// Library is one that can be measured, set up in one way. Its clusters run one at a
// time: what it counts, it may count for the whole process.
type Library interface {
	// Name is the library's with its version, and how it differs from its defaults.
	Name() string
	// Start starts a node that knows nobody. ctx bounds the start.
	Start(ctx context.Context, name string, n *Network, w Watcher) (Node, error)
	// Count is what these nodes, which must be all of a cluster, have done so far,
	// ended or not. Only differences mean something.
	Count(nodes []Node) Counts
}

// Node is a running node of a library. Any goroutine may call it.
type Node interface {
	// Addr is where others join it.
	Addr() string
	// Join exchanges tables with the node at an address.
	Join(ctx context.Context, addr string) error
	// SetMeta changes the metadata that the others see. It may take until that was
	// sent on, or until ctx ends.
	SetMeta(ctx context.Context, meta string) error
	// Broadcast sends a payload to all others, which must differ from all before.
	Broadcast(ctx context.Context, payload []byte) error
	// Kill ends the node without a word to the others, as a crash does. It may be
	// called again.
	Kill() error
}

// Kind says what an Event tells.
type Kind uint8

// The kinds of events. Not every library tells of suspicions, so none does here:
// see Counts.
const (
	Joined  Kind = iota + 1 // Subject takes part
	Updated                 // Subject has other metadata
	Failed                  // Subject is gone, whether it said so or not
	Heard                   // a broadcast came
)

// Event is something that a node noticed.
type Event struct {
	Kind    Kind
	Subject string // a node's name; empty with Heard
	Text    string // metadata, or the payload of a broadcast
}

// Watcher is told what one node notices, its own joining too. A library may hold
// locks meanwhile, so it returns at once and calls nothing of the library.
type Watcher func(Event)

// Counts are what nodes did, summed up.
type Counts struct {
	// Packets and Bytes were sent; streams are in Bytes, what IP, UDP and TCP add is not.
	Packets, Bytes uint64
	// Suspicions are how often a node came to hold another for suspect, for whatever
	// reason and rightly or not.
	Suspicions uint64
}

// Version is the version of a module in this build: "devel" for one taken from a
// folder, and empty where the build does not tell.
func Version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		switch {
		case m.Path != module:
		case m.Replace != nil && m.Replace.Version == "", m.Replace != nil && m.Replace.Version == "(devel)":
			return "devel"
		case m.Replace != nil:
			return m.Replace.Version
		default:
			return m.Version
		}
	}
	return ""
}

// named is a library's name with its version and how it is set up.
func named(name, module, variant string) string {
	if v := Version(module); v != "" {
		name += " " + v
	}
	if variant != "" {
		name += ", " + variant
	}
	return name
}
