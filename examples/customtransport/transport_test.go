package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// pair returns two transports, and skips where there can be none.
func pair(t *testing.T) (a, b *unixTransport) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no Unix datagram sockets")
	}
	dir, err := os.MkdirTemp("", "swim") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var both [2]*unixTransport
	for i := range both {
		if both[i], err = listenUnix(filepath.Join(dir, string("ab"[i]))); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = both[i].Close() })
	}
	return both[0], both[1]
}

func TestPacketsArriveWithTheirSender(t *testing.T) {
	a, b := pair(t)
	for _, packet := range []string{"hello", "", strings.Repeat("x", 1400)} {
		if err := a.WritePacket([]byte(packet), b.Addr()); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 2000)
		n, from, err := b.ReadPacket(buf)
		if err != nil || string(buf[:n]) != packet || from != a.Addr() {
			t.Errorf("a packet of %d bytes came as %d bytes from %q, %v", len(packet), n, from, err)
		}
	}
}

func TestLargePacketIsCut(t *testing.T) {
	a, b := pair(t)
	for range 2 { // the rest of the first must not come as the second
		if err := a.WritePacket([]byte("hello"), b.Addr()); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 3)
		if n, _, err := b.ReadPacket(buf); err != nil || string(buf[:n]) != "hel" {
			t.Errorf("got %q, %v, want hel", buf[:n], err)
		}
	}
}

// Packets to the dead are lost in silence, or nobody would accuse them.
func TestNobodyThereIsNoError(t *testing.T) {
	a, b := pair(t)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.WritePacket([]byte("hello"), b.Addr()); err != nil {
		t.Errorf("a packet to a closed transport: %v", err)
	}
	// A process that was killed leaves its socket behind.
	left, err := listenUnix(b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := left.conn.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(b.Addr()); err != nil {
		t.Fatal(err)
	}
	if err := a.WritePacket([]byte("hello"), b.Addr()); err != nil {
		t.Errorf("a packet to a socket that nobody reads: %v", err)
	}
}

// A receiver that reads nothing must not hold up the sender for ever.
func TestFullReceiverDoesNotBlock(t *testing.T) {
	a, b := pair(t)
	var err error
	for range 100_000 {
		if err = a.WritePacket(make([]byte, 1400), b.Addr()); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("no packet found the receiver full")
	}
}

func TestCloseEndsReadingAndWriting(t *testing.T) {
	a, b := pair(t)
	reading := make(chan error)
	go func() {
		_, _, err := a.ReadPacket(make([]byte, 100))
		reading <- err
	}()
	for range 2 {
		if err := a.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if err := <-reading; !errors.Is(err, net.ErrClosed) {
		t.Errorf("ReadPacket ended with %v, want net.ErrClosed", err)
	}
	if err := a.WritePacket([]byte("hello"), b.Addr()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("WritePacket after Close: %v, want net.ErrClosed", err)
	}
}
