package codec_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/hashicorp/go-msgpack/v2/codec"

	swim "github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/wire"
)

var seed = flag.Uint64("seed", 1, "seed of the random messages")

// The oracle is go-msgpack with structs as arrays: what a user of MessagePack
// would write from the package comment, with none of our code.
type (
	oracleMessage struct {
		Kind        uint8
		Seq         uint32
		Sender      string
		Epoch       uint64
		Incarnation uint32
		Target      string
		Cursor      uint32
		Updates     []oracleUpdate
		Payload     []byte
		Digest      uint64
		Broadcasts  []oracleBroadcast
	}
	oracleUpdate struct {
		Name, Addr  string
		Meta        []byte
		Epoch       uint64
		Incarnation uint32
		State       uint8
		From        string
		Age         uint32
		Token       []byte
	}
	oracleBroadcast struct {
		Origin     string
		Epoch, Seq uint64
		Channel    string
		Key        []byte
		Size       uint32
		Payload    []byte
	}
)

func oracleHandle() *codec.MsgpackHandle {
	h := &codec.MsgpackHandle{WriteExt: true}
	h.StructToArray = true
	return h
}

// toOracle makes every slice non-nil, since go-msgpack writes a nil one as nil.
func toOracle(m *wire.Message) *oracleMessage {
	o := &oracleMessage{
		Kind: uint8(m.Kind), Seq: m.Seq,
		Sender: m.Sender.Name, Epoch: m.Sender.Epoch, Incarnation: m.Sender.Incarnation,
		Target: m.Target, Cursor: m.Cursor,
		Updates: make([]oracleUpdate, len(m.Updates)),
		Payload: append([]byte{}, m.Payload...),
		Digest:  m.Digest,

		Broadcasts: make([]oracleBroadcast, len(m.Broadcasts)),
	}
	for i, u := range m.Updates {
		o.Updates[i] = oracleUpdate{
			Name: u.Name, Addr: u.Addr, Meta: []byte(u.Meta), Epoch: u.Epoch,
			Incarnation: u.Incarnation, State: uint8(u.State), From: u.From, Age: u.Age, Token: []byte(u.Token),
		}
	}
	for i, b := range m.Broadcasts {
		o.Broadcasts[i] = oracleBroadcast{
			Origin: b.Origin, Epoch: b.Epoch, Seq: b.Seq, Channel: b.Channel, Key: []byte(b.Key),
			Size: b.Size, Payload: append([]byte{}, b.Payload...),
		}
	}
	return o
}

// fromOracle makes every empty slice nil, as decode does.
func fromOracle(o *oracleMessage) wire.Message {
	m := wire.Message{
		Kind: wire.Kind(o.Kind), Seq: o.Seq,
		Sender: wire.Sender{Name: o.Sender, Epoch: o.Epoch, Incarnation: o.Incarnation},
		Target: o.Target, Cursor: o.Cursor, Digest: o.Digest,
	}
	if len(o.Payload) > 0 {
		m.Payload = o.Payload
	}
	for _, u := range o.Updates {
		m.Updates = append(m.Updates, wire.Update{
			Member: wire.Member{
				Name: u.Name, Addr: u.Addr, Meta: string(u.Meta), Epoch: u.Epoch,
				Incarnation: u.Incarnation, State: wire.State(u.State), Token: string(u.Token),
			},
			From: u.From, Age: u.Age,
		})
	}
	for _, b := range o.Broadcasts {
		m.Broadcasts = append(m.Broadcasts, wire.Broadcast{
			Origin: b.Origin, Epoch: b.Epoch, Seq: b.Seq, Channel: b.Channel, Key: string(b.Key), Size: b.Size,
		})
		if len(b.Payload) > 0 {
			m.Broadcasts[len(m.Broadcasts)-1].Payload = b.Payload
		}
	}
	return m
}

// checkOracle checks that both codecs write the same bytes for m, and that each
// reads m back from what the other wrote.
func checkOracle(t testing.TB, m *wire.Message) {
	t.Helper()
	h := oracleHandle()
	var theirs []byte
	if err := codec.NewEncoderBytes(&theirs, h).Encode(toOracle(m)); err != nil {
		t.Fatalf("oracle: %v", err)
	}
	ours := encode(t, m)
	if !bytes.Equal(ours, theirs) {
		t.Fatalf("%+v\nencodes as\n%soracle:\n%s", m, hex.Dump(ours), hex.Dump(theirs))
	}
	if got := decode(t, theirs); !reflect.DeepEqual(got, *m) {
		t.Fatalf("decodes as\n%+v\nwant\n%+v", got, m)
	}
	var o oracleMessage
	if err := codec.NewDecoderBytes(ours, h).Decode(&o); err != nil {
		t.Fatalf("oracle: %v", err)
	}
	if got := fromOracle(&o); !reflect.DeepEqual(got, *m) {
		t.Fatalf("oracle decodes as\n%+v\nwant\n%+v", got, m)
	}
}

func TestOracleSamples(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) { checkOracle(t, &s.msg) })
	}
}

func TestOracleRandom(t *testing.T) {
	for s := *seed; s < *seed+4000; s++ {
		m := random(rand.New(rand.NewPCG(s, 0)))
		if checkOracle(t, &m); t.Failed() {
			t.Fatalf("replay with -run TestOracleRandom -seed %d", s)
		}
	}
}

// TestOracleCounts has as many claims as where the header of the array grows.
func TestOracleCounts(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 65535, 65536} {
		m := wire.Message{Kind: wire.Sync}
		if n > 0 {
			m.Updates = claims(n)
		}
		checkOracle(t, &m)
	}
}

// TestOracleBroadcastCounts has as many broadcasts as where their header grows.
func TestOracleBroadcastCounts(t *testing.T) {
	for _, n := range []int{1, 15, 16, wire.MaxBroadcasts} {
		checkOracle(t, &wire.Message{Kind: wire.Fetch, Broadcasts: make([]wire.Broadcast, n)})
	}
}

// TestOracleNil reads what go-msgpack writes for nil slices.
func TestOracleNil(t *testing.T) {
	var data []byte
	o := oracleMessage{Kind: 5, Sender: "alice", Updates: []oracleUpdate{{Name: "bob"}}}
	if err := codec.NewEncoderBytes(&data, oracleHandle()).Encode(o); err != nil {
		t.Fatal(err)
	}
	want := wire.Message{
		Kind: wire.Gossip, Sender: wire.Sender{Name: "alice"},
		Updates: []wire.Update{{Member: wire.Member{Name: "bob"}}},
	}
	if m := decode(t, data); !reflect.DeepEqual(m, want) {
		t.Errorf("decodes as %+v, want %+v", m, want)
	}
	o.Updates = nil
	data = data[:0]
	if err := codec.NewEncoderBytes(&data, oracleHandle()).Encode(o); err != nil {
		t.Fatal(err)
	}
	if m := (wire.Message{Updates: claims(3)}); (swim.Msgpack{}).Decode(&m, data) != nil || len(m.Updates) != 0 {
		t.Errorf("%d claims, want none", len(m.Updates))
	}
}
