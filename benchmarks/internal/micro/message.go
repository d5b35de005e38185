package micro

import (
	"bytes"

	msgpack "github.com/hashicorp/go-msgpack/v2/codec"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

// messages measures the codecs alone.
func messages(b *bench) error {
	b.Title("one message with a claim is encoded, or decoded")
	b.Note("swim's codec.Msgpack into a buffer and a message that are there, as the node calls it. memberlist does not export its functions: what is")
	b.Note("measured is go-msgpack as they call it, with a new buffer, handle and encoder each time, and fields by name. Compression is not in it.")
	for _, what := range []struct {
		name             string
		swim, memberlist func(int) error
	}{
		{"encode", swimEncode, memberlistEncode},
		{"decode", swimDecode, memberlistDecode},
	} {
		err := b.compare("message", what.name,
			subject{swimName, func() (task, error) { return repeated(what.swim), nil }},
			subject{memberlistName, func() (task, error) { return repeated(what.memberlist), nil }},
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// repeated is a task of one function.
type repeated func(n int) error

func (r repeated) prepare(int) error { return nil }
func (r repeated) run(n int) error   { return r(n) }
func (r repeated) end() error        { return nil }

func swimMessage() *wire.Message {
	return &wire.Message{
		Kind: wire.Gossip, Sender: wire.Sender{Name: "a", Epoch: birth}, Updates: []wire.Update{claimAbout(1).update()},
	}
}

func swimEncode(n int) (err error) {
	m, buf := swimMessage(), []byte(nil)
	for range n {
		if buf, err = (codec.Msgpack{}).Append(buf[:0], m); err != nil {
			return err
		}
	}
	return nil
}

func swimDecode(n int) error {
	data, err := codec.Msgpack{}.Append(nil, swimMessage())
	if err != nil {
		return err
	}
	var m wire.Message
	for range n {
		if err := (codec.Msgpack{}).Decode(&m, data); err != nil {
			return err
		}
	}
	return nil
}

func memberlistEncode(n int) error {
	c := claimAbout(1).fields()
	for range n {
		if _, err := memberlistMessage(memberlistAlive, c); err != nil {
			return err
		}
	}
	return nil
}

func memberlistDecode(n int) error {
	data, err := claimAbout(1).alive()
	if err != nil {
		return err
	}
	for range n {
		var c aliveFields
		handle := msgpack.MsgpackHandle{}
		if err := msgpack.NewDecoder(bytes.NewReader(data[1:]), &handle).Decode(&c); err != nil {
			return err
		}
	}
	return nil
}
