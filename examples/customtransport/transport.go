package main

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/swim-go/swim"
)

// unixTransport carries packets over Unix datagram sockets, for processes that
// share a machine and want no port open. An address is the path of a socket.
//
// It has no streams, and so is no swim.StreamTransport: joins and syncs are cut
// into packets instead.
type unixTransport struct {
	conn *net.UnixConn
	path string
}

var _ swim.Transport = (*unixTransport)(nil)

// listenUnix makes a transport whose socket is at path, of at most about 100
// bytes, where no file may be.
func listenUnix(path string) (*unixTransport, error) {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	return &unixTransport{conn, path}, nil
}

// Addr is what peers write to, and what their ReadPacket says our packets are from.
func (t *unixTransport) Addr() string { return t.path }

// ReadPacket has its semantics from the socket: one call returns one packet,
// cut to len(p), and after Close the error wraps net.ErrClosed.
func (t *unixTransport) ReadPacket(p []byte) (int, string, error) {
	n, from, err := t.conn.ReadFromUnix(p)
	if err != nil {
		return 0, "", err
	}
	return n, from.String(), nil
}

// writeLimit bounds how long a full receiver may hold up whoever writes to it,
// and so all others that are to be written to.
const writeLimit = 50 * time.Millisecond

// WritePacket sends p, or says that it did not.
func (t *unixTransport) WritePacket(p []byte, to string) error {
	// A Unix datagram socket blocks until the receiver has room, for ever if
	// need be.
	if err := t.conn.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return err
	}
	_, err := t.conn.WriteToUnix(p, &net.UnixAddr{Name: to, Net: "unixgram"})
	// Nobody there? Over a real network such a packet would be lost in silence,
	// and it has to be here. An error means that *we* could not send, and a node
	// accuses nobody over a probe that it could not send: the dead would live on.
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Close may be called twice, and by anybody: the node calls it too.
func (t *unixTransport) Close() error {
	err := t.conn.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	// The path is free again for the next life of this node.
	return errors.Join(err, os.Remove(t.path))
}
