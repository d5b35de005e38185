package query

import (
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sampleQuestion() question {
	return question{
		choice: choice{named: true, names: []string{"a", "bé"}, tags: []tag{{"k", ""}}, relays: 3},
		id:     1 << 63, timeout: 1500 * time.Millisecond, name: "version", payload: []byte("p"),
	}
}

func sampleReply() reply {
	return reply{id: 7, status: done, asker: "a", origin: "b", payload: []byte("yes")}
}

// The bytes are what every later version has to read.
func TestGolden(t *testing.T) {
	q, r := sampleQuestion(), sampleReply()
	for want, got := range map[string][]byte{
		"018000000000000000dc0b03" + "0776657273696f6e" + "01" + "02" + "0161" + "0362c3a9" + "01" + "016b" + "00" + "70": q.append(nil),
		"007377696d2f717565727900" + "01" + "0000000000000007" + "02" + "0161" + "0162" + "796573":                        r.append(nil),
	} {
		if hex.EncodeToString(got) != want {
			t.Errorf("got %x, want %s", got, want)
		}
	}
	if back, ok := parseQuestion(q.append(nil)); !ok || !reflect.DeepEqual(back, q) {
		t.Errorf("%+v, %v", back, ok)
	}
	if back, ok := parseReply(r.append(nil)); !ok || !reflect.DeepEqual(back, r) {
		t.Errorf("%+v, %v", back, ok)
	}
}

// Of what is cut short, nothing passes but a shorter payload.
func TestCutShort(t *testing.T) {
	q, r := sampleQuestion(), sampleReply()
	whole := q.append(nil)
	for i := range len(whole) - len(q.payload) {
		if _, ok := parseQuestion(whole[:i]); ok {
			t.Errorf("a question of %d bytes of %d passes", i, len(whole))
		}
	}
	whole = r.append(nil)
	for i := range len(whole) - len(r.payload) {
		if _, ok := parseReply(whole[:i]); ok {
			t.Errorf("a reply of %d bytes of %d passes", i, len(whole))
		}
	}
}

func TestBeyondLimits(t *testing.T) {
	for name, change := range map[string]func(*question){
		"relays":  func(q *question) { q.relays = MaxRelays + 1 },
		"name":    func(q *question) { q.name = strings.Repeat("n", MaxNameBytes+1) },
		"no name": func(q *question) { q.name = "" },
		"names":   func(q *question) { q.names = make([]string, MaxNamed+1) },
		"tags":    func(q *question) { q.tags = make([]tag, MaxTagged+1) },
		"timeout": func(q *question) { q.timeout = MaxTimeout + time.Second },
		"payload": func(q *question) { q.payload = make([]byte, MaxPayloadBytes+1) },
	} {
		q := sampleQuestion()
		if change(&q); passes(parseQuestion(q.append(nil))) {
			t.Errorf("%s: passes", name)
		}
	}
	for name, change := range map[string]func(*reply){
		"no status":             func(r *reply) { r.status = 0 },
		"status":                func(r *reply) { r.status = busy + 1 },
		"no asker":              func(r *reply) { r.asker = "" },
		"no origin":             func(r *reply) { r.origin = "" },
		"answer":                func(r *reply) { r.payload = make([]byte, MaxAnswerBytes+1) },
		"error":                 func(r *reply) { r.status, r.payload = failed, make([]byte, MaxErrorBytes+1) },
		"a payload with an ack": func(r *reply) { r.status = received },
	} {
		r := sampleReply()
		if change(&r); passes(parseReply(r.append(nil))) {
			t.Errorf("%s: passes", name)
		}
	}
	var r reply
	if r.fail(errors.New(strings.Repeat("é", MaxErrorBytes))); len(r.payload) != MaxErrorBytes {
		t.Errorf("an error of %d bytes", len(r.payload))
	}
}

func passes[T any](_ T, ok bool) bool { return ok }

func FuzzQuestion(f *testing.F) {
	q := sampleQuestion()
	f.Add(q.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, ok := parseQuestion(b)
		if len(q.names) > len(b)+1 || len(q.tags) > len(b)+1 {
			t.Fatalf("%d names and %d tags out of %d bytes", len(q.names), len(q.tags), len(b))
		}
		if !ok {
			return
		}
		if back, ok := parseQuestion(q.append(nil)); !ok || !reflect.DeepEqual(back, q) {
			t.Fatalf("%+v came back as %+v", q, back)
		}
	})
}

func FuzzReply(f *testing.F) {
	r := sampleReply()
	f.Add(r.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := parseReply(b)
		if !ok {
			return
		}
		if back, ok := parseReply(r.append(nil)); !ok || !reflect.DeepEqual(back, r) {
			t.Fatalf("%+v came back as %+v", r, back)
		}
	})
}
