package query

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// What travels. Numbers are those of encoding/binary, strings are preceded by their
// length as a uvarint, and a payload is the rest.
//
//	question: version, id (8 bytes), milliseconds, relays, name, 0 or 1 for named,
//	          number of names, names, number of tags, keys and values, payload
//	reply:    magic, version, id (8 bytes), status, asker, origin, payload
//
// A question is known by its channel. Messages have none, so replies begin with a magic.
const version = 1

const magic = "\x00swim/query\x00"

// The statuses of a reply.
const (
	received  = iota + 1 // the question arrived
	done                 // the payload is the answer
	failed               // the payload is the error
	unhandled            // nobody answers such questions here
	busy                 // too many at once
)

type question struct {
	choice
	id      uint64
	timeout time.Duration
	name    string
	payload []byte
}

type reply struct {
	id            uint64
	status        byte
	asker, origin string
	payload       []byte
}

// fail makes a reply one that says what went wrong.
func (r *reply) fail(err error) {
	text := err.Error()
	r.status, r.payload = failed, []byte(strings.ToValidUTF8(text[:min(len(text), MaxErrorBytes)], ""))
}

func (q *question) append(b []byte) []byte {
	b = append(b, version)
	b = binary.BigEndian.AppendUint64(b, q.id)
	b = binary.AppendUvarint(b, uint64(max(q.timeout.Milliseconds(), 1)))
	b = append(b, byte(q.relays))
	b = appendString(b, q.name)
	named := byte(0)
	if q.named {
		named = 1
	}
	b = append(b, named)
	b = binary.AppendUvarint(b, uint64(len(q.names)))
	for _, name := range q.names {
		b = appendString(b, name)
	}
	b = binary.AppendUvarint(b, uint64(len(q.tags)))
	for _, t := range q.tags {
		b = appendString(appendString(b, t.key), t.value)
	}
	return append(b, q.payload...)
}

// parseQuestion reads a question whose payload is a view of b, and returns false if b is
// none, or beyond a limit.
func parseQuestion(b []byte) (q question, ok bool) {
	in := input{rest: b}
	in.expect(version)
	q.id = in.id()
	q.timeout = time.Duration(in.number(uint64(MaxTimeout/time.Millisecond))) * time.Millisecond
	q.relays = int(in.number(MaxRelays))
	q.name = in.text(MaxNameBytes)
	q.named = in.number(1) == 1
	for range in.number(MaxNamed) {
		if in.bad {
			break
		}
		q.names = append(q.names, in.text(maxStringBytes))
	}
	for range in.number(MaxTagged) {
		if in.bad {
			break
		}
		q.tags = append(q.tags, tag{in.text(maxStringBytes), in.text(maxStringBytes)})
	}
	q.payload = in.rest
	return q, !in.bad && q.name != "" && q.timeout > 0 && len(q.payload) <= MaxPayloadBytes
}

func (r *reply) append(b []byte) []byte {
	b = append(append(b, magic...), version)
	b = binary.BigEndian.AppendUint64(b, r.id)
	b = append(b, r.status)
	b = appendString(appendString(b, r.asker), r.origin)
	return append(b, r.payload...)
}

func isReply(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }

// parseReply reads a reply whose payload is a view of b, as parseQuestion does.
func parseReply(b []byte) (r reply, ok bool) {
	if !isReply(b) {
		return reply{}, false
	}
	in := input{rest: b[len(magic):]}
	in.expect(version)
	r.id = in.id()
	r.status = byte(in.number(busy))
	r.asker, r.origin = in.text(maxStringBytes), in.text(maxStringBytes)
	r.payload = in.rest
	limit := 0
	switch r.status {
	case done:
		limit = MaxAnswerBytes
	case failed:
		limit = MaxErrorBytes
	}
	return r, !in.bad && r.status >= received && r.asker != "" && r.origin != "" && len(r.payload) <= limit
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// input reads a payload from its beginning. What is not there makes it bad, and stays so.
type input struct {
	rest []byte
	bad  bool
}

func (in *input) expect(first byte) {
	if in.bad = in.bad || len(in.rest) == 0 || in.rest[0] != first; !in.bad {
		in.rest = in.rest[1:]
	}
}

func (in *input) id() uint64 {
	if in.bad = in.bad || len(in.rest) < 8; in.bad {
		return 0
	}
	id := binary.BigEndian.Uint64(in.rest)
	in.rest = in.rest[8:]
	return id
}

// number reads a uvarint of up to a limit.
func (in *input) number(limit uint64) uint64 {
	n, width := binary.Uvarint(in.rest)
	if in.bad = in.bad || width <= 0 || n > limit; in.bad {
		return 0
	}
	in.rest = in.rest[width:]
	return n
}

func (in *input) text(limit int) string {
	n := int(in.number(uint64(limit)))
	if in.bad = in.bad || n > len(in.rest); in.bad {
		return ""
	}
	s := string(in.rest[:n])
	in.rest = in.rest[n:]
	return s
}
