package micro

import (
	"errors"
	"fmt"
	"time"
)

// variant is how packets are protected and packed. In the defaults memberlist
// compresses packets, with LZW, and swim does not, but compresses streams.
type variant struct {
	name               string
	defaults           bool // compression as each has it
	compressed, sealed bool
}

var variants = []variant{
	{"defaults", true, false, false},
	{"no compression", false, false, false},
	{"encrypted, no compression", false, false, true},
	{"encrypted and compressed", false, true, true},
}

// traffic is what comes in, and what there is to pass on.
type traffic struct {
	name     string
	updates  int // about members that are known, in the packet that comes in
	queued   int // claims that wait at the node, and do not run out
	inFlight int // how many packets are handed in before the first is answered
}

var traffics = []traffic{
	{"ping", 0, 0, 1},
	{"ping, 32 at once", 0, 0, 32},
	{"ping with 8 updates", 8, 0, 1},
	{"ping, answered with a packet full of news", 0, 1000, 1},
}

// packets measures a packet in and its answer out.
func packets(b *bench) error {
	b.Title("a packet comes in, and its answer goes out")
	b.Note("One node with the defaults of a LAN, started at the end of a transport of ours: the tester hands in a ping that was made before, and")
	b.Note("waits for the ack. All the library does is in it (opening, decoding, the protocol, encoding, sealing, its goroutines), and the tester's")
	b.Note("two channel operations; the network and the kernel are not, nor is the 64 KiB buffer that memberlist's own transport makes for each packet.")
	b.Note("memberlist's packets are such as a second memberlist sent. Limits on how much a peer may send are lifted (swim). Encrypted: XChaCha20-")
	b.Note("Poly1305 with replay protection (swim; each packet opens once, so all are sealed before), AES-256-GCM (memberlist). Updates are about known")
	b.Note("members and say nothing new. News: 1,000 claims wait and do not run out. CPU is that of the process; %d repeats in turn, median and extremes.", b.repeats)
	for _, t := range traffics {
		for _, v := range variants {
			err := b.compare("packet", t.name+", "+v.name,
				subject{swimName, func() (task, error) { return newSwimExchange(v, t) }},
				subject{memberlistName, func() (task, error) { return newMemberlistExchange(v, t) }},
			)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// exchange hands in n packets, of which some may be unanswered at a time, and waits
// for as many answers.
func exchange(n, inFlight int, answers <-chan struct{}, push func(i int, end <-chan time.Time) error) error {
	end := time.After(patience)
	for sent, answered := 0, 0; answered < n; answered++ {
		for ; sent < n && sent-answered < inFlight; sent++ {
			if err := push(sent, end); err != nil {
				return err
			}
		}
		select {
		case <-answers:
		case <-end:
			return fmt.Errorf("%d of %d packets were answered", answered, n)
		}
	}
	return nil
}

// maxInFlight is how many answers may wait for the tester.
const maxInFlight = 256

var errUntold = errors.New("the tester's packets do not say what they should")
