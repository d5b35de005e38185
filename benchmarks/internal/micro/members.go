package micro

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/memberlist"

	"github.com/swim-go/swim"
)

// memberLists measures a copy of the list of members.
func memberLists(b *bench) error {
	b.Title("Members()")
	b.Note("swim returns copies; memberlist a new slice of pointers to the nodes that it goes on changing, without those that failed or left.")
	for _, members := range b.pick([]int{1000}, []int{1000, 10000}) {
		err := b.compare("members", fmt.Sprintf("n=%d", members),
			subject{swimName, func() (task, error) { return newSwimList(members) }},
			subject{memberlistName, func() (task, error) { return newMemberlistList(members) }},
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// memberLooks measures a look at each member.
func memberLooks(b *bench) error {
	b.Title("looking at each member")
	b.Note("A loop over All() with swim, which copies no list, and over Members() with memberlist.")
	for _, members := range b.pick([]int{1000}, []int{1000, 10000}) {
		err := b.compare("look", fmt.Sprintf("n=%d", members),
			subject{swimName, func() (task, error) {
				l, err := newSwimList(members)
				return &swimLook{l}, err
			}},
			subject{memberlistName, func() (task, error) {
				l, err := newMemberlistList(members)
				return &memberlistLook{l}, err
			}},
		)
		if err != nil {
			return err
		}
	}
	return nil
}

var errMembers = errors.New("members are missing")

type swimList struct {
	node    *swim.Node
	members int
}

func newSwimList(members int) (*swimList, error) {
	port := newSwimPort("10.0.0.1:7946")
	node, err := swim.Start(context.Background(), quietSwim(port))
	if err != nil {
		return nil, err
	}
	l := &swimList{node, members}
	if err := fillSwim(node, port, members); err != nil {
		_ = l.end() // the first error says more
		return nil, err
	}
	return l, nil
}

func (l *swimList) prepare(int) error { return nil }

func (l *swimList) run(n int) error {
	for range n {
		if len(l.node.Members()) != l.members+1 {
			return errMembers
		}
	}
	return nil
}

func (l *swimList) end() error { return l.node.Close() }

// swimLook looks at each member, without a list.
type swimLook struct{ *swimList }

func (l *swimLook) run(n int) error {
	for range n {
		seen := 0
		for m := range l.node.All() {
			if m.Addr != "" {
				seen++
			}
		}
		if seen != l.members+1 {
			return errMembers
		}
	}
	return nil
}

type memberlistList struct {
	node    *memberlist.Memberlist
	log     complaints
	members int
}

func newMemberlistList(members int) (*memberlistList, error) {
	l := &memberlistList{members: members}
	port := newMemberlistPort("10.0.0.1")
	var err error
	if l.node, err = memberlist.Create(quietMemberlist("a", port, &l.log)); err != nil {
		return nil, err
	}
	if err := fillMemberlist(l.node, port, members); err != nil {
		_ = l.end() // the first error says more
		return nil, err
	}
	return l, nil
}

func (l *memberlistList) prepare(int) error { return nil }

func (l *memberlistList) run(n int) error {
	for range n {
		if len(l.node.Members()) != l.members+1 {
			return errMembers
		}
	}
	return nil
}

func (l *memberlistList) end() error {
	if err := l.node.Shutdown(); err != nil {
		return err
	}
	return l.log.err()
}

// memberlistLook looks at each member.
type memberlistLook struct{ *memberlistList }

func (l *memberlistLook) run(n int) error {
	for range n {
		seen := 0
		for _, m := range l.node.Members() {
			if m.Port != 0 {
				seen++
			}
		}
		if seen != l.members+1 {
			return errMembers
		}
	}
	return nil
}
