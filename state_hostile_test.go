package swim_test

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/transport"
	"github.com/swim-go/swim/wire"
)

// impostor is a member named evil that says of its state what a test wants.
type impostor struct {
	network
	*transport.Memory
	codec codec.Compressed
	reply func(question, reply *wire.Message) // what to change about a correct reply
	asked int
}

func (n network) impostor(reply func(question, reply *wire.Message)) *impostor {
	i := &impostor{n, n.listen("evil"), codec.Compressed{Codec: codec.Msgpack{}, MaxDecodedBytes: 1 << 20}, reply, 0}
	n.Cleanup(func() { _ = i.Close() })
	go i.serve()
	return i
}

func (i *impostor) serve() {
	for {
		conn, err := i.AcceptStream()
		if err != nil {
			return
		}
		var head [4]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			continue
		}
		body := make([]byte, binary.BigEndian.Uint32(head[:]))
		_, _ = io.ReadFull(conn, body)
		var question wire.Message
		plain, err := security.NewEnvelope("", nil).Open(nil, body)
		if err != nil || i.codec.Decode(&question, plain) != nil {
			panic("a correct node sends what cannot be read")
		}
		if answer := i.answer(&question); answer != nil {
			message, _ := i.codec.Append(nil, answer)
			_, _ = conn.Write(frame(enclose(i.T, "", message)))
		}
		_ = conn.Close()
	}
}

func (i *impostor) answer(question *wire.Message) *wire.Message {
	sender := wire.Sender{Name: "evil", Epoch: 1}
	switch question.Kind {
	case wire.Sync:
		return &wire.Message{Kind: wire.SyncReply, Seq: question.Seq, Sender: sender, Updates: []wire.Update{{Member: evil}}}
	case wire.UserState:
		i.asked++
		reply := &wire.Message{Kind: wire.UserStateReply, Seq: question.Seq, Sender: sender, Target: "a"}
		bring(reply, "lie")
		i.reply(question, reply)
		return reply
	}
	return nil
}

var evil = wire.Member{Name: "evil", Addr: "evil", Epoch: 1, State: wire.Alive}

// bring puts a state into a message, as a correct member does.
func bring(m *wire.Message, state string) {
	sum := sha256.Sum256([]byte(state))
	m.Payload, m.Digest = []byte(state), binary.BigEndian.Uint64(sum[:])
}

// What a member answers that is no correct answer is not merged, and does no harm.
func TestHostileAnswersToState(t *testing.T) {
	for name, reply := range map[string]func(question, reply *wire.Message){
		"":                 func(_, _ *wire.Message) {}, // is correct, so that the others show something
		"another's digest": func(q, r *wire.Message) { r.Digest ^= 1 },
		"another kind":     func(q, r *wire.Message) { r.Kind = wire.UserState },
		"for another":      func(q, r *wire.Message) { r.Target = "b" },
		"another name":     func(q, r *wire.Message) { r.Sender.Name = "b" },
		"another life":     func(q, r *wire.Message) { r.Sender.Epoch++ },
		"another question": func(q, r *wire.Message) { r.Seq++ },
		"too large":        func(q, r *wire.Message) { bring(r, string(make([]byte, 1001))) },
		"no sender":        func(q, r *wire.Message) { r.Sender.Name = "" },
	} {
		bubble(t, func(t *testing.T, n network) {
			own := newWords("true")
			a := n.start("a", with(own), func(c *swim.Config) { c.MaxStateBytes = 1000 })
			i := n.impostor(reply)
			n.join(a, "evil")
			n.pass(time.Second)
			want := "true"
			if name == "" {
				want = "lie true"
			}
			if own.String() != want || i.asked == 0 {
				t.Errorf("%q leaves %q, asked %d times", name, own, i.asked)
			}
			if s := a.Stats(); s.Drops.Panics != 0 || s.StateExchanges != 1 {
				t.Errorf("%q: %d panics in %d exchanges", name, s.Drops.Panics, s.StateExchanges)
			}
		})
	}
}

// What is brought is merged if it comes from a member and is what its digest says.
func TestHostileState(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*wire.Message)
		merged bool
	}{
		"a correct one":    {func(*wire.Message) {}, true},
		"another's digest": {func(m *wire.Message) { m.Digest ^= 1 }, false},
		"a stranger's":     {func(m *wire.Message) { m.Sender.Name = "stranger" }, false},
		"a later life's":   {func(m *wire.Message) { m.Sender.Epoch++ }, false},
		"for another":      {func(m *wire.Message) { m.Target = "b" }, false},
		"too large":        {func(m *wire.Message) { bring(m, string(make([]byte, 1001))) }, false},
		"no digest":        {func(m *wire.Message) { m.Digest = 0 }, false},
	} {
		bubble(t, func(t *testing.T, n network) {
			own := newWords("true")
			a := n.start("a", with(own), func(c *swim.Config) { c.MaxStateBytes = 1000 })
			i := n.attacker(a)
			hello := gossip(wire.Update{Member: evil})
			hello.Sender = wire.Sender{Name: "evil", Epoch: 1}
			i.send(enclose(t, "", sure(codec.Msgpack{}.Append(nil, &hello))))
			n.waitLive(a, 2)

			m := wire.Message{Kind: wire.UserState, Seq: 1, Sender: wire.Sender{Name: "evil", Epoch: 1}, Target: "a"}
			bring(&m, "lie")
			test.change(&m)
			conn := i.dial()
			if _, err := conn.Write(frame(enclose(t, "", sure(codec.Msgpack{}.Append(nil, &m))))); err != nil {
				t.Fatal(err)
			}
			answer, _ := io.ReadAll(conn)
			if merged := own.String() == "lie true"; merged != test.merged || (len(answer) > 0) != test.merged {
				t.Errorf("%s leaves %q and is answered %d bytes", name, own, len(answer))
			}
			if p := a.Stats().Drops.Panics; p != 0 {
				t.Errorf("%s: %d panics", name, p)
			}
		})
	}
}
