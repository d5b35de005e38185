package micro

import (
	"fmt"
	"math"
	"sync/atomic"
	"time"
)

// news is what is passed on.
type news int

const (
	userBroadcasts news = iota + 1
	metadata
)

func (k news) String() string {
	if k == userBroadcasts {
		return "broadcasts of 200 bytes"
	}
	return "members with 200 bytes of metadata"
}

const (
	newsBytes = 200
	// newsPerPacket come in together, so often.
	newsPerPacket     = 5
	packetsPerSecond  = 4000
	restingPings      = 500 * time.Millisecond // between a node's pings and acks, when each probes once a second
	relayWarmUp       = time.Second
	relayedAtMostOnce = 16 // packets, after the tester was held up
)

// relays measures how much one node can pass on.
func relays(b *bench) error {
	b.Title("how much news one node passes on a second")
	b.Note("One node with n members and the defaults of a LAN, in real time, at the end of a transport of ours. %d pieces of news come in a second, in", newsPerPacket*packetsPerSecond)
	b.Note("packets of %d: more than either passes on. Counted are those in the packets that go out, divided by how often each node sends one: swim", newsPerPacket)
	b.Note("3·⌈log10(n+1)⌉ times, memberlist 4·⌈log10(n+1)⌉ times. memberlist leaves it to its user to pass a broadcast on: here it is queued as it")
	b.Note("comes, in a TransmitLimitedQueue. Two pings come in a second, since news rides on pings and acks, too. Packets are not compressed (memberlist,")
	b.Note("too: it fills them before it compresses them).")
	length := 3 * time.Second
	repeats := min(b.repeats, 3)
	if b.quick {
		length, repeats = 1500*time.Millisecond, 1
	}
	for _, kind := range []news{userBroadcasts, metadata} {
		for _, members := range b.pick([]int{64}, []int{64, 1000, 5000}) {
			if err := b.compareRelays(kind, members, repeats, length); err != nil {
				return err
			}
		}
	}
	return nil
}

// relay is a node that passes news on.
type relay interface {
	// feed hands in a packet with the i-th pieces of news.
	feed(i int) error
	// ping hands in one, which is answered.
	ping() error
	// each is how often each node sends a piece of news.
	each() int
	out() *outgoing
	end() error
}

// outgoing counts what leaves a node.
type outgoing struct {
	packets, news atomic.Int64
	claims        atomic.Int64 // of the table's filling, in the last packet
}

// digits is ⌈log10(n+1)⌉ of a cluster that has one member more, the node itself.
func digits(members int) int { return int(math.Ceil(math.Log10(float64(members + 2)))) }

func (b *bench) compareRelays(kind news, members, repeats int, length time.Duration) error {
	libraries := []string{swimName, memberlistName}
	begin := []func(news, int) (relay, error){newSwimRelay, newMemberlistRelay}
	var relayed, sent, packets [2][]float64
	for range repeats {
		for i := range libraries {
			rates, err := b.relayTrial(func() (relay, error) { return begin[i](kind, members) }, length)
			if err != nil {
				return fmt.Errorf("%s, %v, n=%d: %w", libraries[i], kind, members, err)
			}
			relayed[i], sent[i], packets[i] = append(relayed[i], rates.relayed), append(sent[i], rates.sent), append(packets[i], rates.packets)
		}
	}
	for i, library := range libraries {
		setting := fmt.Sprintf("%s, %v, n=%d", library, kind, members)
		b.spread("relay", setting, "relayed", "/s", relayed[i])
		b.spread("relay", setting, "sent", "/s", sent[i])
		b.spread("relay", setting, "packets", "/s", packets[i])
	}
	b.Flush()
	return nil
}

// rates are of a second.
type rates struct{ relayed, sent, packets float64 }

func (b *bench) relayTrial(begin func() (relay, error), length time.Duration) (rates, error) {
	r, err := begin()
	if err != nil {
		return rates{}, err
	}
	err = b.feed(r, 0, relayWarmUp)
	news, packets := r.out().news.Load(), r.out().packets.Load()
	began := time.Now()
	if err == nil {
		err = b.feed(r, 1<<20, length)
	}
	took := time.Since(began).Seconds()
	news, packets = r.out().news.Load()-news, r.out().packets.Load()-packets
	if ended := r.end(); err == nil {
		err = ended
	}
	sent := float64(news) / took
	return rates{relayed: sent / float64(r.each()), sent: sent, packets: float64(packets) / took}, err
}

// feed hands in news at the rate said, numbered from first, and pings.
func (b *bench) feed(r relay, first int, length time.Duration) error {
	began := time.Now()
	nextPing := time.Duration(0)
	for fed := 0; ; time.Sleep(time.Millisecond) {
		now := time.Since(began)
		if err := b.ctx.Err(); err != nil || now >= length {
			return err
		}
		due := int(now.Seconds() * packetsPerSecond)
		for range min(due-fed, relayedAtMostOnce) {
			if err := r.feed(first + fed); err != nil {
				return err
			}
			fed++
		}
		if now >= nextPing {
			nextPing += restingPings
			if err := r.ping(); err != nil {
				return err
			}
		}
	}
}

// drain pings until the node has told everybody of its members often enough.
func drain(r relay) error {
	for end := time.Now().Add(patience); ; {
		before := r.out().packets.Load()
		if err := r.ping(); err != nil {
			return err
		}
		if err := eventually("a ping is answered", func() bool { return r.out().packets.Load() > before }); err != nil {
			return err
		}
		if r.out().claims.Load() == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the news of the members does not end")
		}
	}
}
