package swim

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed: the node is closed. Nothing was done.
	ErrClosed = errors.New("swim: node closed")
	// ErrLeft: the node has left its cluster, and a node leaves for good: to
	// come back, close it and start another. Nothing was done.
	ErrLeft = errors.New("swim: node has left the cluster")
	// ErrUnknownMember: no live member has that name. Nothing was sent.
	ErrUnknownMember = errors.New("swim: no live member of that name")
	// ErrNoAnswer: none of the seeds of a Join answered, or all refused. The node goes on, and
	// Join may be called again.
	ErrNoAnswer = errors.New("swim: no seed took this node in")
	// ErrQueueFull: as many broadcasts wait to be sent as may, or as many payloads to
	// be acknowledged. Nothing was sent.
	ErrQueueFull = errors.New("swim: queue full")
	// ErrUndelivered: a payload was not acknowledged. It may have arrived.
	ErrUndelivered = errors.New("swim: not acknowledged")
	// ErrTransport: the transport ended while the node was running, and the node
	// with it.
	ErrTransport = errors.New("swim: transport ended")
)

// RefusedError says that a member does not admit this node, or that a Config.Merge is
// against becoming one cluster with its. It stands among the errors of [Node.Join], and
// means that an Admission or Merge has to be changed there, or Name, Advertise, Meta or
// Token here. Nothing has changed, and the node goes on.
type RefusedError struct {
	// By names the member, this node itself where it was its own Config.Merge, and
	// Reason is what it says.
	By, Reason string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("swim: %s does not admit this node: %s", e.By, e.Reason)
}

// SizeError says that something is too large to be sent. Nothing was sent, and
// nothing changed.
type SizeError struct {
	// What is too large: "metadata", "token", "payload", "broadcast" or "key".
	What string
	// Bytes it has, and Limit of what it may have.
	Bytes, Limit int
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("swim: %s of %d bytes, want at most %d", e.What, e.Bytes, e.Limit)
}

// ConfigError says what is wrong with one field of a [Config].
type ConfigError struct {
	// Field and Value are what was found, with the default filled in.
	Field string
	Value any
	// Problem says what is wrong with it, and Remedy what to do.
	Problem, Remedy string
	// Err is what the layer in that field says, if it was asked.
	Err error
}

func (e *ConfigError) Error() string {
	format := "swim: Config.%s = %v %s: %s"
	if _, ok := e.Value.(string); ok {
		format = "swim: Config.%s = %q %s: %s"
	}
	return fmt.Sprintf(format, e.Field, e.Value, e.Problem, e.Remedy)
}

func (e *ConfigError) Unwrap() error { return e.Err }
