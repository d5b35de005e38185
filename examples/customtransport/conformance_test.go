package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
)

func TestContract(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no Unix datagram sockets")
	}
	dir, err := os.MkdirTemp("", "swim") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	made := 0
	swimtest.TestTransport(t, func(t *testing.T) swim.Transport {
		made++
		tr, err := listenUnix(filepath.Join(dir, strconv.Itoa(made)))
		if err != nil {
			t.Fatal(err)
		}
		return tr
	})
}
