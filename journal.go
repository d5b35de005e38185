package swim

import "github.com/hashicorp/go-hclog"

// maxLines is how many lines wait for the Logger before the newest is dropped.
const maxLines = 256

// journal writes to the Logger from a goroutine of its own, so that one that
// blocks (a full pipe, a dead disk) does not stop the protocol and make the node
// look dead. Any goroutine may add a line.
type journal struct {
	logger   hclog.Logger // nil: silence
	lines    chan line
	counters *counters
}

type line struct {
	level hclog.Level
	text  string
	args  []any
}

func newJournal(logger hclog.Logger, c *counters) *journal {
	return &journal{logger: logger, lines: make(chan line, maxLines), counters: c}
}

// debugs reports whether debug lines are wanted. The arguments of one cost more
// than the packet that it is about.
func (j *journal) debugs() bool { return j.logger != nil && j.logger.IsDebug() }

func (j *journal) debug(text string, args ...any) { j.add(hclog.Debug, text, args) }
func (j *journal) info(text string, args ...any)  { j.add(hclog.Info, text, args) }
func (j *journal) warn(text string, args ...any)  { j.add(hclog.Warn, text, args) }
func (j *journal) error(text string, args ...any) { j.add(hclog.Error, text, args) }

func (j *journal) add(level hclog.Level, text string, args []any) {
	if j.logger == nil {
		return
	}
	select {
	case j.lines <- line{level, text, args}:
	default:
		j.counters.linesShed.Add(1)
	}
}

// run writes lines, and one for each change of a member, until the node closes.
// Nobody waits for it to end: the Logger may be blocked for ever.
func (j *journal) run(d *directory, closing <-chan struct{}) {
	sub := d.subscribe()
	defer d.unsubscribe(sub)
	for {
		select {
		case l := <-j.lines:
			j.logger.Log(l.level, l.text, l.args...)
		case <-sub.wake:
			j.logChanges(d, sub)
		case <-closing:
			j.flush()
			j.logger.Info("node closed")
			return
		}
	}
}

func (j *journal) logChanges(d *directory, sub *subscription) {
	for {
		events, ok := d.next(sub)
		if !ok {
			return
		}
		for _, e := range events {
			if j.logger.IsInfo() {
				j.logger.Info("member "+e.Kind.String(),
					"name", e.Member.Name, "addr", e.Member.Addr, "reason", e.Reason.String(), "by", e.By)
			}
		}
	}
}

// flush writes what waits, but nothing that is added meanwhile.
func (j *journal) flush() {
	for range len(j.lines) {
		l := <-j.lines
		j.logger.Log(l.level, l.text, l.args...)
	}
}
