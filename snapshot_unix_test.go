//go:build unix

package swim

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A pipe that nobody writes to would hold up the start for ever.
func TestSnapshotIsNoPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("this system makes no pipes: %v", err)
	}
	read := make(chan error, 1)
	go func() {
		_, err := readPast(path)
		read <- err
	}()
	select {
	case err := <-read:
		if !errors.Is(err, errNoSnapshot) {
			t.Errorf("%v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits for who writes to it")
	}
}
