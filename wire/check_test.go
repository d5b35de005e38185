package wire

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"a":                                  true,
		"host:7946":                          true,
		"schön 東京":                           true,
		"\ufffd is a character like another": true,
		strings.Repeat("n", MaxNameBytes):    true,
		"":                                   false,
		strings.Repeat("n", MaxNameBytes+1):  false,
		"new\nline":                          false,
		"\x00":                               false,
		"\x7f":                               false,
		"\xff":                               false,
		"half a rune \xe6\x9d":               false,
	} {
		err := CheckName(name)
		if (err == nil) != ok {
			t.Errorf("CheckName(%q) = %v", name, err)
		}
		if err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("CheckName(%q) = %v, does not wrap ErrInvalid", name, err)
		}
	}
}

func TestUpdateCheck(t *testing.T) {
	good := Update{Member: Member{Name: "a", Addr: "x", State: Alive}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	good.Token = strings.Repeat("t", MaxTokenBytes)
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*Update){
		"name":     func(u *Update) { u.Name = "" },
		"state":    func(u *Update) { u.State = 0 },
		"state 5":  func(u *Update) { u.State = Left + 1 },
		"address":  func(u *Update) { u.Addr = "" },
		"address ": func(u *Update) { u.Addr = strings.Repeat("a", MaxAddrBytes+1) },
		"metadata": func(u *Update) { u.Meta = strings.Repeat("m", MaxMetaBytes+1) },
		"token":    func(u *Update) { u.Token = strings.Repeat("t", MaxTokenBytes+1) },
		"accuser":  func(u *Update) { u.From = strings.Repeat("f", MaxNameBytes+1) },
	} {
		u := good
		spoil(&u)
		if err := u.Check(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), strings.TrimSpace(field)) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestMessageCheck(t *testing.T) {
	for k := Ping; k.Valid(); k++ {
		m := Message{Kind: k, Sender: Sender{Name: "a"}, Target: "b"}
		if err := m.Check(); err != nil {
			t.Errorf("%v: %v", k, err)
		}
		if strings.HasPrefix(k.String(), "Kind") {
			t.Errorf("kind %d has no name", k)
		}
	}
	good := Message{Kind: Ping, Sender: Sender{Name: "a"}, Target: "b"}
	for field, spoil := range map[string]func(*Message){
		"kind":       func(m *Message) { m.Kind = 0 },
		"kind 18":    func(m *Message) { m.Kind = Visit + 1 },
		"sender":     func(m *Message) { m.Sender.Name = "" },
		"target":     func(m *Message) { m.Target = "" },
		"claims":     func(m *Message) { m.Updates = make([]Update, MaxUpdates+1) },
		"broadcasts": func(m *Message) { m.Broadcasts = make([]Broadcast, MaxBroadcasts+1) },
		"payload":    func(m *Message) { m.Payload = make([]byte, MaxPayloadBytes+1) },
	} {
		m := good
		spoil(&m)
		if err := m.Check(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestMessageResetKeepsRoomAndNoViews(t *testing.T) {
	m := Message{Kind: Ping, Updates: make([]Update, 3, 8), Payload: []byte("view")}
	m.Updates[2].Name = "view"
	m.Reset()
	if len(m.Updates) != 0 || cap(m.Updates) != 8 || m.Payload != nil || m.Kind != 0 {
		t.Fatalf("after Reset: %+v, room %d", m, cap(m.Updates))
	}
	if got := m.Updates[:3][2].Name; got != "" {
		t.Fatalf("a claim's view %q outlives Reset", got)
	}
}

func TestCheckAllocatesNothingForWhatIsGood(t *testing.T) {
	m := Message{Kind: Ping, Sender: Sender{Name: "a"}, Target: "b"}
	u := Update{Member: Member{Name: "a", Addr: "x", State: Alive}}
	if n := testing.AllocsPerRun(100, func() {
		if m.Check() != nil || u.Check() != nil {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func TestNames(t *testing.T) {
	for _, s := range []interface{ String() string }{
		State(0), Alive, Suspect, Failed, Left, Left + 1,
		Purpose(0), ForRelay, ForGossip, ForSync,
		Reason(0), Announced, ProbeFailed, Accused, Expired, Refuted, Restarted, Forgotten,
	} {
		if s.String() == "" {
			t.Errorf("%T without a name", s)
		}
	}
	if Alive.String() != "alive" || State(0).String() != "State(0)" || ForRelay.String() != "relay" || Restarted.String() != "restarted" {
		t.Error("wrong names")
	}
	for s, live := range map[State]bool{Alive: true, Suspect: true, Failed: false, Left: false, 0: false, 5: false} {
		if s.Live() != live {
			t.Errorf("%v.Live() = %v", s, !live)
		}
	}
}
