package swim

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/swim-go/swim/internal/core"
	"github.com/swim-go/swim/wire"
)

// Of a process that was stopped and continued.
const (
	// stallTime is how late a timer is at least when it is taken for that.
	stallTime = 20 * time.Millisecond
	// settleQuiet is for how long nothing may arrive before what was waiting in
	// the socket is taken to be read, and settleMost is the longest wait.
	settleQuiet = 5 * time.Millisecond
	settleMost  = 100 * time.Millisecond
	// unarmed is the time that the timer is set to when it is not.
	unarmed = time.Duration(-1)
)

// loop owns the Machine. It gives it one input at a time and hands on what comes
// of it.
func (d *driver) loop() {
	defer close(d.ended)
	d.timer = time.NewTimer(0)
	defer d.timer.Stop()
	for {
		d.arm()
		select {
		case <-d.closing:
			return
		case in := <-d.inbox:
			d.receive(in)
		case f := <-d.failures:
			d.fail(f)
		case c := <-d.commands:
			c.run(d.now())
			close(c.done)
		case <-d.timer.C:
			d.tick()
		}
	}
}

// arm sets the timer to the Machine's deadline, if it is not.
func (d *driver) arm() {
	if at := d.machine.Deadline(); at != d.armed {
		d.armed = at
		d.timer.Reset(at - d.clock.now())
	}
}

// now is the Machine's time. A timer that is overdue, whatever woke the loop up
// instead, shows that the process stood still: then the time ends where the timer
// was due. What had passed of the stop until then, a period at most, counts.
func (d *driver) now() time.Duration {
	now := d.clock.now()
	if d.armed == unarmed || now-d.armed <= stallTime {
		return now
	}
	d.clock.leaveOut(now - d.armed)
	d.counters.stalls.Add(1)
	d.stalled = true
	return d.armed
}

// receive gives a message to the Machine.
func (d *driver) receive(in *inbound) {
	d.current = in
	d.machine.Receive(d.now(), in.from, &in.msg)
	d.flush()
	d.current = nil
	if in.reply != nil {
		close(in.reply) // an answer that is not given now never is
	}
	d.recycle(in)
}

// tick does what is due, after everything that has arrived. The other way round,
// a process that was stopped for a while would accuse all whose answers wait in
// its own socket: their time is up, by its clock (H15).
func (d *driver) tick() {
	d.now() // notices a stop
	d.armed = unarmed
	if d.stalled {
		d.stalled = false
		d.machine.Resumed(d.now())
		d.settle()
	}
	d.drain()
	d.admitUnsent()
	d.machine.Tick(d.now())
	d.flush()
	d.makeRoom()
}

// settle gives the reader time to fetch what waits in the socket.
func (d *driver) settle() {
	quiet := time.NewTimer(settleQuiet)
	defer quiet.Stop()
	for end := d.now() + settleMost; d.now() < end; {
		select {
		case in := <-d.inbox:
			d.receive(in)
			quiet.Reset(settleQuiet)
		case <-quiet.C:
			return
		case <-d.closing:
			return
		}
	}
}

// drain takes what waits, but no more than can wait: a flood must not hold up
// the timers for good.
func (d *driver) drain() {
	for range inboxPackets {
		select {
		case in := <-d.inbox:
			d.receive(in)
		case f := <-d.failures:
			d.fail(f)
		default:
			return
		}
	}
}

// admitUnsent tells the Machine which questions found the outbox full. That is
// an input, so it cannot be given while the outputs of another are looked at;
// before the next Tick is soon enough.
func (d *driver) admitUnsent() {
	n := len(d.unsent)
	for _, seq := range d.unsent[:n] {
		d.machine.Unsent(d.now(), seq)
		d.flush()
	}
	d.unsent = append(d.unsent[:0], d.unsent[n:]...)
}

// fail tells the Machine of a question that was not asked or not answered.
func (d *driver) fail(f failure) {
	if f.stream && f.kind == wire.Sync {
		d.answer(f.seq, answer{err: f.err})
		d.machine.Abandon(d.now(), f.seq)
	} else {
		d.machine.Unsent(d.now(), f.seq)
	}
	d.flush()
}

// flush hands on what the last input of the Machine brought about. Changes come
// before packets: what a peer can conclude from our answer, that we know of its
// departure say, must be true of what our own user sees as well.
func (d *driver) flush() {
	if events := d.machine.Events(); len(events) > 0 {
		d.directory.apply(events)
		for i := range events {
			d.publish(&events[i])
		}
	}
	packets := d.machine.Packets()
	for i := range packets {
		switch p := &packets[i]; {
		case p.Stream && p.Reply:
			d.reply(p)
		case p.Stream:
			d.open(p)
		default:
			d.send(p)
		}
	}
}

// publish hands on what is no change of a member.
func (d *driver) publish(e *core.Event) {
	switch e.Kind {
	case core.Synced:
		d.answer(e.Seq, answer{by: e.By})
		if m, ok := d.directory.member(e.By); ok {
			d.exchangeState(m, true)
		}
	case core.Unanswered:
		d.answer(e.Seq, answer{err: errUnanswered})
	case core.Refused:
		d.refused(e)
	case core.Departed:
		close(d.left)
	case core.Delivered:
		if d.delivery != nil {
			d.delivery.message(e.After, e.Payload)
		}
	case core.BroadcastDelivered:
		if d.delivery != nil {
			d.delivery.broadcast(e.After, e.Text, e.Payload)
		}
	case core.Acknowledged:
		d.answer(e.Seq, answer{by: e.By})
	case core.Undelivered:
		d.answer(e.Seq, answer{err: ErrUndelivered})
	case core.Pinged:
		if d.delivery != nil {
			d.delivery.pings.add(e.After, e.Took, e.Payload)
		}
	case core.StateDue:
		d.exchangeState(e.After, false)
	case core.Isolated:
		d.log.warn("cut off: nothing is heard of any other member, and none is declared failed", "members", e.Count)
	case core.Reconnected:
		d.log.info("reconnected: other members are heard again")
	case core.Barred:
		d.log.warn("declared failed by others again: this node returns when all has been well for a while, or on Join", "seconds", e.Count)
	case core.Conflicted:
		d.log.warn("another process uses this node's name", "name", e.After.Name, "addr", e.After.Addr)
		if d.delivery != nil {
			d.delivery.conflict(e.After)
		}
	}
}

// refused tells of one who was not admitted, here or elsewhere.
func (d *driver) refused(e *core.Event) {
	if e.Seq == 0 && !d.gates.lines.Allow(d.clock.elapsed(), "") {
		return // what anybody can bring about, by packets, must not fill a log
	}
	reason := printable(e.Text)
	if e.By == "" {
		d.log.warn("refused a node that is not admitted", "name", e.After.Name, "addr", printable(e.After.Addr), "reason", reason)
		return
	}
	d.log.warn("not admitted by a member", "member", e.By, "reason", reason)
	if e.Seq != 0 {
		d.answer(e.Seq, answer{err: &RefusedError{By: e.By, Reason: reason}})
	}
}

// printable replaces what would break a line of a log.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, s)
}
