package swimtest

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/swim-go/swim/wire"
)

// notText is what metadata, tokens, keys and payloads may hold: any bytes.
const notText = "\x00\xff\xfe\xc1 \"<\\\n\u00e9"

var sampleSender = wire.Sender{Name: "alice \"<\\\u00e9", Epoch: 1<<63 + 12345, Incarnation: 1<<32 - 1}

// messages are one of each kind, and then those that are awkward. Each call makes
// them anew.
func messages() []*wire.Message {
	all := []*wire.Message{
		{Kind: wire.Ping, Sender: wire.Sender{Name: "a"}, Target: "b"},
		{Kind: wire.Refusal, Sender: sampleSender, Payload: []byte("why not")},
		{Kind: wire.User, Sender: sampleSender, Target: "bob", Digest: 1<<64 - 1, Payload: []byte(notText)},
		{Kind: wire.Fetch, Seq: 3, Sender: sampleSender, Cursor: 1, Broadcasts: sampleBroadcasts(20)},
		{Kind: wire.Gossip, Sender: sampleSender, Updates: sampleClaims(3), Broadcasts: sampleBroadcasts(5)},
		{Kind: wire.SyncReply, Seq: 1<<32 - 1, Sender: sampleSender, Cursor: 1<<32 - 1, Updates: sampleClaims(40)},
	}
	for k := wire.Kind(1); k.Valid(); k++ {
		all = append(all, &wire.Message{
			Kind: k, Seq: 1 << k, Sender: sampleSender, Target: "bob", Cursor: uint32(k), Digest: 1<<53 + uint64(k),
			Payload: bytes.Repeat([]byte{byte(k)}, int(k)), Updates: sampleClaims(int(k)),
		})
	}
	return all
}

// sampleClaims are n claims of all states, one of which is as long as they get.
func sampleClaims(n int) []wire.Update {
	us := make([]wire.Update, n)
	for i := range us {
		us[i] = wire.Update{Member: wire.Member{
			Name: fmt.Sprintf("node-%d", i), Addr: fmt.Sprintf("[::1]:%d", i), Meta: notText[:i%len(notText)],
			Epoch: 1<<64 - 1 - uint64(i), Incarnation: uint32(i) << i, State: wire.State(i%4) + wire.Alive,
		}}
		if us[i].State == wire.Failed {
			us[i].From, us[i].Age = "carol", uint32(i)<<i
		}
	}
	if n > 1 {
		us[1].Name, us[1].Token = strings.Repeat("\u00e9", wire.MaxNameBytes/2), strings.Repeat(notText, 20)
		us[1].Meta = strings.Repeat("m", 300)
	}
	return us
}

// sampleBroadcasts are n broadcasts of all forms.
func sampleBroadcasts(n int) []wire.Broadcast {
	bs := make([]wire.Broadcast, n)
	for i := range bs {
		bs[i] = wire.Broadcast{Origin: fmt.Sprintf("node-%d", i), Epoch: uint64(i) << i, Seq: 1<<i + 1}
		switch i % 4 {
		case 0:
			bs[i].Channel, bs[i].Payload = "chat", []byte(notText)
		case 1:
			bs[i].Channel, bs[i].Key, bs[i].Payload = "\u00e9tat", notText, bytes.Repeat([]byte{0xc1}, i*i)
		case 2:
			bs[i].Channel, bs[i].Size = "files", wire.MaxPayloadBytes
		}
	}
	return bs
}

// difference names the first field in which two messages differ, or is "". Room says
// nothing, and an empty slice says what nil does.
func difference(a, b *wire.Message) string {
	return differing("", reflect.ValueOf(plainMessage(a)), reflect.ValueOf(plainMessage(b)))
}

// differing is the path to where two values differ, behind that to the values.
func differing(path string, a, b reflect.Value) string {
	switch {
	case reflect.DeepEqual(a.Interface(), b.Interface()):
		return ""
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			if found := differing(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); found != "" {
				return found
			}
		}
	case a.Kind() == reflect.Slice && a.Len() == b.Len() && a.Type().Elem().Kind() == reflect.Struct:
		for i := range a.Len() {
			if found := differing(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i)); found != "" {
				return found
			}
		}
	}
	return strings.TrimPrefix(path, ".")
}

func plainMessage(m *wire.Message) wire.Message {
	p := *m
	p.Room = nil
	p.Payload = append([]byte{}, m.Payload...)
	p.Updates = append([]wire.Update{}, m.Updates...)
	p.Broadcasts = append([]wire.Broadcast{}, m.Broadcasts...)
	for i := range p.Broadcasts {
		p.Broadcasts[i].Payload = append([]byte{}, p.Broadcasts[i].Payload...)
	}
	return p
}

// brief tells messages apart in what is said of a failure.
func brief(m *wire.Message) string {
	return fmt.Sprintf("a %v with %d claims, %d broadcasts and %d bytes of payload", m.Kind, len(m.Updates), len(m.Broadcasts), len(m.Payload))
}
