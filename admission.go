package swim

import (
	"context"
	"errors"
	"time"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

// admit is the Admission as the Machine asks it, with the time of day, and nil
// without one.
func (c *Config) admit() func(wire.Member) error {
	if c.Admission == nil {
		return nil
	}
	admission := c.Admission
	return func(m wire.Member) error {
		if err := admission.Admit(m, time.Now()); err != nil {
			return errors.New(security.Reason(err))
		}
		return nil
	}
}

// SetToken replaces this node's credential, before the one it has expires, say, and
// announces it to all members. It returns a [SizeError], [ErrLeft], [ErrClosed] or
// ctx's error; then nothing was changed. Members that do not admit it keep to the
// one they have.
func (n *Node) SetToken(ctx context.Context, token string) error {
	if len(token) > n.maxToken {
		return &SizeError{What: "token", Bytes: len(token), Limit: n.maxToken}
	}
	return n.driver.input(ctx, func(now time.Duration) { n.driver.machine.SetToken(now, token) })
}
