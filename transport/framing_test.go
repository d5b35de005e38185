package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"
)

func TestFramesOfAllSizes(t *testing.T) {
	const seed = 1
	rng := rand.New(rand.NewPCG(seed, seed))
	var stream []byte
	var sent [][]byte
	for _, size := range []int{0, 1, 2, 1400, bufferBytes, frameBufferBytes - 2, frameBufferBytes - 1, frameBufferBytes, MaxPacketBytes, 0} {
		p := make([]byte, size)
		for i := range p {
			p[i] = byte(rng.Uint32())
		}
		sent = append(sent, p)
		stream = appendFrame(stream, p)
	}
	for name, r := range map[string]io.Reader{
		"at once":      bytes.NewReader(stream),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(stream)),
		"in halves":    iotest.HalfReader(bytes.NewReader(stream)),
		"with the end": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		in := newFrames(r)
		var buf []byte
		for i, want := range sent {
			if err := in.await(); err != nil {
				t.Fatalf("%s: frame %d: %v", name, i, err)
			}
			size, err := in.head()
			if err != nil {
				t.Fatalf("%s: frame %d: %v", name, i, err)
			}
			if buf, err = in.body(buf, int(size)); err != nil || !bytes.Equal(buf, want) {
				t.Fatalf("%s: frame %d: got %d bytes, want %d, %v", name, i, len(buf), len(want), err)
			}
		}
		if err := in.await(); err != io.EOF {
			t.Errorf("%s: after all: %v", name, err)
		}
	}
}

// TestRoomGrowsWithWhatArrives: a length is only a claim.
func TestRoomGrowsWithWhatArrives(t *testing.T) {
	for _, arrived := range []int{0, 1, bufferBytes, 3 * bufferBytes, MaxPacketBytes - 1} {
		in := newFrames(bytes.NewReader(appendFrame(nil, make([]byte, MaxPacketBytes))[:frameHeadBytes+arrived]))
		size, err := in.head()
		if err != nil || size != MaxPacketBytes {
			t.Fatal(size, err)
		}
		buf, err := in.body(nil, int(size))
		if err == nil || len(buf) != arrived {
			t.Errorf("got %d bytes of %d, %v", len(buf), arrived, err)
		}
		if limit := 3*arrived + 2*bufferBytes; cap(buf) > limit {
			t.Errorf("%d bytes arrived, and room for %d was made", arrived, cap(buf))
		}
	}
}

func TestWholeFrames(t *testing.T) {
	for _, c := range []struct {
		stream string
		whole  bool
	}{
		{"", false},
		{"\x00", false},
		{"\x00\x00", true},
		{"\x00\x02a", false},
		{"\x00\x02ab", true},
		{"\x00\x02abc", true},
		{"\xff\xff", true},
		{"\xff\xe4", true}, // will be refused, and not be waited for
		{"\xff\xe3", false},
	} {
		in := newFrames(bytes.NewReader([]byte(c.stream)))
		_ = in.await()
		if in.whole() != c.whole {
			t.Errorf("%q: whole is %v", c.stream, !c.whole)
		}
	}
}

// parse is what frames should make of a stream: the packets in it, and whether it
// ends between two frames.
func parse(stream []byte) (packets [][]byte, clean bool) {
	for len(stream) >= 2 {
		size := int(binary.BigEndian.Uint16(stream))
		stream = stream[2:]
		switch {
		case size > 0xfffd:
			continue
		case size > 65507 || size > len(stream):
			return packets, false
		}
		packets = append(packets, stream[:size])
		stream = stream[size:]
	}
	return packets, len(stream) == 0
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x05hello\xff\xff\x00\x00\xff\xfe\x00\x01x"), byte(0))
	f.Add([]byte("\xff\xe3only a claim"), byte(1))
	f.Add([]byte("\xff\xe4"), byte(2))
	f.Add(appendFrame(nil, make([]byte, 3*bufferBytes)), byte(3))
	f.Add([]byte{0}, byte(4))
	f.Fuzz(func(t *testing.T, stream []byte, chunk byte) {
		want, clean := parse(stream)
		var r io.Reader = bytes.NewReader(stream)
		if chunk > 0 {
			r = &chunks{r: r, size: int(chunk)}
		}
		in := newFrames(r)
		var got [][]byte
		for {
			err := in.await()
			between := err != nil
			if err == nil {
				err = readOne(t, in, &got, len(stream))
			}
			if err != nil {
				if clean != (err == io.EOF && in.r.Buffered() == 0 && between) {
					t.Errorf("it ends with %v; without fault is %v", err, clean)
				}
				break
			}
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%d packets, want %d", len(got), len(want))
		}
	})
}

func readOne(t *testing.T, in frames, got *[][]byte, arrived int) error {
	size, err := in.head()
	if err != nil || size > MaxPacketBytes {
		return err
	}
	buf, err := in.body(nil, int(size))
	if cap(buf) > 3*arrived+2*bufferBytes {
		t.Errorf("room for %d bytes of %d", cap(buf), arrived)
	}
	if err == nil {
		*got = append(*got, buf)
	}
	return err
}

// chunks reads up to so many bytes at a time.
type chunks struct {
	r    io.Reader
	size int
}

func (c *chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.size)]) }

func FuzzPreamble(f *testing.F) {
	for kind := range byte(5) {
		opening := preamble(kind)
		f.Add(opening[:])
	}
	f.Add([]byte("GET / HTTP/1.1"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		kind, err := readPreamble(r)
		if read := len(stream) - r.Len(); read > preambleBytes {
			t.Errorf("read %d bytes", read)
		}
		if err != nil {
			if kind != 0 || len(stream) >= preambleBytes && !errors.Is(err, errPreamble) {
				t.Errorf("%x: %d, %v", stream, kind, err)
			}
			return
		}
		if want := preamble(kind); !bytes.HasPrefix(stream, want[:]) || kind < forPackets || kind > packetsAccepted {
			t.Errorf("%x is taken for %d", stream, kind)
		}
	})
}
