package micro

import (
	"context"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// swimRelay is a node of swim's that passes news on.
type swimRelay struct {
	outgoing
	node     *swim.Node
	port     *swimPort
	kind     news
	members  int
	incoming wire.Message
	left     wire.Message // what left last; the writer's
	plain    *security.Envelope
	over     <-chan time.Time
}

func newSwimRelay(kind news, members int) (relay, error) {
	r := &swimRelay{
		port: newSwimPort("10.0.0.1:7946"), kind: kind, members: members,
		plain: security.NewEnvelope("", nil), over: time.After(2 * patience),
	}
	r.port.out = r.count
	config := quietSwim(r.port)
	config.GossipInterval = 0 // the default
	var err error
	if r.node, err = swim.Start(context.Background(), config); err != nil {
		return nil, err
	}
	if err = fillSwim(r.node, r.port, members); err == nil {
		err = drain(r)
	}
	if err != nil {
		_ = r.end() // the first error says more
		return nil, err
	}
	return r, nil
}

// count looks at a packet that leaves. The writer calls it.
func (r *swimRelay) count(packet []byte) {
	plain, err := r.plain.Open(nil, packet)
	if err == nil {
		err = codec.Msgpack{}.Decode(&r.left, plain)
	}
	if err != nil {
		return
	}
	r.news.Add(int64(len(r.left.Broadcasts)))
	claims := int64(0)
	for i := range r.left.Updates {
		if r.left.Updates[i].Incarnation > firstIncarnation {
			r.news.Add(1)
		} else {
			claims++
		}
	}
	r.claims.Store(claims)
	r.packets.Add(1)
}

func (r *swimRelay) out() *outgoing { return &r.outgoing }

func (r *swimRelay) each() int { return 3 * max(digits(r.members), 2) }

func (r *swimRelay) feed(i int) error {
	m := &r.incoming
	m.Reset()
	m.Kind, m.Sender = wire.Gossip, wire.Sender{Name: claimAbout(0).name, Epoch: birth, Incarnation: firstIncarnation}
	for j := range newsPerPacket {
		k := i*newsPerPacket + j
		switch r.kind {
		case userBroadcasts:
			m.Broadcasts = append(m.Broadcasts, wire.Broadcast{
				Origin: claimAbout(1).name, Epoch: birth, Channel: "chat", Seq: uint64(k) + 1, Payload: make([]byte, newsBytes),
			})
		case metadata:
			m.Updates = append(m.Updates, newsAbout(k, r.members).update())
		}
	}
	return r.hand(m)
}

func (r *swimRelay) ping() error {
	return r.hand(&wire.Message{Kind: wire.Ping, Seq: 1, Target: "a", Sender: wire.Sender{Name: claimAbout(0).name, Epoch: birth, Incarnation: firstIncarnation}})
}

func (r *swimRelay) hand(m *wire.Message) error {
	packet, err := swimPacket(m)
	if err != nil {
		return err
	}
	return r.port.push(packet, claimAbout(0).addr.String(), r.over)
}

func (r *swimRelay) end() error { return r.node.Close() }

// firstIncarnation is that of all claims that fill a table.
const firstIncarnation = 1

// newsAbout is the k-th change of a member's metadata.
func newsAbout(k, members int) claim {
	c := claimAbout(k % members).withMeta(newsBytes)
	c.incarnation = firstIncarnation + 1 + uint32(k/members)
	return c
}
