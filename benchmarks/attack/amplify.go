package main

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/benchmarks/internal/cluster"
	"github.com/swim-go/swim/benchmarks/internal/report"
	"github.com/swim-go/swim/wire"
)

// amplification is its name for -run.
const amplification = "amplification"

const (
	// answerTime is how long answers are waited for.
	answerTime = 500 * time.Millisecond
	// newsBytes is how much metadata some nodes change before each request: news
	// rides on answers, so that is when they are largest.
	newsBytes = 400
	newsNodes = 4
)

// request is a message that anybody can send with another's address as its
// sender, and the answers then go there.
type request struct {
	name    string
	message wire.Message
}

// requests are the smallest of each kind that a correct peer could send, and
// those that provoke an answer.
func requests(victim, other swim.Member) (all []request) {
	of := func(k wire.Kind, target string, claims ...wire.Update) wire.Message {
		return wire.Message{Kind: k, Seq: 1, Sender: wire.Sender{Name: "x"}, Target: target, Updates: claims}
	}
	for k := wire.Ping; k.Valid(); k++ {
		smallest := of(k, "")
		if smallest.Check() != nil { // some kinds need a target
			smallest = of(k, victim.Name)
		}
		all = append(all, request{k.String(), smallest})
	}
	lie := wire.Update{From: "x", Member: wire.Member{
		Name: victim.Name, Addr: victim.Addr, Epoch: victim.Epoch, Incarnation: victim.Incarnation, State: wire.Suspect,
	}}
	old := of(wire.Gossip, "")
	old.Sender.Name = other.Name // in an epoch before its own
	return append(all,
		request{"ping for another", of(wire.Ping, "y")},
		request{"ping-req for a member", of(wire.PingReq, other.Name)},
		request{"ping-req for nobody", of(wire.PingReq, "y")},
		request{"gossip that accuses the victim", of(wire.Gossip, "", lie)},
		request{"gossip in a member's name", old},
	)
}

// amplify sends each request a few times and takes the largest answer.
func (p *plan) amplify(ctx context.Context, r *report.Report, quick bool) error {
	r.Title("%s: what a forged request of one packet draws from one of %d nodes", amplification, p.nodes)
	r.Note("Bytes are those of UDP's payload. Each kind is tried with %d bytes of new metadata of %d members waiting to be told, and the largest", newsBytes, newsNodes)
	r.Note("answers count, those within %v together. Whose address is forged has not asked for any of them: QUIC allows a factor of 3 before", answerTime)
	r.Note("an address is validated (RFC 9000, section 8.1).")
	c, err := p.form(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	rest(ctx, calm)
	tries := 5
	if quick {
		tries = 1
	}
	all := requests(c.Nodes[0].Local(), c.Nodes[1].Local())
	for i := range all {
		packet, err := encode("", &all[i].message)
		if err != nil {
			return err
		}
		packets, bytes := 0, 0
		for try := range tries {
			if err := p.news(ctx, c, i*tries+try); err != nil {
				return err
			}
			n, b, err := draw(ctx, c.Nodes[0].Local().Addr, func(string) ([]byte, error) { return packet, nil }, answerTime)
			if err != nil {
				return err
			}
			if b > bytes {
				packets, bytes = n, b
			}
		}
		p.addFactor(r, all[i].name, len(packet), packets, bytes)
	}
	if err := p.reflect(ctx, r, c, quick); err != nil {
		return err
	}
	return accused(c)
}

// news gives the victim something to tell.
func (p *plan) news(ctx context.Context, c *cluster.Cluster, n int) error {
	meta := []byte(strings.Repeat(string(rune('a'+n%26)), newsBytes-n/26%26)) // no two in a row alike
	var setting sync.WaitGroup
	errs := make([]error, newsNodes)
	for i := range newsNodes {
		setting.Go(func() { errs[i] = c.Nodes[1+i].SetMeta(ctx, meta) })
	}
	setting.Wait()
	for end := time.Now().Add(time.Second); c.Nodes[0].Stats().Gossip < newsNodes-1 && time.Now().Before(end); {
		rest(ctx, time.Millisecond)
	}
	return errors.Join(errs...)
}

// reflect invents a member at the forged address: then it is not one answer that
// goes there, but what all nodes say to a member until they hold it for failed.
func (p *plan) reflect(ctx context.Context, r *report.Report, c *cluster.Cluster, quick bool) error {
	length := 20 * time.Second
	if quick {
		length = 5 * time.Second
	}
	size := 0
	packets, bytes, err := draw(ctx, c.Nodes[0].Local().Addr, func(self string) ([]byte, error) {
		m := wire.Message{Kind: wire.Gossip, Sender: wire.Sender{Name: "x"}, Updates: []wire.Update{{
			Member: wire.Member{Name: "invented", Addr: self, Epoch: 1, State: wire.Alive},
		}}}
		packet, err := encode("", &m)
		size = len(packet)
		return packet, err
	}, length)
	if err != nil {
		return err
	}
	r.Flush()
	r.Note("One packet of gossip that invents a member, by which all %d nodes of the cluster probe that address, and tell it news, for %v at most:", p.nodes, length)
	p.addFactor(r, "a member invented there", size, packets, bytes)
	return nil
}

// draw sends one packet to a node and collects what comes back.
func draw(ctx context.Context, to string, make func(self string) ([]byte, error), wait time.Duration) (packets, bytes int, err error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0") // not connected: answers may come from others
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	packet, err := make(conn.LocalAddr().String())
	if err != nil {
		return 0, 0, err
	}
	addr, err := net.ResolveUDPAddr("udp", to)
	if err != nil {
		return 0, 0, err
	}
	if _, err := conn.WriteTo(packet, addr); err != nil {
		return 0, 0, err
	}
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return 0, 0, err
	}
	buffer := [1 << 16]byte{}
	for {
		n, _, err := conn.ReadFrom(buffer[:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return packets, bytes, nil
		}
		if err != nil {
			return packets, bytes, err
		}
		packets++
		bytes += n
	}
}

func (p *plan) addFactor(r *report.Report, name string, request, packets, bytes int) {
	setting := amplification + ", " + name
	p.add(r, setting, "request", float64(request), "B")
	p.add(r, setting, "answers", float64(packets), "")
	p.add(r, setting, "answers together", float64(bytes), "B")
	p.add(r, setting, "factor", float64(bytes)/float64(request), "")
}
