package micro

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// The kinds of memberlist's messages that are made or counted here.
const (
	memberlistPing     = 0
	memberlistAlive    = 4
	memberlistCompound = 7
	memberlistUser     = 8
	memberlistChecked  = 12 // with a checksum of 4 bytes before the message
)

// memberlistRelay is a node of memberlist's that passes news on.
type memberlistRelay struct {
	outgoing
	node    *memberlist.Memberlist
	port    *memberlistPort
	log     complaints
	queue   memberlist.TransmitLimitedQueue
	started atomic.Bool // claims are news from now on
	kind    news
	members int
	over    <-chan time.Time
}

func newMemberlistRelay(kind news, members int) (relay, error) {
	r := &memberlistRelay{port: newMemberlistPort("10.0.0.1"), kind: kind, members: members, over: time.After(2 * patience)}
	r.port.out = r.count
	config := quietMemberlist("a", r.port, &r.log)
	config.GossipInterval = memberlist.DefaultLANConfig().GossipInterval
	config.EnableCompression = false // so that what leaves can be counted
	config.Delegate = r
	r.queue.RetransmitMult = config.RetransmitMult
	r.queue.NumNodes = func() int { return members + 1 }
	var err error
	if r.node, err = memberlist.Create(config); err != nil {
		return nil, err
	}
	if err = fillMemberlist(r.node, r.port, members); err == nil {
		err = drain(r)
	}
	if err != nil {
		_ = r.end() // the first error says more
		return nil, err
	}
	r.started.Store(true)
	return r, nil
}

// count looks at a packet that leaves.
func (r *memberlistRelay) count(packet []byte) {
	if packet[0] == memberlistChecked {
		packet = packet[1+4:]
	}
	claims := int64(0)
	message := func(m []byte) {
		switch m[0] {
		case memberlistUser:
			r.news.Add(1)
		case memberlistAlive:
			// What filled the table is shorter than news.
			if r.started.Load() && len(m) > newsBytes {
				r.news.Add(1)
			} else {
				claims++
			}
		}
	}
	if packet[0] != memberlistCompound {
		message(packet)
	} else {
		n := int(packet[1])
		for rest, i := packet[2+2*n:], 0; i < n; i++ {
			size := int(binary.BigEndian.Uint16(packet[2+2*i:]))
			message(rest[:size])
			rest = rest[size:]
		}
	}
	r.claims.Store(claims)
	r.packets.Add(1)
}

func (r *memberlistRelay) out() *outgoing { return &r.outgoing }

func (r *memberlistRelay) each() int { return 4 * digits(r.members) }

// feed hands in a compound message.
func (r *memberlistRelay) feed(i int) error {
	parts := make([][]byte, newsPerPacket)
	for j := range parts {
		switch k := i*newsPerPacket + j; r.kind {
		case userBroadcasts:
			parts[j] = make([]byte, 1+newsBytes)
			parts[j][0] = memberlistUser
			binary.BigEndian.PutUint64(parts[j][1:], uint64(k))
		case metadata:
			var err error
			if parts[j], err = newsAbout(k, r.members).alive(); err != nil {
				return err
			}
		}
	}
	return r.hand(compound(parts...))
}

// compound is one message of several.
func compound(parts ...[]byte) []byte {
	packet := []byte{memberlistCompound, byte(len(parts))}
	for _, p := range parts {
		packet = binary.BigEndian.AppendUint16(packet, uint16(len(p)))
	}
	for _, p := range parts {
		packet = append(packet, p...)
	}
	return packet
}

func (r *memberlistRelay) ping() error {
	message, err := memberlistMessage(memberlistPing, struct {
		SeqNo uint32
		Node  string
	}{1, "a"})
	if err != nil {
		return err
	}
	return r.hand(message)
}

func (r *memberlistRelay) hand(packet []byte) error {
	return r.port.push(&memberlist.Packet{Buf: packet, From: r.port.addr(), Timestamp: time.Now()}, r.over)
}

// end says nothing of what memberlist complained of: that it is given more than it
// can take is the purpose.
func (r *memberlistRelay) end() error { return r.node.Shutdown() }

// The node's user passes on what it gets.

func (r *memberlistRelay) NotifyMsg(m []byte) {
	r.queue.QueueBroadcast(onceBroadcast(append([]byte(nil), m...)))
}

func (r *memberlistRelay) GetBroadcasts(overhead, limit int) [][]byte {
	return r.queue.GetBroadcasts(overhead, limit)
}
func (r *memberlistRelay) NodeMeta(int) []byte           { return nil }
func (r *memberlistRelay) LocalState(bool) []byte        { return nil }
func (r *memberlistRelay) MergeRemoteState([]byte, bool) {}

// onceBroadcast replaces no other.
type onceBroadcast []byte

func (b onceBroadcast) Invalidates(memberlist.Broadcast) bool { return false }
func (b onceBroadcast) Message() []byte                       { return b }
func (b onceBroadcast) Finished()                             {}
func (b onceBroadcast) UniqueBroadcast()                      {}
