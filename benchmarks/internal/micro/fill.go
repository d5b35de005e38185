package micro

import (
	"fmt"

	"github.com/hashicorp/memberlist"

	"github.com/swim-go/swim/codec"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/wire"
)

// fillBytes is the room in a packet for claims.
const fillBytes = 1350

// fills measures the queues alone: claims are chosen for one packet.
func fills(b *bench) error {
	b.Title("claims are chosen for one packet")
	b.Note("swim's disseminator.Piggyback and memberlist's TransmitLimitedQueue, with as many claims waiting, that never run out, and %d bytes to", fillBytes)
	b.Note("fill. memberlist's are encoded when they are queued; swim's are encoded afterwards, into a buffer that is there: that is in it.")
	for _, waiting := range b.pick([]int{1000}, []int{100, 1000, 8000}) {
		err := b.compare("fill", fmt.Sprintf("%d claims wait", waiting),
			subject{swimName, func() (task, error) { return newSwimQueue(waiting), nil }},
			subject{memberlistName, func() (task, error) { return newMemberlistQueue(waiting) }},
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// swimQueue fills a message again and again, and encodes it.
type swimQueue struct {
	disseminator.Piggyback
	message wire.Message
	packet  []byte
}

func newSwimQueue(waiting int) *swimQueue {
	q := &swimQueue{message: wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "a", Epoch: birth}}}
	for i := range waiting {
		q.Add(claimAbout(i).update())
	}
	return q
}

func (q *swimQueue) prepare(int) error { return nil }

func (q *swimQueue) run(n int) (err error) {
	var c codec.Msgpack
	room := wire.Room{Bytes: fillBytes, Size: c.UpdateSize, Limit: 1 << 30}
	for range n {
		q.message.Updates = q.Fill(q.message.Updates[:0], room)
		if q.packet, err = c.Append(q.packet[:0], &q.message); err != nil {
			return err
		}
	}
	return nil
}

// end expects that the last packet was full.
func (q *swimQueue) end() error { return full(len(q.packet)) }

func full(sizeBytes int) error {
	if sizeBytes < fillBytes*8/10 {
		return fmt.Errorf("a packet of %d bytes", sizeBytes)
	}
	return nil
}

// memberlistQueue joins what its queue gives to one message, as memberlist does.
type memberlistQueue struct {
	memberlist.TransmitLimitedQueue
	packet []byte
}

// namedBroadcast is a claim about a member.
type namedBroadcast struct {
	onceBroadcast
	name string
}

func (b namedBroadcast) Name() string { return b.name }

// retransmitForEver is a RetransmitMult after which no claim was told often enough.
const retransmitForEver = 1 << 20

func newMemberlistQueue(waiting int) (*memberlistQueue, error) {
	q := new(memberlistQueue)
	q.RetransmitMult, q.NumNodes = retransmitForEver, func() int { return waiting + 1 }
	for i := range waiting {
		message, err := claimAbout(i).alive()
		if err != nil {
			return nil, err
		}
		q.QueueBroadcast(namedBroadcast{message, claimAbout(i).name})
	}
	return q, nil
}

func (q *memberlistQueue) prepare(int) error { return nil }

func (q *memberlistQueue) run(n int) error {
	for range n {
		q.packet = q.packet[:0]
		for _, m := range q.GetBroadcasts(2, fillBytes) {
			q.packet = append(q.packet, m...)
		}
	}
	return nil
}

func (q *memberlistQueue) end() error { return full(len(q.packet)) }
