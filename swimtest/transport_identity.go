package swimtest

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/swim-go/swim"
)

const saysIdentity = "ReadPacketIdentity is ReadPacket, and returns the name that the sender has proved to be its own, too."

var identitySentences = []sentence[network]{
	{
		name:  "ReadPacketIdentity returns one name for each sender",
		says:  saysIdentity,
		check: packetIdentities,
	},
	{
		name:  "Streams are identified",
		says:  "Its streams, if it has any, are each an [IdentifiedConn].",
		check: streamIdentities,
	},
	{
		name:  "PeerIdentity does not change",
		says:  "PeerIdentity is the name that the peer has proved to be its own. It does not change.",
		check: identityStays,
	},
}

var connectionSentences = []sentence[network]{{
	name: "FromAnyPort does not change",
	says: "FromAnyPort reports whether that is so. It does not change.",
	check: func(t testing.TB, listen network) {
		a, b := open(t, listen), open(t, listen)
		is := a.Transport.(swim.ConnectionTransport).FromAnyPort
		was := is()
		a.deliver(t, b, a.Addr(), "hello")
		b.deliver(t, a, b.Addr(), "hello")
		after := is()
		_ = a.Close() // told elsewhere
		if after != was || is() != was {
			t.Errorf("FromAnyPort was %v, then %v after some packets and %v after Close", was, after, is())
		}
	},
}}

// identityOf is the name of a, as b hears it with a packet.
func identityOf(t testing.TB, a swim.Transport, b swim.IdentifyingTransport, text string) string {
	t.Helper()
	defer repeat(t, func() { _ = a.WritePacket([]byte(text), b.Addr()) })()
	type answer struct {
		identity string
		err      error
	}
	got := ends(t, "ReadPacketIdentity", func() answer {
		p := make([]byte, largest)
		for range patienceErrors {
			n, _, identity, err := b.ReadPacketIdentity(p)
			if err == nil && string(p[:n]) == text || errors.Is(err, net.ErrClosed) {
				return answer{identity, err}
			}
		}
		return answer{"", errors.New("no packet came")}
	})
	if got.err != nil {
		t.Fatalf("ReadPacketIdentity: %v", got.err)
	}
	return got.identity
}

func packetIdentities(t testing.TB, listen network) {
	var all [3]swim.IdentifyingTransport
	for i := range all {
		all[i] = listen().(swim.IdentifyingTransport)
	}
	a, b, c := all[0], all[1], all[2]
	first := identityOf(t, a, c, "first of a")
	if first == "" {
		t.Errorf("ReadPacketIdentity returned no name")
	}
	if other := identityOf(t, b, c, "first of b"); other == first {
		t.Errorf("ReadPacketIdentity returned %q for two senders", first)
	}
	if again := identityOf(t, a, c, "second of a"); again != first {
		t.Errorf("ReadPacketIdentity returned %q for a sender, and then %q", first, again)
	}
	if elsewhere := identityOf(t, a, b, "third of a"); elsewhere != first {
		t.Errorf("ReadPacketIdentity returned %q for a sender, and elsewhere %q", first, elsewhere)
	}
}

// identified are two ends of a stream of a transport that identifies, if it has streams.
func identified(t testing.TB, listen network) (a, b *streams, out, in swim.IdentifiedConn) {
	t.Helper()
	probe := listen()
	_ = probe.Close() // told elsewhere
	if _, ok := probe.(swim.StreamTransport); !ok {
		return nil, nil, nil, nil
	}
	a, b = openStreams(t, listen), openStreams(t, listen)
	there, here := a.dial(t, b)
	out, dialed := there.(swim.IdentifiedConn)
	in, accepted := here.(swim.IdentifiedConn)
	if !dialed || !accepted {
		t.Fatalf("of a stream, that is an IdentifiedConn which was dialed: %v, accepted: %v", dialed, accepted)
	}
	return a, b, out, in
}

func streamIdentities(t testing.TB, listen network) {
	a, b, out, in := identified(t, listen)
	if a == nil {
		return
	}
	nameOfA := identityOf(t, a, b.StreamTransport.(swim.IdentifyingTransport), "of a")
	nameOfB := identityOf(t, b, a.StreamTransport.(swim.IdentifyingTransport), "of b")
	if got := out.PeerIdentity(); got != nameOfB {
		t.Errorf("PeerIdentity of a stream that was dialed is %q, and packets from there are of %q", got, nameOfB)
	}
	if got := in.PeerIdentity(); got != nameOfA {
		t.Errorf("PeerIdentity of a stream that was accepted is %q, and packets from there are of %q", got, nameOfA)
	}
}

func identityStays(t testing.TB, listen network) {
	a, _, out, in := identified(t, listen)
	if a == nil {
		return
	}
	toB, toA := out.PeerIdentity(), in.PeerIdentity()
	look := func(when string) {
		t.Helper()
		if out.PeerIdentity() != toB || in.PeerIdentity() != toA {
			t.Errorf("PeerIdentity was %q and %q, and is %q and %q %s", toB, toA, out.PeerIdentity(), in.PeerIdentity(), when)
		}
	}
	look("at once again")
	echo(t, out, in, "hello")
	look("after some bytes")
	_ = out.SetDeadline(time.Now().Add(time.Minute)) // told elsewhere
	_, _ = out.Close(), in.Close()                   // told elsewhere
	look("after Close")
}
