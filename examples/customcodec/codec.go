package main

import (
	"encoding/json"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/wire"
)

// jsonCodec encodes messages as JSON, which people can read in a packet dump. It
// has no state, so any number of goroutines may use it at once.
type jsonCodec struct{}

var _ swim.Codec = jsonCodec{}

// jsonMessage, jsonUpdate and jsonBroadcast are their counterparts in package wire, but
// for the fields that they redefine: of two fields with one name, encoding/json takes the
// outer one. Metadata, tokens and keys may be any bytes, and JSON strings may not, so
// they travel as base64; or else a message would not come out as it went in.
type (
	jsonMessage struct {
		wire.Message
		Broadcasts []jsonBroadcast
		Updates    []jsonUpdate
	}
	jsonUpdate struct {
		wire.Update
		Token, Meta []byte
	}
	jsonBroadcast struct {
		wire.Broadcast
		Key []byte
	}
)

func updateToJSON(u wire.Update) jsonUpdate { return jsonUpdate{u, []byte(u.Token), []byte(u.Meta)} }

// Append appends the encoding of m to dst.
func (jsonCodec) Append(dst []byte, m *wire.Message) ([]byte, error) {
	j := jsonMessage{Message: *m, Updates: make([]jsonUpdate, len(m.Updates))}
	for i, u := range m.Updates {
		j.Updates[i] = updateToJSON(u)
	}
	for _, b := range m.Broadcasts {
		j.Broadcasts = append(j.Broadcasts, jsonBroadcast{b, []byte(b.Key)})
	}
	data, err := json.Marshal(j)
	return append(dst, data...), err
}

// Decode overwrites m with what data says. Package json refuses what is no JSON,
// and allocates by what it reads, not by what a length claims.
func (jsonCodec) Decode(m *wire.Message, data []byte) error {
	var j jsonMessage
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	// The room for claims serves again, and nothing of the last message is left.
	updates, broadcasts := m.Updates[:0], m.Broadcasts[:0]
	*m = j.Message
	m.Updates, m.Broadcasts = updates, broadcasts
	for _, u := range j.Updates {
		u.Update.Meta, u.Update.Token = string(u.Meta), string(u.Token)
		m.Updates = append(m.Updates, u.Update)
	}
	for _, b := range j.Broadcasts {
		b.Broadcast.Key = string(b.Key)
		m.Broadcasts = append(m.Broadcasts, b.Broadcast)
	}
	return nil
}

// Size is the length of the encoding. A codec for many thousands of packets a
// second would compute it instead, as codec.Msgpack does.
func (c jsonCodec) Size(m *wire.Message) int {
	data, _ := c.Append(nil, m) // what cannot be encoded shows when it is to be sent
	return len(data)
}

// UpdateSize is by how much u makes a message longer: its encoding, and a comma.
// Too small an answer would make packets that are too large to be sent.
func (jsonCodec) UpdateSize(u *wire.Update) int {
	data, _ := json.Marshal(updateToJSON(*u))
	return len(data) + len(",")
}
