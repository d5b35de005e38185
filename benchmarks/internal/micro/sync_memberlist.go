package micro

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// memberlistPair is two nodes of memberlist's, of which the first exchanges tables
// with the second.
type memberlistPair struct {
	crossing
	nodes   [2]*memberlist.Memberlist
	ports   [2]*memberlistPort
	updates [2]updates
	log     complaints
}

// updates counts what a node's user is told to have changed.
type updates struct{ seen atomic.Int64 }

func (u *updates) NotifyJoin(*memberlist.Node)   {}
func (u *updates) NotifyLeave(*memberlist.Node)  {}
func (u *updates) NotifyUpdate(*memberlist.Node) { u.seen.Add(1) }

func newMemberlistPair(members int) (pair, error) {
	p := &memberlistPair{ports: [2]*memberlistPort{newMemberlistPort("10.0.0.1"), newMemberlistPort("10.0.0.2")}}
	p.ports[0].dial = func() net.Conn {
		x, y := p.link()
		p.ports[1].streams <- y
		return x
	}
	for i, port := range p.ports {
		config := quietMemberlist([]string{"a", "b"}[i], port, &p.log)
		config.Events = &p.updates[i]
		var err error
		if p.nodes[i], err = memberlist.Create(config); err != nil {
			_ = p.end() // the first error says more
			return nil, err
		}
	}
	err := fillMemberlist(p.nodes[1], p.ports[1], members)
	if err == nil {
		_, err = p.sync()
	}
	if err == nil {
		err = eventually("both know all", func() bool {
			return p.nodes[0].NumMembers() == members+2 && p.nodes[1].NumMembers() == members+2
		})
	}
	if err != nil {
		_ = p.end()
		return nil, err
	}
	return p, nil
}

func (p *memberlistPair) wire() *crossing { return &p.crossing }

func (p *memberlistPair) change(round, rows int) error {
	if p.updates[1].seen.Load() != int64(round*rows) {
		return errors.New("memberlist exchanged tables, and not what had changed")
	}
	for i := range rows {
		message, err := changed(i, round).alive()
		if err == nil {
			err = p.ports[0].push(&memberlist.Packet{Buf: message, From: p.ports[0].addr(), Timestamp: time.Now()}, time.After(patience))
		}
		if err != nil {
			return err
		}
	}
	return eventually("memberlist is told what changed", func() bool { return p.updates[0].seen.Load() == int64((round+1)*rows) })
}

// sync ends when the other, too, has taken what it was told: it does so after it has
// answered, and closes its stream then.
func (p *memberlistPair) sync() (time.Duration, error) {
	began := time.Now()
	if _, err := p.nodes[0].Join([]string{p.ports[1].addr().String()}); err != nil {
		return 0, err
	}
	took := time.Since(began)
	return took, eventually("memberlist closes its stream", func() bool { return p.closed.Swap(0) > 0 })
}

func (p *memberlistPair) end() error {
	for _, m := range p.nodes {
		if m != nil {
			if err := m.Shutdown(); err != nil {
				return err
			}
		}
	}
	return p.log.err()
}
