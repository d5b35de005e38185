package micro

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	msgpack "github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/hashicorp/memberlist"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// A claim is what both libraries are told of a member, each in its own words.
type claim struct {
	name        string
	addr        netip.AddrPort
	meta        string
	incarnation uint32
}

// claimAbout is the i-th of the members that are made up. Their names and
// metadata are like those of real members: alike, and not the same; and of one length, or
// memberlist, which sends large claims first, would send some far more often than others
// where they never run out.
func claimAbout(i int) claim {
	return claim{
		name: fmt.Sprintf("web-%05d.eu-west-%d", i, i%3),
		addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(1 + i>>16), byte(i >> 8), byte(i)}), memberlistPortNumber),
		meta: fmt.Sprintf("zone=eu-west-%d;role=web;build=%08x", i%3, 40961*i), incarnation: firstIncarnation,
	}
}

// withMeta gives a claim metadata of some length.
func (c claim) withMeta(sizeBytes int) claim {
	c.meta += strings.Repeat(".", max(sizeBytes-len(c.meta), 0))
	return c
}

// birth is an epoch as long as real ones are.
const birth = 1_790_000_000_000_000_000

func (c claim) update() wire.Update {
	return wire.Update{Member: wire.Member{
		Name: c.name, Addr: c.addr.String(), Meta: c.meta, Epoch: birth, Incarnation: c.incarnation, State: wire.Alive,
	}}
}

// aliveFields are those of memberlist's message of that name.
type aliveFields struct {
	Incarnation uint32
	Node        string
	Addr        []byte
	Port        uint16
	Meta        []byte
	Vsn         []uint8
}

func (c claim) fields() *aliveFields {
	return &aliveFields{c.incarnation, c.name, c.addr.Addr().AsSlice(), c.addr.Port(), []byte(c.meta), []byte{1, 5, 2, 0, 0, 0}}
}

func (c claim) alive() ([]byte, error) { return memberlistMessage(memberlistAlive, c.fields()) }

// memberlistMessage is a message of memberlist's, plain.
func memberlistMessage(kind byte, fields any) ([]byte, error) {
	buf := bytes.NewBuffer([]byte{kind})
	handle := msgpack.MsgpackHandle{}
	handle.TimeNotBuiltin = true
	err := msgpack.NewEncoder(buf, &handle).Encode(fields)
	return buf.Bytes(), err
}

// swimPacket is a packet of a node that has no Sealer.
func swimPacket(m *wire.Message) ([]byte, error) {
	message, err := codec.Msgpack{}.Append(nil, m)
	if err != nil {
		return nil, err
	}
	return security.NewEnvelope("", nil).Seal(nil, message)
}

// fillPerPacket is how many claims that fill a table come at once.
const fillPerPacket = 8

// fillSwim makes members known to a node.
func fillSwim(n *swim.Node, port *swimPort, members int) error {
	if members == 0 {
		return nil
	}
	end := time.After(patience)
	m := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "teller", Epoch: birth}}
	for i := 0; i < members; i += len(m.Updates) {
		m.Updates = m.Updates[:0]
		for j := i; j < min(i+fillPerPacket, members); j++ {
			m.Updates = append(m.Updates, claimAbout(j).update())
		}
		packet, err := swimPacket(&m)
		if err == nil {
			err = port.push(packet, "10.99.0.1:7946", end)
		}
		if err != nil {
			return err
		}
	}
	return eventually("swim knows all members", func() bool {
		_, ok := n.Member(claimAbout(members - 1).name)
		return ok && len(n.Members()) > members
	})
}

// fillMemberlist makes members known to a node. It takes up to 1024 claims that
// wait, so they come a few at a time.
func fillMemberlist(m *memberlist.Memberlist, port *memberlistPort, members int) error {
	end, before := time.After(patience), m.NumMembers()
	for i := range members {
		message, err := claimAbout(i).alive()
		if err == nil {
			err = port.push(&memberlist.Packet{Buf: message, From: port.addr(), Timestamp: time.Now()}, end)
		}
		if err != nil {
			return err
		}
		if i%512 == 511 || i == members-1 {
			if err := eventually("memberlist knows all members", func() bool { return m.NumMembers() == before+i+1 }); err != nil {
				return err
			}
		}
	}
	return nil
}

// patience is how long anything may take that takes milliseconds.
const patience = 30 * time.Second

// eventually waits until ok.
func eventually(what string, ok func() bool) error {
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return errors.New("it does not come about that " + what)
		}
	}
	return nil
}
