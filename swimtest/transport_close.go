package swimtest

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func closeEndsRead(t testing.TB, listen network) {
	a := listen()
	read := func() error {
		_, _, err := a.ReadPacket(make([]byte, largest))
		return err
	}
	waiting := make(chan error, 1)
	go safely(t, func() {
		err := read()
		for n := 0; n < patienceErrors && err != nil && !errors.Is(err, net.ErrClosed); n++ {
			err = read()
		}
		waiting <- err
	})
	time.Sleep(time.Millisecond) // it most likely waits by then; if not, it is told all the same
	_ = a.Close()                // its result is told elsewhere
	if err := ends(t, "ReadPacket, when Close was called,", func() error { return <-waiting }); !errors.Is(err, net.ErrClosed) {
		t.Errorf("ReadPacket ended with %v, want an error that wraps net.ErrClosed", err)
	}
	if err := ends(t, "ReadPacket after Close", read); !errors.Is(err, net.ErrClosed) {
		t.Errorf("ReadPacket after Close: %v, want an error that wraps net.ErrClosed", err)
	}
}

func closeEndsWrite(t testing.TB, listen network) {
	a, b := listen(), listen()
	_ = a.Close() // its result is told elsewhere
	write := func() error { return a.WritePacket([]byte("hello"), b.Addr()) }
	if err := ends(t, "WritePacket after Close", write); !errors.Is(err, net.ErrClosed) {
		t.Errorf("WritePacket after Close: %v, want an error that wraps net.ErrClosed", err)
	}
}

func closeAgain(t testing.TB, listen network) {
	a := listen()
	for i := range 4 {
		if err := ends(t, "Close", a.Close); err != nil {
			t.Errorf("call %d of Close: %v", i+1, err)
		}
	}
}

// closeFrees opens and closes pairs of transports. Other tests may open and start what
// they like meanwhile, so only as many as there were transports are too many.
func closeFrees(t testing.TB, listen network) {
	const pairs = 12
	goroutines, files := runtime.NumGoroutine(), openFiles()
	for range pairs {
		a, b := open(t, listen), open(t, listen)
		b.deliver(t, a, b.Addr(), "hello")
		for _, tr := range []*inbox{a, b} {
			_ = tr.Close() // its result is told elsewhere
		}
		within(t, patience, "ReadPacket after Close", a.reading.Wait)
		within(t, patience, "ReadPacket after Close", b.reading.Wait)
	}
	wantBack(t, "goroutines", runtime.NumGoroutine, goroutines+pairs-1)
	wantBack(t, "open files", openFiles, files+pairs-1)
}

// openFiles counts the file descriptors of this process where it can.
func openFiles() int {
	files, _ := os.ReadDir("/proc/self/fd")
	return len(files)
}

// wantBack waits until a count is down: what was told to end is gone a moment later.
func wantBack(t testing.TB, what string, count func() int, most int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		n := count()
		if n <= most {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d %s, where %d were expected at most: Close leaves some behind", n, what, most)
		}
	}
}

// methodsBesideEachOther is for the race detector, and for what waits for ever.
func methodsBesideEachOther(t testing.TB, listen network) {
	for round := range 20 {
		a, b := listen(), listen()
		var wg sync.WaitGroup
		var closed atomic.Bool
		untilClosed := func(what string, call func() error) {
			beside(t, &wg, func() {
				for {
					last := closed.Load()
					err := call()
					if errors.Is(err, net.ErrClosed) {
						return
					}
					if last {
						t.Errorf("%s after Close: %v", what, err)
						return
					}
				}
			})
		}
		buf := make([]byte, 64)
		untilClosed("ReadPacket", func() error { _, _, err := a.ReadPacket(buf); return err })
		untilClosed("WritePacket", func() error {
			return errors.Join(a.WritePacket([]byte("to a"), a.Addr()), a.WritePacket([]byte("to b"), b.Addr()))
		})
		for range round {
			runtime.Gosched()
		}
		for range 2 {
			beside(t, &wg, func() {
				if err := a.Close(); err != nil {
					t.Errorf("Close beside others: %v", err)
				}
				closed.Store(true)
			})
		}
		within(t, 2*patience, "a method beside Close", wg.Wait)
		_ = b.Close() // told elsewhere
		if t.Failed() {
			return
		}
	}
}
