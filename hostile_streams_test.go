package swim_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// streamRow is one way to attack by streams that leaves no trace but counters.
type streamRow struct {
	name   string
	attack func(*siege)
	// moved and framed are as with a packetRow: framed says that it never comes
	// to the envelope.
	moved  []string
	framed bool
	may    []string
}

// siegeStreams are what a node of a siege allows to be open at a time.
const siegeStreams = 16

// TestHostileStreams is the table of what comes by stream, in the same three
// settings as that of packets. Streams that say little, very slowly, and such as do
// not read their answers are in TestSlowStreamsHoldUpNobody,
// TestSilentStreamsKeepNobodyOut and TestSilentStreamsOverSockets; those that come
// too fast, in TestStreamsAboveTheRateAreShed.
func TestHostileStreams(t *testing.T) {
	bombs()
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			g := s.layTo(t, func(c *swim.Config) {
				unlimited(c)
				c.MaxStreams, c.StreamTimeout = siegeStreams, 400*time.Millisecond
			})
			for _, row := range streamRows {
				g.within(row.name, func() {
					moved := row.moved
					if g.outside && !row.framed {
						moved = []string{unopened}
					}
					g.attack(func() { row.attack(g) }, moved, row.may)
					if got := g.victim.Stats().StreamsIn; got != 0 {
						g.Errorf("%d streams are open still", got)
					}
				})
			}
			g.well()
		})
	}
}

var streamRows = []streamRow{
	{
		name: "opened and closed", framed: true, moved: []string{"ReadErrors"}, may: []string{"StreamsRefused", "StreamsEvicted"},
		attack: func(g *siege) { g.streams(50, nil, true) },
	},
	{
		name: "silence, half a length, and 16 MiB announced and a little sent", framed: true,
		moved: []string{"ReadErrors|StreamsSlow"}, may: []string{"StreamsEvicted"},
		attack: func(g *siege) {
			claimed := append(binary.BigEndian.AppendUint32(nil, 16<<20), make([]byte, 1000)...)
			var open sync.WaitGroup
			for _, data := range [][]byte{nil, {0, 0}, claimed} {
				open.Go(func() { g.streams(siegeStreams/4, data, false) })
			}
			open.Wait()
		},
	},
	{
		name: "4 GiB announced", framed: true, moved: []string{"Oversized"},
		attack: func(g *siege) { g.streams(8, []byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3}, false) },
	},
	{
		name: "an empty frame", framed: true, moved: []string{"Corrupt"},
		attack: func(g *siege) { g.streams(8, frame(nil), false) },
	},
	{
		name: "noise", framed: true, moved: []string{"Version"},
		attack: func(g *siege) { g.streams(8, frame(bytes.Repeat([]byte("noise"), 10_000)), false) },
	},
	{
		name: "another cluster", framed: true, moved: []string{"Cluster"},
		attack: func(g *siege) {
			foreign := security.NewEnvelope("another", nil)
			g.streams(8, frame(sure(foreign.Seal(nil, g.encode(wire.Message{Kind: wire.Sync, Sender: wire.Sender{Name: "evil"}})))), false)
		},
	},
	{
		name: "nothing in an envelope", moved: []string{"Malformed"},
		attack: func(g *siege) { g.frames([][]byte{nil}) },
	},
	{
		name: "a count that claims more than was sent", moved: []string{"Malformed"},
		attack: func(g *siege) {
			message := g.encode(gossip(claim("x", 1, 1, swim.Alive)))
			huge := []byte{0xdd, 0xff, 0xff, 0xff, 0xff}
			var lies [][]byte
			for i := range message {
				lies = append(lies, slices.Concat(message[:i], huge, message[i:]))
			}
			g.frames(lies)
		},
	},
	{
		name: "decompression bombs", moved: []string{"Malformed"},
		attack: func(g *siege) { g.frames(bombs()) },
	},
	{
		name: "a table of lies", moved: []string{"ClaimsInvalid", "ClaimsStale"},
		attack: func(g *siege) {
			m := wire.Message{Kind: wire.Sync, Seq: 1, Sender: wire.Sender{Name: "evil", Epoch: 1}}
			for range 1000 {
				m.Updates = append(m.Updates, claim("", 1, 1, swim.Alive), claim("x", 1<<64-1, 1, swim.Alive), claim("n1", 1, 1, swim.Failed))
			}
			g.frames([][]byte{g.encode(m)})
		},
	},
	{
		name: "what goes by packet alone", moved: []string{"MessagesRefused"},
		attack: func(g *siege) { g.frames([][]byte{g.encode(gossip())}) },
	},
	{
		name: "thousands at once", framed: true, moved: []string{"ReadErrors|StreamsRefused|StreamsEvicted"},
		attack: func(g *siege) {
			for range 20 {
				g.streams(100, nil, true)
				if got := g.victim.Stats().StreamsIn; got > siegeStreams {
					g.Errorf("%d streams are open", got)
				}
			}
		},
	},
}

// streams opens so many streams at once, sends the same over each, hangs up or
// stays, and returns when the victim has closed them all.
func (g *siege) streams(n int, data []byte, hangUp bool) {
	g.Helper()
	var open sync.WaitGroup
	for range n {
		open.Go(func() {
			conn, err := net.Dial("tcp", g.victim.Local().Addr)
			if err != nil {
				g.Error(err)
				return
			}
			defer conn.Close()
			_, _ = conn.Write(data) // it may be closed already
			if hangUp {
				return
			}
			_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			if got, err := io.Copy(io.Discard, conn); isTimeout(err) {
				g.Errorf("not closed within 20 s, and %d bytes answered", got)
			}
		})
	}
	open.Wait()
	g.eventually("the streams are over", func() bool { return g.victim.Stats().StreamsIn == 0 })
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

// frames sends messages, however wrong, each over a stream of its own.
func (g *siege) frames(messages [][]byte) {
	g.Helper()
	for _, message := range messages {
		g.streams(1, frame(g.seal(message)), false)
	}
}
