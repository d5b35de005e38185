package transport

import (
	"errors"
	"testing"
)

func TestDeadPeerDelaysNobody(t *testing.T) {
	a, b := listenTCP(t, TCPConfig{}), listenTCP(t, TCPConfig{})
	dead := mute(t) // dialing it hangs
	for range 1000 {
		if err := a.WritePacket(make([]byte, 1000), dead); err != nil {
			t.Fatal(err)
		}
	}
	ask(t, a, b, "to another")
	if s := a.Stats(); s.QueueFull == 0 || s.Outgoing != 2 {
		t.Errorf("%+v", s)
	}
	a.Close()
	eventually(t, "the dial ends", func() bool { return a.Stats().Outgoing == 0 })
}

// TestBusyConnectionsAreNotShed: a packet that this side has no connection for
// must not count as sent.
func TestBusyConnectionsAreNotShed(t *testing.T) {
	a, b := listenTCP(t, TCPConfig{MaxOutgoing: 1}), listenTCP(t, TCPConfig{})
	if err := a.WritePacket([]byte("x"), mute(t)); err != nil {
		t.Fatal(err)
	}
	if err := a.WritePacket([]byte("x"), b.Addr()); !errors.Is(err, ErrConnections) {
		t.Errorf("the only connection is being opened: %v", err)
	}
}
