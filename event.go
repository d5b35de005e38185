package swim

import "strconv"

// EventKind says what an [Event] tells. The zero EventKind is not valid.
type EventKind uint8

const (
	// EventJoined: the member takes part now, for the first time or again.
	EventJoined EventKind = iota + 1
	// EventUpdated: its metadata or its address changed.
	EventUpdated
	// EventSuspected: somebody could not reach it. It still takes part, and has
	// a while to refute that.
	EventSuspected
	// EventRecovered: it did refute it.
	EventRecovered
	// EventFailed: it is gone without a word, or another process took its name.
	EventFailed
	// EventLeft: it said that it leaves.
	EventLeft
)

func (k EventKind) String() string {
	switch k {
	case EventJoined:
		return "joined"
	case EventUpdated:
		return "updated"
	case EventSuspected:
		return "suspected"
	case EventRecovered:
		return "recovered"
	case EventFailed:
		return "failed"
	case EventLeft:
		return "left"
	}
	return "EventKind(" + strconv.Itoa(int(k)) + ")"
}

// Event is one change of a member, as one subscriber sees it.
//
// For each name, to each subscriber, EventJoined and (EventFailed or EventLeft)
// alternate strictly, beginning with EventJoined; between those two, so do
// EventSuspected and EventRecovered, beginning with EventSuspected. A member
// that was gone before the subscriber heard that it had come is never mentioned.
type Event struct {
	Kind EventKind
	// Member is what is believed of it now. Of an EventFailed for the reason
	// Restarted it is the life that ended; the new one's EventJoined follows.
	Member Member
	// Reason is why. Where one Event stands for several changes, it is the last
	// one's.
	Reason Reason
	// By names the member that accused it, if one did.
	By string
}

// change is what a subscriber has yet to be told of one member: from what it
// knows to what is believed now.
type change struct {
	before, after Member
	reason        Reason
	by            string
}

// diff tells a change as events: none, or what leads from before to after. It
// looks at nothing else, so it does not matter what came and went in between.
func diff(c *change) []Event {
	b, a := &c.before, &c.after
	var events []Event
	tell := func(k EventKind, m Member, r Reason, by string) {
		events = append(events, Event{Kind: k, Member: m, Reason: r, By: by})
	}
	known := b.State.Live()
	if known && a.State.Live() && a.Epoch != b.Epoch {
		ended := *b
		ended.State = Failed
		tell(EventFailed, ended, Restarted, "")
		known = false
	}
	switch {
	case !known && !a.State.Live():
	case !known && a.State == Suspect:
		tell(EventJoined, *a, joinReason(b, a, Announced), "")
		tell(EventSuspected, *a, c.reason, c.by)
	case !known:
		tell(EventJoined, *a, joinReason(b, a, c.reason), "")
	case a.State == Left:
		tell(EventLeft, *a, c.reason, c.by)
	case !a.State.Live():
		tell(EventFailed, *a, c.reason, c.by)
	default:
		if a.Addr != b.Addr || a.Meta != b.Meta {
			tell(EventUpdated, *a, Announced, "")
		}
		if a.State == Suspect && b.State == Alive {
			tell(EventSuspected, *a, c.reason, c.by)
		}
		if a.State == Alive && b.State == Suspect {
			tell(EventRecovered, *a, c.reason, c.by)
		}
	}
	return events
}

// joinReason is Restarted for a new life of a member that is known already.
func joinReason(before, after *Member, otherwise Reason) Reason {
	if before.State != 0 && before.Epoch != after.Epoch {
		return Restarted
	}
	return otherwise
}
