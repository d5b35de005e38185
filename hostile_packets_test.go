package swim_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// packetRow is one way to attack by packets that leaves no trace but counters.
type packetRow struct {
	name   string
	attack func(*siege, *rand.Rand)
	// moved are the counters of the victim that must rise; see siege.unlike. From
	// an attacker without the key it is Unopened instead, unless envelope is set:
	// then the envelope tells already, and the setting makes no difference.
	moved    []string
	envelope bool
	may      []string
}

// unopened are the counters of what a Sealer refuses.
const unopened = "Unopened|UnknownKey|Forged|Replayed|Stale"

// TestHostilePackets is the table of what comes by packet: first by whoever can
// send one, then without the key to a cluster that has one, then with it. What
// is believed for a while, where somebody is believed, is in TestLiesDoNotLast, what
// was recorded in TestReplayedPacketsChangeNothing, and floods are in
// TestFloodHarmsNobody.
func TestHostilePackets(t *testing.T) {
	bombs() // are not made while it is measured
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			g := s.layTo(t, unlimited)
			for _, row := range slices.Concat(envelopeRows, payloadRows, messageRows) {
				g.packets(row)
			}
			g.well()
		})
	}
}

// unlimited is so that each row shows, however fast they come.
func unlimited(c *swim.Config) {
	none := security.Rate{PerSecond: -1}
	c.Limits = swim.Limits{Member: none, Stranger: none, Strangers: none, Stream: none, Streams: none, Sync: none}
}

// packets runs one row.
func (g *siege) packets(row packetRow) {
	g.within(row.name, func() {
		seed := rand.Uint64()
		g.Logf("seed %d", seed)
		moved := row.moved
		if g.outside && !row.envelope {
			moved = []string{unopened}
		}
		sent, answered := g.sent.Load(), g.answered.Load()
		g.attack(func() { row.attack(g, rand.New(rand.NewPCG(seed, 0))) }, moved, row.may)
		if sent, answered = g.sent.Load()-sent, g.answered.Load()-answered; answered > 3*sent {
			g.Errorf("%d bytes were answered by %d", sent, answered)
		}
		if g.outside && answered > 0 {
			g.Errorf("%d bytes of answer without the key", answered)
		}
	})
}

// What the envelope, or the lack of a good one, gives away.
var envelopeRows = []packetRow{
	{
		name: "noise", envelope: true, moved: []string{"Version"}, may: []string{"Corrupt"},
		attack: func(g *siege, rng *rand.Rand) {
			g.each(500, func(int) []byte {
				noise := randomBytes(rng, rng.IntN(1400))
				if len(noise) > 0 && noise[0] == security.Version {
					noise[0]++
				}
				return noise
			})
		},
	},
	{
		name: "noise behind a good header", envelope: true, moved: []string{"Corrupt", "Sealed|" + unopened},
		attack: func(g *siege, rng *rand.Rand) {
			head := security.NewEnvelope(siegeCluster, sealerOf(strangeKey))
			g.each(500, func(i int) []byte {
				packet := sure(head.Seal(nil, nil))[:security.HeaderBytes]
				packet[1] = byte(i % 2)
				return append(packet, randomBytes(rng, rng.IntN(1300))...)
			})
		},
	},
	{
		name: "cut short", envelope: true, moved: []string{"Corrupt|" + unopened}, may: []string{"Corrupt"},
		attack: func(g *siege, _ *rand.Rand) {
			packet := g.seal(g.encode(pingFor("n0")))
			g.each(len(packet), func(i int) []byte { return packet[:i] })
		},
	},
	{
		name: "one bit wrong", envelope: true, moved: []string{"Version", "Corrupt|" + unopened},
		may: []string{"Sealed", "Cluster", "Corrupt"},
		attack: func(g *siege, _ *rand.Rand) {
			packet := g.seal(g.encode(pingFor("n0")))
			g.each(8*len(packet), func(i int) []byte {
				bad := slices.Clone(packet)
				bad[i/8] ^= 1 << (i % 8)
				return bad
			})
		},
	},
	{
		name: "versions that nobody speaks", envelope: true, moved: []string{"Version"},
		attack: func(g *siege, _ *rand.Rand) {
			packet := g.seal(g.encode(pingFor("n0")))
			g.each(255, func(i int) []byte {
				packet[0] = byte(security.Version + 1 + i)
				return packet
			})
		},
	},
	{
		name: "another cluster", envelope: true, moved: []string{"Cluster"},
		attack: func(g *siege, _ *rand.Rand) {
			foreign := security.NewEnvelope("another", nil)
			packet := sure(foreign.Seal(nil, g.encode(pingFor("n0"))))
			g.each(64, func(int) []byte { return packet })
		},
	},
	{
		name: "too large", envelope: true, moved: []string{"Oversized"},
		attack: func(g *siege, _ *rand.Rand) {
			g.each(64, func(i int) []byte { return make([]byte, 1401+1000*i) })
		},
	},
	{
		name: "the wrong kind of packet", envelope: true, moved: []string{"Sealed|Plain"},
		attack: func(g *siege, _ *rand.Rand) {
			var other swim.Sealer
			if g.sealer == nil {
				other = sealerOf(clusterKey)
			}
			packet := sure(security.NewEnvelope(siegeCluster, other).Seal(nil, g.encode(pingFor("n0"))))
			g.each(64, func(int) []byte { return packet })
		},
	},
}

// What is in a good envelope and is no message.
var payloadRows = []packetRow{
	{
		name: "nothing", moved: []string{"Malformed"},
		attack: func(g *siege, _ *rand.Rand) { g.each(32, func(int) []byte { return g.seal(nil) }) },
	},
	{
		name: "noise in an envelope", moved: []string{"Malformed"}, may: []string{"Unopened"},
		attack: func(g *siege, rng *rand.Rand) {
			g.each(500, func(int) []byte {
				noise := randomBytes(rng, 1+rng.IntN(1300))
				noise[0] |= 0xa0 // no array, and so no message
				return g.seal(noise)
			})
		},
	},
	{
		name: "a message cut short", moved: []string{"Malformed"},
		attack: func(g *siege, _ *rand.Rand) {
			message := g.encode(gossip(claim("x", 1, 1, swim.Alive)))
			g.each(len(message), func(i int) []byte { return g.seal(message[:i]) })
		},
	},
	{
		name: "lengths and counts that claim more than was sent", moved: []string{"Malformed"},
		attack: func(g *siege, _ *rand.Rand) {
			message := g.encode(gossip(claim("x", 1, 1, swim.Alive)))
			for _, tag := range []byte{0xc6, 0xc9, 0xdb, 0xdd, 0xdf} { // bin, ext, str, array and map of 32 bits
				huge := binary.BigEndian.AppendUint32([]byte{tag}, 1<<32-1)
				g.each(len(message), func(i int) []byte {
					return g.seal(slices.Concat(message[:i], huge, message[i:]))
				})
			}
		},
	},
	{
		name: "nesting without an end", moved: []string{"Malformed"},
		attack: func(g *siege, _ *rand.Rand) {
			message := g.encode(pingFor("n0"))
			message[0]++ // one field more, of a later version
			for _, tag := range []byte{0x91, 0x81} {
				g.write(g.seal(append(slices.Clone(message), bytes.Repeat([]byte{tag}, 1200)...)))
			}
		},
	},
	{
		name: "decompression bombs", moved: []string{"Malformed"},
		attack: func(g *siege, _ *rand.Rand) {
			for _, bomb := range bombs() {
				if len(bomb) < 1300 {
					g.write(g.seal(bomb))
				}
			}
		},
	},
}

// Messages that no correct peer sends, and what a stranger may not ask.
var messageRows = []packetRow{
	{
		name: "kinds of message that nobody speaks", moved: []string{"MessagesInvalid"},
		attack: func(g *siege, _ *rand.Rand) {
			last := wire.Ping
			for last.Valid() {
				last++
			}
			for _, kind := range []wire.Kind{0, last, 255} {
				g.say(wire.Message{Kind: kind})
			}
		},
	},
	{
		name: "senders without a good name", moved: []string{"MessagesInvalid"},
		attack: func(g *siege, _ *rand.Rand) {
			for _, name := range []string{"new\nline", "\xff", strings.Repeat("n", 256)} {
				m := pingFor("n0")
				m.Sender.Name = name
				g.say(m)
			}
		},
	},
	{
		name: "epochs that nobody could outbid", moved: []string{"MessagesInvalid", "ClaimsInvalid"},
		attack: func(g *siege, _ *rand.Rand) {
			m := pingFor("n0")
			m.Sender.Epoch = 1<<64 - 1
			g.say(m)
			g.say(gossip(claim("n0", 1<<64-1, 0, swim.Failed), claim("n1", 1<<64-1, 0, swim.Left), claim("x", 1<<64-1, 0, swim.Alive)))
		},
	},
	{
		name: "claims that nobody makes", moved: []string{"ClaimsInvalid"},
		attack: func(g *siege, _ *rand.Rand) {
			g.say(gossip(claim("x", 1, 0, 0), claim("x", 1, 0, swim.Left+1), claim("new\nline", 1, 0, swim.Alive),
				wire.Update{Member: wire.Member{Name: "nowhere", Epoch: 1, State: swim.Alive}}))
		},
	},
	{
		name: "claims of long ago", moved: []string{"ClaimsStale"},
		attack: func(g *siege, _ *rand.Rand) {
			for _, state := range []swim.State{swim.Alive, swim.Suspect, swim.Failed, swim.Left} {
				g.say(gossip(claim("n1", 1, 1<<32-1, state), claim("n2", 1, 1<<32-1, state)))
			}
			dead := claim("buried long ago", 1, 1, swim.Failed)
			dead.Age = 1<<32 - 1
			g.say(gossip(dead))
		},
	},
	{
		name: "pings for others", moved: []string{"MessagesMisdirected"},
		attack: func(g *siege, _ *rand.Rand) { g.say(pingFor("n1")); g.say(pingFor("nobody")) },
	},
	{
		name: "the table, by packet", moved: []string{"MessagesRefused"},
		attack: func(g *siege, _ *rand.Rand) { g.say(wire.Message{Kind: wire.Sync, Seq: 1}) },
	},
	{
		name: "a message for the user, of a stranger", moved: []string{"MessagesRefused", "MessagesMisdirected"},
		attack: func(g *siege, _ *rand.Rand) {
			g.say(wire.Message{Kind: wire.User, Target: "n0", Digest: g.victim.Local().Epoch, Payload: []byte("hello")})
			g.say(wire.Message{Kind: wire.User, Target: "n0", Digest: 1, Payload: []byte("hello")})
		},
	},
	{
		name: "answers that nobody asked for", moved: []string{"MessagesLate"},
		attack: func(g *siege, rng *rand.Rand) {
			for range 100 {
				for _, kind := range []wire.Kind{wire.Ack, wire.Nack, wire.SyncReply} {
					g.say(wire.Message{Kind: kind, Seq: rng.Uint32(), Target: "n1", Sender: wire.Sender{Name: "n1", Epoch: g.nodes[1].Local().Epoch}})
				}
				g.processed()
			}
		},
	},
	{
		name: "the victim's own voice", moved: []string{"MessagesReflected"},
		attack: func(g *siege, _ *rand.Rand) {
			m := pingFor("n0")
			m.Sender = wire.Sender{Name: "n0", Epoch: g.victim.Local().Epoch}
			g.say(m)
		},
	},
	{
		name: "questions of a stranger", moved: nil,
		attack: func(g *siege, _ *rand.Rand) {
			for _, m := range []wire.Message{
				pingFor("n0"),
				{Kind: wire.PingReq, Seq: 1, Target: "n1"},
				{Kind: wire.PingReq, Seq: 1, Target: "nobody"},
				{Kind: wire.Refusal, Payload: []byte("you are not admitted\n\x1b[2J")},
				gossip(),
			} {
				for range 20 {
					g.say(m)
				}
				g.processed()
			}
			if !g.outside {
				g.eventually("a stranger is answered", func() bool { return g.answered.Load() > 0 })
			}
		},
	},
}

func randomBytes(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func pingFor(target string) wire.Message {
	return wire.Message{Kind: wire.Ping, Seq: 1, Target: target, Sender: wire.Sender{Name: "evil", Epoch: 1}}
}

func gossip(claims ...wire.Update) wire.Message {
	return wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "evil", Epoch: 1}, Updates: claims}
}

func claim(name string, epoch uint64, incarnation uint32, state swim.State) wire.Update {
	return wire.Update{Member: wire.Member{Name: name, Addr: "127.0.0.1:9", Epoch: epoch, Incarnation: incarnation, State: state}}
}

// bombs unpack to more than they are worth, or say so.
var bombs = sync.OnceValue(func() [][]byte {
	const marked, packedS2, packedZstd = 0xc1, 1, 2
	zeros := make([]byte, 16<<20)
	small := sure(zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)))
	return [][]byte{
		append([]byte{marked, packedS2}, binary.AppendUvarint(nil, 1<<31-1)...),
		append([]byte{marked, packedS2}, s2.Encode(nil, zeros)...),
		append([]byte{marked, packedZstd}, small.EncodeAll(zeros, nil)...),
		// A frame of 4 GiB, by its header, and a thousand runs of zeros.
		append([]byte("\xc1\x02\x28\xb5\x2f\xfd\xa0\xff\xff\xff\xff"), bytes.Repeat([]byte("\x02\x00\x10\x00"), 250)...),
	}
})
