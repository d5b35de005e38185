package swim

import (
	"fmt"
	"strconv"

	"github.com/swim-go/swim/wire"
)

// Channel says how the broadcasts of one name are served. Channels that no Channel
// names work too: all of them share the one without a Name, or its defaults. Nodes of a
// cluster had better agree, since each serves what it passes on for others by its own.
type Channel struct {
	// Name is the channel's, of 1 to 64 bytes; or "", for all that are not named.
	Name string
	// Priority says which broadcasts go into a packet first. Default: PriorityNormal.
	Priority Priority
	// QueueBytes bounds what waits to be sent, with about 256 bytes more for each
	// broadcast. When as much waits, Broadcast waits as well, and of those of
	// others the ones that were sent most often are not sent any more. Default 2 MiB.
	QueueBytes int
}

// Priority orders channels. What is of higher priority is sent first, but every eighth
// packet begins with the lowest, so that none starves.
type Priority int8

// The priorities.
const (
	PriorityLow    Priority = -1
	PriorityNormal Priority = 0
	PriorityHigh   Priority = 1
)

func (p Priority) String() string {
	switch p {
	case PriorityLow:
		return "low"
	case PriorityNormal:
		return "normal"
	case PriorityHigh:
		return "high"
	}
	return "Priority(" + strconv.Itoa(int(p)) + ")"
}

// The limits of what a Config may ask for of broadcasts.
const (
	maxChannels          = 64
	minQueueBytes        = 1 << 10
	maxQueueBytes        = 1 << 30
	minBroadcastMemory   = 1 << 16
	defaultMaxBroadcast  = 1 << 20
	defaultBroadcastKept = 8 << 20
	// broadcastHeadBytes is more than a message takes beside the payload of the
	// broadcast that it brings.
	broadcastHeadBytes = 2 << 10
)

// largestBroadcast is how large MaxBroadcastBytes may be.
func (c *Config) largestBroadcast() int {
	return max(min(wire.MaxPayloadBytes, c.MaxStreamBytes-broadcastHeadBytes), 1)
}

func (c *Config) checkBroadcasts(v *validation) {
	const remedy = "0 means the default"
	within(v, "MaxBroadcastBytes", c.MaxBroadcastBytes, 1, c.largestBroadcast(),
		remedy+"; a frame of MaxStreamBytes has to hold it")
	within(v, "BroadcastMemoryBytes", c.BroadcastMemoryBytes, minBroadcastMemory, maxQueueBytes, remedy)
	if len(c.Channels) > maxChannels {
		v.add("Channels", fmt.Sprintf("(%d channels)", len(c.Channels)), fmt.Sprintf("has more than %d", maxChannels),
			"name those alone that are not to have the defaults")
	}
	seen := make(map[string]bool)
	for i, ch := range c.Channels {
		field := fmt.Sprintf("Channels[%d]", i)
		if ch.Name != "" {
			if err := wire.CheckChannel(ch.Name); err != nil {
				v.add(field+".Name", ch.Name, "is no name: "+err.Error(), "take another")
			}
		}
		if seen[ch.Name] {
			v.add(field+".Name", ch.Name, "is there twice", "leave one of them out")
		}
		seen[ch.Name] = true
		if ch.Priority < PriorityLow || ch.Priority > PriorityHigh {
			v.add(field+".Priority", ch.Priority, "is none", "take PriorityLow, PriorityNormal or PriorityHigh")
		}
		if ch.QueueBytes != 0 {
			within(v, field+".QueueBytes", ch.QueueBytes, minQueueBytes, maxQueueBytes, remedy)
		}
	}
}
