package swimtest

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

var errBroken = errors.New("broken")

func TestGoodCodec(t *testing.T) {
	TestCodec(t, func() swim.Codec { return spoiltCodec{} })
}

// spoiltCodec is Msgpack but for the methods that are given.
type spoiltCodec struct {
	codec.Msgpack
	append     func(dst []byte, m *wire.Message) ([]byte, error)
	decode     func(m *wire.Message, data []byte) error
	size       func(m *wire.Message) int
	updateSize func(u *wire.Update) int
	validate   error
}

func (c spoiltCodec) Append(dst []byte, m *wire.Message) ([]byte, error) {
	if c.append != nil {
		return c.append(dst, m)
	}
	return c.Msgpack.Append(dst, m)
}

func (c spoiltCodec) Decode(m *wire.Message, data []byte) error {
	if c.decode != nil {
		return c.decode(m, data)
	}
	return c.Msgpack.Decode(m, data)
}

func (c spoiltCodec) Size(m *wire.Message) int {
	if c.size != nil {
		return c.size(m)
	}
	return c.Msgpack.Size(m)
}

func (c spoiltCodec) UpdateSize(u *wire.Update) int {
	if c.updateSize != nil {
		return c.updateSize(u)
	}
	return c.Msgpack.UpdateSize(u)
}

func (c spoiltCodec) Validate() error { return c.validate }

var good codec.Msgpack

var sink []byte // what is made for nothing has to go somewhere

func TestBrokenCodecs(t *testing.T) {
	always := func(c spoiltCodec) func(*testing.T) func() swim.Codec {
		return just(func() swim.Codec { return c })
	}
	catches(t, codecSentences, false, []broken[func() swim.Codec]{
		{
			fault: "a field is lost", sentence: "Messages come out as they went in",
			also: []string{
				"One codec understands another", "Several goroutines may use it at once", "Append appends to dst",
				"Append does not keep the message", "Decode overwrites what was there",
			},
			bind: always(spoiltCodec{decode: func(m *wire.Message, data []byte) error {
				err := good.Decode(m, data)
				m.Cursor = 0
				return err
			}}),
		},
		{
			fault: "bytes that are no text are lost", sentence: "Messages come out as they went in",
			also: []string{
				"One codec understands another", "Several goroutines may use it at once", "Append appends to dst",
				"Append does not keep the message", "Decode overwrites what was there",
			},
			bind: always(spoiltCodec{decode: func(m *wire.Message, data []byte) error {
				err := good.Decode(m, data)
				for i := range m.Updates {
					m.Updates[i].Token = string(bytes.ToValidUTF8([]byte(m.Updates[i].Token), nil))
				}
				return err
			}}),
		},
		{fault: "each codec has a secret", sentence: "One codec understands another", bind: just(secretive())},
		{
			fault: "a codec is for one at a time", sentence: "Several goroutines may use it at once",
			bind: func(*testing.T) func() swim.Codec { return lonely() },
		},
		{
			fault: "Append overwrites dst", sentence: "Append appends to dst",
			bind: always(spoiltCodec{append: func(dst []byte, m *wire.Message) ([]byte, error) {
				return good.Append(dst[:0], m)
			}}),
		},
		{
			fault: "Append sorts the claims", sentence: "Append does not change the message",
			also: []string{"Append does not keep the message"},
			bind: always(spoiltCodec{append: func(dst []byte, m *wire.Message) ([]byte, error) {
				slices.Reverse(m.Updates)
				return good.Append(dst, m)
			}}),
		},
		{
			fault: "Append keeps the last encoding", sentence: "Append does not keep the message",
			bind: func(*testing.T) func() swim.Codec { return keeping() },
		},
		{
			fault: "encodings begin with the mark", sentence: "No encoding begins with 0xc1",
			bind: always(spoiltCodec{
				append: func(dst []byte, m *wire.Message) ([]byte, error) { return good.Append(append(dst, 0xc1), m) },
				decode: func(m *wire.Message, data []byte) error {
					if len(data) == 0 || data[0] != 0xc1 {
						return errBroken
					}
					return good.Decode(m, data[1:])
				},
				size: func(m *wire.Message) int { return good.Size(m) + 1 },
			}),
		},
		{
			fault: "Decode leaves an old Target", sentence: "Decode overwrites what was there",
			also: []string{"Several goroutines may use it at once"},
			bind: always(spoiltCodec{decode: func(m *wire.Message, data []byte) error {
				old := m.Target
				err := good.Decode(m, data)
				if m.Target == "" {
					m.Target = old
				}
				return err
			}}),
		},
		{
			fault: "Decode makes room anew", sentence: "Decode reuses the room of Updates",
			bind: always(spoiltCodec{decode: func(m *wire.Message, data []byte) error {
				*m = wire.Message{}
				return good.Decode(m, data)
			}}),
		},
		{
			fault: "Decode panics where there is nothing", sentence: "Decode returns an error rather than panic",
			bind: always(spoiltCodec{decode: func(m *wire.Message, data []byte) error {
				_ = data[0]
				return good.Decode(m, data)
			}}),
		},
		{
			fault: "Decode believes a length", sentence: "Decode allocates in proportion to what came",
			bind: always(spoiltCodec{decode: func(m *wire.Message, data []byte) error {
				err := good.Decode(m, data)
				if err != nil && len(data) > 0 {
					sink = make([]byte, int(data[len(data)-1])<<14)
				}
				return err
			}}),
		},
		{
			fault: "Size says a hundred bytes too much", sentence: "Size is what Append makes or a few bytes more",
			bind: always(spoiltCodec{size: func(m *wire.Message) int { return good.Size(m) + 100 }}),
		},
		{
			fault: "UpdateSize says a hundred bytes too much", sentence: "Size is what Append makes or a few bytes more",
			bind: always(spoiltCodec{updateSize: func(u *wire.Update) int { return good.UpdateSize(u) + 100 }}),
		},
		{
			fault: "Size falls short", sentence: "Size is what Append makes or a few bytes more",
			also: []string{
				"Several goroutines may use it at once", "Size and UpdateSize together never fall short",
				"Size counts a broadcast as the second of two",
			},
			bind: always(spoiltCodec{size: func(m *wire.Message) int { return good.Size(m) - 7 }}),
		},
		{
			fault: "UpdateSize falls short by a byte", sentence: "Size and UpdateSize together never fall short",
			bind: always(spoiltCodec{updateSize: func(u *wire.Update) int { return good.UpdateSize(u) - 1 }}),
		},
		{
			fault: "what comes between broadcasts is not counted", sentence: "Size counts a broadcast as the second of two",
			bind: always(spoiltCodec{size: func(m *wire.Message) int {
				if len(m.Broadcasts) == 2 && m.Broadcasts[0].Origin == "" {
					return good.Size(m) - 1
				}
				return good.Size(m)
			}}),
		},
		{
			fault: "it is set up wrongly", sentence: "Validate returns nil for a layer that can be used",
			bind: always(spoiltCodec{validate: errBroken}),
		},
	})
}

// secretive makes codecs that end each message with a number of their own.
func secretive() func() swim.Codec {
	var made byte
	return func() swim.Codec {
		made++
		own := made
		return spoiltCodec{
			append: func(dst []byte, m *wire.Message) ([]byte, error) {
				data, err := good.Append(dst, m)
				return append(data, own), err
			},
			decode: func(m *wire.Message, data []byte) error {
				rest, ok := bytes.CutSuffix(data, []byte{own})
				if !ok {
					return errBroken
				}
				return good.Decode(m, rest)
			},
			size: func(m *wire.Message) int { return good.Size(m) + 1 },
		}
	}
}

// lonely makes codecs that refuse whom they meet in Append.
func lonely() func() swim.Codec {
	var inside atomic.Int32
	return func() swim.Codec {
		return spoiltCodec{append: func(dst []byte, m *wire.Message) ([]byte, error) {
			defer inside.Add(-1)
			if inside.Add(1) > 1 {
				return dst, errBroken
			}
			for range 10 {
				runtime.Gosched()
			}
			return good.Append(dst, m)
		}}
	}
}

// keeping makes codecs that encode a message that they encoded last as they did then.
func keeping() func() swim.Codec {
	var (
		mu   sync.Mutex
		last *wire.Message
		data []byte
	)
	return func() swim.Codec {
		return spoiltCodec{append: func(dst []byte, m *wire.Message) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			var err error
			if m != last {
				last = m
				data, err = good.Append(nil, m)
			}
			return append(dst, data...), err
		}}
	}
}
