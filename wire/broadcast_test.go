package wire

import (
	"errors"
	"strings"
	"testing"
)

func TestBroadcastCheck(t *testing.T) {
	good := Broadcast{Origin: "a", Seq: 1, Channel: "chat", Payload: []byte("hello")}
	for form, b := range map[string]Broadcast{
		"whole":     good,
		"empty":     {Origin: "a", Seq: 1, Channel: "chat"},
		"announced": {Origin: "a", Seq: MaxBroadcastSeq, Channel: "chat", Size: MaxPayloadBytes},
		"void":      {Origin: "a", Seq: 1},
		"longest": {
			Origin: "a", Seq: 1, Channel: strings.Repeat("c", MaxChannelBytes), Key: strings.Repeat("k", MaxKeyBytes),
			Payload: make([]byte, MaxPayloadBytes),
		},
	} {
		if err := b.Check(); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		if b.Void() != (form == "void") || b.Announced() != (form == "announced") {
			t.Errorf("%s: void %v, announced %v", form, b.Void(), b.Announced())
		}
	}
	for field, spoil := range map[string]func(*Broadcast){
		"origin":    func(b *Broadcast) { b.Origin = "" },
		"number 0":  func(b *Broadcast) { b.Seq = 0 },
		"number 46": func(b *Broadcast) { b.Seq = MaxBroadcastSeq + 1 },
		"channel":   func(b *Broadcast) { b.Channel = "" },
		"channel ":  func(b *Broadcast) { b.Channel = strings.Repeat("c", MaxChannelBytes+1) },
		"channel: ": func(b *Broadcast) { b.Channel = "new\nline" },
		"key":       func(b *Broadcast) { b.Key = strings.Repeat("k", MaxKeyBytes+1) },
		"payload":   func(b *Broadcast) { b.Payload = make([]byte, MaxPayloadBytes+1) },
		"payload ":  func(b *Broadcast) { b.Payload, b.Size = nil, MaxPayloadBytes+1 },
		"announced": func(b *Broadcast) { b.Size = 5 },
	} {
		b := good
		spoil(&b)
		if err := b.Check(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), strings.TrimSpace(field)) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		if good.Check() != nil {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestResetKeepsRoomForBroadcasts(t *testing.T) {
	m := Message{Broadcasts: make([]Broadcast, 2, 4)}
	m.Broadcasts[1].Payload = []byte("view")
	m.Reset()
	if len(m.Broadcasts) != 0 || cap(m.Broadcasts) != 4 || m.Broadcasts[:2][1].Payload != nil {
		t.Fatalf("after Reset: %+v, room %d", m.Broadcasts[:2], cap(m.Broadcasts))
	}
}
