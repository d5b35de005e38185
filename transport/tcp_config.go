package transport

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// TCPConfig is what a [TCP] is made of. Bind is required; in each other field
// the zero value means the default.
type TCPConfig struct {
	// Bind is where to listen, written as for [ListenUDP].
	Bind string
	// MaxOutgoing is how many connections for packets this side opens at most.
	// For one more, the one that has been idle for longest is closed. Each takes
	// a file descriptor and two goroutines. Default 1024.
	MaxOutgoing int
	// MaxIncoming is how many such connections of peers are open at most. For
	// one more, the one that has been idle for longest is closed, if it has been
	// for Timeout; else the newcomer is refused. Default 2048.
	MaxIncoming int
	// MaxPerHost is how many of each go to or come from one IP address. For one
	// more to it, the one that has been idle for longest is closed; one more from
	// it is refused. It bounds the connections that have not said what they are
	// for, and the streams not accepted yet, too. Default 256.
	MaxPerHost int
	// IdleTimeout is after how long without a packet either way a connection
	// that this side opened is closed. One that a peer opened lasts twice as long,
	// so that packets do not meet an end that was closing. Default 1 min.
	IdleTimeout time.Duration
	// Timeout is how long a connection may take to be opened and to say what it
	// is for, a packet that has begun to arrive to be here, a write to be taken,
	// and a peer to give a sign of life when asked. What takes longer is closed.
	// Default 5 s.
	Timeout time.Duration
	// Trouble is told why a connection was refused, could not be opened, or was
	// ended other than for being idle, for a log say. peer is the other side's
	// "ip:port". Several goroutines call it, hostile peers as often as they
	// like, and it must not block. Default: nobody is told, and Stats counts.
	Trouble func(peer string, err error)
}

// filled returns c with the defaults in.
func (c TCPConfig) filled() TCPConfig {
	c.MaxOutgoing = cmp.Or(c.MaxOutgoing, 1024)
	c.MaxIncoming = cmp.Or(c.MaxIncoming, 2048)
	c.MaxPerHost = cmp.Or(c.MaxPerHost, 256)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, time.Minute)
	c.Timeout = cmp.Or(c.Timeout, 5*time.Second)
	return c
}

// check names everything that is wrong with c.
func (c TCPConfig) check() error {
	var wrong []error
	for _, f := range []struct {
		name  string
		value int
	}{{"MaxOutgoing", c.MaxOutgoing}, {"MaxIncoming", c.MaxIncoming}, {"MaxPerHost", c.MaxPerHost}} {
		if f.value < 0 {
			wrong = append(wrong, fmt.Errorf("%w: %s is %d: want 1 or more, or 0 for the default", ErrConfig, f.name, f.value))
		}
	}
	for _, f := range []struct {
		name  string
		value time.Duration
	}{{"IdleTimeout", c.IdleTimeout}, {"Timeout", c.Timeout}} {
		if f.value < 0 {
			wrong = append(wrong, fmt.Errorf("%w: %s is %v: want more than 0, or 0 for the default", ErrConfig, f.name, f.value))
		}
	}
	return errors.Join(wrong...)
}
