package swim

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"
)

func TestFrameRoundTrip(t *testing.T) {
	for _, size := range []int{0, 1, 511, 512, 513, 100_000} {
		body := bytes.Repeat([]byte{7}, size)
		frame := append(beginFrame(size), body...)
		endFrame(frame)
		got, err := readFrame(bytes.NewReader(append(frame, "next"...)), size)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%d bytes: read %d, %v", size, len(got), err)
		}
		if _, err := readFrame(bytes.NewReader(frame), size-1); size > 0 && !errors.Is(err, errFrameSize) {
			t.Errorf("one byte more than allowed: %v", err)
		}
		for _, cut := range []int{2, 4, len(frame) - 1} {
			want := io.ErrUnexpectedEOF
			if _, err := readFrame(bytes.NewReader(frame[:min(cut, len(frame))]), size); cut < len(frame) && !errors.Is(err, want) {
				t.Errorf("%d bytes of %d: %v", cut, len(frame), err)
			}
		}
	}
	if _, err := readFrame(bytes.NewReader(nil), 10); !errors.Is(err, io.EOF) {
		t.Errorf("nothing at all: %v", err)
	}
}

// A length costs nothing; what arrives does.
func TestFrameMemoryFollowsWhatArrived(t *testing.T) {
	claim := append([]byte{0x3f, 0xff, 0xff, 0xff}, make([]byte, 1000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		if _, err := readFrame(bytes.NewReader(claim), 1<<30); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / 100; got > 10_000 {
		t.Errorf("%d bytes allocated for 1000 that arrived", got)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{0, 0, 0, 3, 1, 2, 3})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		body, err := readFrame(bytes.NewReader(data), 1000)
		if err != nil {
			return
		}
		frame := append(beginFrame(len(body)), body...)
		endFrame(frame)
		if !bytes.HasPrefix(data, frame) {
			t.Errorf("%x is read as %x", data, body)
		}
	})
}
