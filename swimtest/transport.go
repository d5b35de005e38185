package swimtest

import (
	"testing"

	"github.com/swim-go/swim"
)

// TestTransport checks that a transport keeps the contract of [swim.Transport], and
// those of [swim.StreamTransport], [swim.ConnectionTransport] and
// [swim.IdentifyingTransport], if it has their methods. Each call of listen makes another transport on the same
// network, with a name of its own if it proves names; they reach each other by their
// Addr. Those it made are closed when the sub-test ends, at the latest.
//
// The network may lose a packet now and then: what does not arrive is sent again, for
// some seconds. That nil from WritePacket promises nothing is no promise to be tested.
func TestTransport(t *testing.T, listen func(t *testing.T) swim.Transport) {
	run(t, packetSentences, closing(listen))
	probe := listen(t)
	if err := probe.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, ok := probe.(swim.StreamTransport); ok {
		run(t, streamSentences, closing(listen))
	}
	if _, ok := probe.(swim.ConnectionTransport); ok {
		run(t, connectionSentences, closing(listen))
	}
	if _, ok := probe.(swim.IdentifyingTransport); ok {
		run(t, identitySentences, closing(listen))
		t.Run("ReadPacketIdentity is ReadPacket", func(t *testing.T) {
			run(t, packetSentences, closing(func(t *testing.T) swim.Transport {
				return readsIdentity{listen(t).(swim.IdentifyingTransport)}
			}))
		})
	}
}

// network makes transports that reach each other.
type network = func() swim.Transport

// closing closes what listen made with the sub-test.
func closing(listen func(t *testing.T) swim.Transport) func(t *testing.T) network {
	return func(t *testing.T) network {
		return func() swim.Transport {
			tr := listen(t)
			t.Cleanup(func() { _ = tr.Close() }) // for the last time, of which nothing is asked
			return tr
		}
	}
}

// readsIdentity is a transport that is read by ReadPacketIdentity.
type readsIdentity struct{ swim.IdentifyingTransport }

func (r readsIdentity) ReadPacket(p []byte) (int, string, error) {
	n, from, _, err := r.ReadPacketIdentity(p)
	return n, from, err
}

const (
	saysRead  = "ReadPacket waits for the next packet, copies it to p, and returns its length and its sender, as the text that the sender announces for its address where it is known."
	saysWrite = "WritePacket sends p to an address and keeps no part of it."
	saysClose = "Close ends ReadPacket and WritePacket with net.ErrClosed and frees all resources."
)

var packetSentences = []sentence[network]{
	{
		name:  "Packets arrive unaltered",
		says:  "Transport carries packets between addresses, unreliably: it may lose, delay, repeat and reorder them, but not alter them.",
		check: packetsUnaltered,
	},
	{
		name:  "Packets of a flood arrive unaltered or not at all",
		says:  "Transport carries packets between addresses, unreliably: it may lose, delay, repeat and reorder them, but not alter them.",
		check: packetsSurviveFlood,
	},
	{
		name:  "Addr is where peers reach it",
		says:  "Addr is where peers reach this transport, unless Config.Advertise says otherwise.",
		check: packetsReachAddr,
	},
	{
		name:  "Addr does not change",
		says:  "It does not change.",
		check: addrStays,
	},
	{
		name:  "ReadPacket waits for a packet",
		says:  saysRead,
		check: readWaits,
	},
	{
		name:  "ReadPacket copies the packet to p",
		says:  saysRead,
		check: readCopies,
	},
	{
		name:  "ReadPacket returns the sender whom an answer reaches",
		says:  saysRead,
		check: readTellsSender,
	},
	{
		name:  "ReadPacket returns the text that the sender announces",
		says:  saysRead,
		check: readTellsText,
	},
	{
		name:  "ReadPacket cuts a packet that is larger than p",
		says:  "A packet larger than p is cut to len(p).",
		check: readCuts,
	},
	{
		name:  "Reading goes on when a peer is gone",
		says:  "An error is temporary, and reading goes on, unless it wraps net.ErrClosed.",
		check: readGoesOn,
	},
	{
		name:  "WritePacket keeps no part of p",
		says:  saysWrite,
		check: writeKeepsNothing,
	},
	{
		name:  "WritePacket never blocks for long",
		says:  "It may block for a moment, never for long.",
		check: writeDoesNotBlock,
	},
	{
		name:  "That nobody is there is no error",
		says:  "An error says that this node could not send: a probe of which nothing was sent accuses nobody, so that nobody is there to receive p must not be an error.",
		check: writeToNobody,
	},
	{
		name:  "Close ends ReadPacket with net.ErrClosed",
		says:  saysClose,
		check: closeEndsRead,
	},
	{
		name:  "Close ends WritePacket with net.ErrClosed",
		says:  saysClose,
		check: closeEndsWrite,
	},
	{
		name:  "Close frees all resources",
		says:  saysClose,
		check: closeFrees,
	},
	{
		name:  "Further calls of Close return nil",
		says:  "Further calls return nil.",
		check: closeAgain,
	},
	{
		name:  "Each method is safe beside the others",
		says:  "The Node reads on one goroutine and writes on another, and closes the transport from any; so each method is safe beside the others.",
		check: methodsBesideEachOther,
	},
	valid(func(listen network) any { return listen() }),
}
