package swimtest

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/query"
)

func TestGoodDelegates(t *testing.T) {
	for name, newDelegate := range map[string]delegates{
		"that does nothing":      func() swim.Delegate { return swim.NopDelegate{} },
		"with all callbacks":     func() swim.Delegate { return newSpoiltDelegate(nil) },
		"of queries":             func() swim.Delegate { return query.New(nil).Delegate() },
		"of queries and another": func() swim.Delegate { return query.New(newSpoiltDelegate(nil)).Delegate() },
	} {
		t.Run(name, func(t *testing.T) { TestDelegate(t, newDelegate) })
	}
}

// spoiltDelegate keeps a set of words, its own name and those of others, that only grows,
// but for the methods that are given.
type spoiltDelegate struct {
	words     []string // sorted
	event     func(swim.Event)
	message   func(from swim.Member, payload []byte)
	conflict  func(other swim.Member)
	ping      func(member swim.Member, rtt time.Duration, payload []byte)
	broadcast func(from swim.Member, channel string, payload []byte)
	local     func(join bool) []byte
	merge     func(state []byte)
	released  chan struct{} // with Close
}

func newSpoiltDelegate(spoil func(d *spoiltDelegate)) *spoiltDelegate {
	d := &spoiltDelegate{words: []string{"word"}, released: make(chan struct{})}
	if spoil != nil {
		spoil(d)
	}
	return d
}

func (d *spoiltDelegate) Close() error { close(d.released); return nil }

func (d *spoiltDelegate) NotifyEvent(e swim.Event) {
	if d.event != nil {
		d.event(e)
	}
}

func (d *spoiltDelegate) NotifyMessage(from swim.Member, payload []byte) {
	if d.message != nil {
		d.message(from, payload)
	}
}

func (d *spoiltDelegate) NotifyConflict(other swim.Member) {
	if d.conflict != nil {
		d.conflict(other)
	}
}

func (d *spoiltDelegate) NotifyPing(member swim.Member, rtt time.Duration, payload []byte) {
	if d.ping != nil {
		d.ping(member, rtt, payload)
	}
}

func (d *spoiltDelegate) NotifyBroadcast(from swim.Member, channel string, payload []byte) {
	if d.broadcast != nil {
		d.broadcast(from, channel, payload)
	}
}

func (d *spoiltDelegate) LocalState(join bool) []byte {
	if d.local != nil {
		return d.local(join)
	}
	return []byte(strings.Join(d.words, " "))
}

func (d *spoiltDelegate) MergeState(_ swim.Member, state []byte, _ bool) {
	if d.merge != nil {
		d.merge(state)
		return
	}
	d.add(state)
}

// add takes up words, unless there are many.
func (d *spoiltDelegate) add(state []byte) {
	for _, word := range strings.Fields(string(state)) {
		if at, ok := slices.BinarySearch(d.words, word); !ok && len(word) < 100 && len(d.words) < 100 {
			d.words = slices.Insert(d.words, at, word)
		}
	}
}

const (
	aNode  = "A Node may call it"
	closes = "Its Node may be closed at any moment"
)

func TestBrokenDelegates(t *testing.T) {
	like := func(spoil func(d *spoiltDelegate)) func(*testing.T) delegates {
		return just(func() swim.Delegate { return newSpoiltDelegate(spoil) })
	}
	sentences := slices.Concat(delegateSentences, conflictSentences, pingSentences, broadcastSentences, stateSentences, nodeSentences)
	catches(t, sentences, false, []broken[delegates]{
		{
			fault: "it panics of a suspect", sentence: "NotifyEvent bears every Event", also: []string{aNode},
			bind: like(func(d *spoiltDelegate) {
				d.event = func(e swim.Event) {
					if e.Kind == swim.EventSuspected {
						panic("a suspect")
					}
				}
			}),
		},
		{
			fault: "it is blocked by its second life", sentence: "NotifyEvent bears every Event",
			bind: like(func(d *spoiltDelegate) {
				d.event = func(e swim.Event) {
					if e.Member.Epoch == 2 {
						<-d.released
					}
				}
			}),
		},
		{
			fault: "it panics of an empty message", sentence: "NotifyMessage bears every payload", also: []string{aNode},
			bind: like(func(d *spoiltDelegate) {
				d.message = func(_ swim.Member, payload []byte) { _ = payload[0] }
			}),
		},
		{
			fault: "it is blocked by a long message", sentence: "NotifyMessage bears every payload", also: []string{aNode},
			bind: like(func(d *spoiltDelegate) {
				d.message = func(_ swim.Member, payload []byte) {
					if len(payload) > 1000 {
						<-d.released
					}
				}
			}),
		},
		{
			fault: "it panics of another process", sentence: "NotifyConflict bears every other process", also: []string{aNode},
			bind: like(func(d *spoiltDelegate) { d.conflict = func(swim.Member) { panic("another") } }),
		},
		{
			fault: "it panics where no payload was set", sentence: "NotifyPing bears every answer", also: []string{aNode},
			perhaps: []string{closes}, // whom a node pings first is chance
			bind: like(func(d *spoiltDelegate) {
				d.ping = func(_ swim.Member, _ time.Duration, payload []byte) { _ = payload[0] }
			}),
		},
		{
			fault: "it divides by the round trip time", sentence: "NotifyPing bears every answer", also: []string{aNode},
			perhaps: []string{closes}, // whom a node pings first is chance
			bind: like(func(d *spoiltDelegate) {
				d.ping = func(_ swim.Member, rtt time.Duration, _ []byte) { _ = time.Second / rtt }
			}),
		},
		{
			fault: "it panics of an empty broadcast", sentence: "NotifyBroadcast bears every payload", also: []string{aNode},
			bind: like(func(d *spoiltDelegate) {
				d.broadcast = func(_ swim.Member, _ string, payload []byte) { _ = payload[0] }
			}),
		},
		{
			fault: "it panics of a state that is cut", sentence: "MergeState bears every state",
			bind: like(func(d *spoiltDelegate) {
				d.merge = func(state []byte) {
					if string(state) != string(d.LocalState(false)) {
						panic("no state")
					}
				}
			}),
		},
		{
			fault: "its state is larger than is sent", sentence: "LocalState keeps to the default of MaxStateBytes",
			bind: like(func(d *spoiltDelegate) {
				d.local = func(bool) []byte { return bytes.Repeat([]byte("x"), 1<<20+1) }
			}),
		},
		{
			fault: "its state has another order each time", sentence: "Equal states are equal bytes",
			also: []string{"The same state may be merged again"},
			bind: like(func(d *spoiltDelegate) {
				asked := 0
				d.local = func(bool) []byte { asked++; return append([]byte("word"), byte(asked)) }
			}),
		},
		{
			fault: "what is merged is added", sentence: "The same state may be merged again",
			bind: like(func(d *spoiltDelegate) {
				d.merge = func(state []byte) {
					if string(state) != "word" || len(d.words) > 3 {
						d.add(state)
						return
					}
					d.words = append(d.words, "word")
				}
			}),
		},
		{
			fault: "what is merged last is taken", sentence: "States may be merged in any order",
			bind: func(*testing.T) delegates {
				made := 0
				return func() swim.Delegate {
					made++
					own := string(rune('a' + made%26))
					return newSpoiltDelegate(func(d *spoiltDelegate) {
						d.words = []string{own}
						d.merge = func(state []byte) { d.words = []string{string(state[:min(len(state), 100)])} }
					})
				}
			},
		},
		{
			fault: "it panics of a certain member", sentence: aNode,
			bind: like(func(d *spoiltDelegate) {
				d.event = func(e swim.Event) {
					if e.Member.Name == "node-2" {
						panic("not that one")
					}
				}
			}),
		},
		{
			fault: "it panics of many messages", sentence: closes,
			bind: like(func(d *spoiltDelegate) {
				hellos := 0
				d.message = func(_ swim.Member, payload []byte) {
					if string(payload) == "hello" {
						hellos++
					}
					if hellos > 10 {
						panic("too many")
					}
				}
			}),
		},
	})
}
