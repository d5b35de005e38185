package swim

import "container/list"

// subscription is what one reader of events has yet to be told. It holds at
// most one change for each member, so its memory is bounded by the number of
// members, whether it is read or not. The mutex of its directory guards it.
type subscription struct {
	pending map[string]*list.Element
	order   *list.List    // of *change, the one that waits longest first
	wake    chan struct{} // holds a token whenever the reader should look
}

func newSubscription() *subscription {
	return &subscription{
		pending: make(map[string]*list.Element),
		order:   list.New(),
		wake:    make(chan struct{}, 1),
	}
}

// note takes a change. One that undoes what the reader has not heard of yet
// leaves nothing to tell, and is dropped: only so is memory bounded when
// members of ever new names come and go.
func (s *subscription) note(c change) {
	name := c.after.Name
	e, waits := s.pending[name]
	if waits {
		c.before = e.Value.(*change).before
	}
	switch telling := len(diff(&c)) > 0; {
	case waits && telling:
		*e.Value.(*change) = c
	case waits:
		s.order.Remove(e)
		delete(s.pending, name)
	case telling:
		s.pending[name] = s.order.PushBack(&c)
	}
	s.signal()
}

func (s *subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// renew takes a change of the node itself, in which a new epoch is no new life.
func (s *subscription) renew(c change) {
	if e, waits := s.pending[c.after.Name]; waits {
		e.Value.(*change).before.Epoch = c.after.Epoch
	}
	c.before.Epoch = c.after.Epoch
	s.note(c)
}

// take removes the change that waits longest.
func (s *subscription) take() (change, bool) {
	e := s.order.Front()
	if e == nil {
		return change{}, false
	}
	c := *s.order.Remove(e).(*change)
	delete(s.pending, c.after.Name)
	return c, true
}
