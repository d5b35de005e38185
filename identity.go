package swim

import "net"

// packetReader returns how the packets of a transport are read: with the identity
// of who sent them, where it is known, and else with none.
func packetReader(t Transport) func(p []byte) (n int, from, identity string, err error) {
	if t, ok := t.(IdentifyingTransport); ok {
		return t.ReadPacketIdentity
	}
	return func(p []byte) (n int, from, identity string, err error) {
		n, from, err = t.ReadPacket(p)
		return n, from, "", err
	}
}

// peerIdentity is who is known to be at the other end of a stream.
func peerIdentity(conn net.Conn) string {
	if c, ok := conn.(IdentifiedConn); ok {
		return c.PeerIdentity()
	}
	return ""
}
