package swimtest

import (
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/wire"
)

func TestGoodDisseminator(t *testing.T) {
	TestDisseminator(t, func() swim.Disseminator { return new(spoiltDisseminator) })
}

// spoiltDisseminator is a Piggyback but for the methods that are given.
type spoiltDisseminator struct {
	disseminator.Piggyback
	add      func(p *disseminator.Piggyback, u wire.Update)
	fill     func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update
	forget   func(p *disseminator.Piggyback, name string)
	len      func(p *disseminator.Piggyback) int
	validate error
}

func (s *spoiltDisseminator) Add(u wire.Update) {
	if s.add != nil {
		s.add(&s.Piggyback, u)
		return
	}
	s.Piggyback.Add(u)
}

func (s *spoiltDisseminator) Fill(dst []wire.Update, room wire.Room) []wire.Update {
	if s.fill != nil {
		return s.fill(&s.Piggyback, dst, room)
	}
	return s.Piggyback.Fill(dst, room)
}

func (s *spoiltDisseminator) Forget(name string) {
	if s.forget != nil {
		s.forget(&s.Piggyback, name)
		return
	}
	s.Piggyback.Forget(name)
}

func (s *spoiltDisseminator) Len() int {
	if s.len != nil {
		return s.len(&s.Piggyback)
	}
	return s.Piggyback.Len()
}

func (s *spoiltDisseminator) Validate() error { return s.validate }

// endless is a Piggyback with no limit worth the name.
func endless() swim.Disseminator {
	return &spoiltDisseminator{Piggyback: disseminator.Piggyback{Max: 1 << 30}}
}

func TestBrokenDisseminators(t *testing.T) {
	like := func(s func() swim.Disseminator) func(*testing.T) func() swim.Disseminator { return just(s) }
	catches(t, disseminatorSentences, false, []broken[func() swim.Disseminator]{
		{
			fault: "tokens are dropped", sentence: "Add takes a claim to be spread",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{add: func(p *disseminator.Piggyback, u wire.Update) { u.Token = ""; p.Add(u) }}
			}),
		},
		{
			fault: "of a member the first claim is kept", sentence: "Add replaces what the claim supersedes",
			also: []string{"Claims of several accusers stand side by side", "Fill counts each claim as sent once", "Fill skips members that dst has a claim about", "Len is how many claims wait"},
			bind: like(func() swim.Disseminator {
				known := make(map[string]bool)
				return &spoiltDisseminator{
					add: func(p *disseminator.Piggyback, u wire.Update) {
						if !known[u.Name] {
							p.Add(u)
						}
						known[u.Name] = true
					},
					forget: func(p *disseminator.Piggyback, name string) { known[name] = false; p.Forget(name) },
				}
			}),
		},
		{
			fault: "one accuser takes the place of another", sentence: "Claims of several accusers stand side by side",
			also: []string{"A claim that one waiting supersedes changes nothing", "Fill counts each claim as sent once", "Fill skips members that dst has a claim about", "Len is how many claims wait"},
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{add: func(p *disseminator.Piggyback, u wire.Update) {
					if u.From != "" {
						p.Forget(u.Name)
					}
					p.Add(u)
				}}
			}),
		},
		{
			fault: "whatever is said last is the news", sentence: "A claim that one waiting supersedes changes nothing",
			bind: like(func() swim.Disseminator {
				last := make(map[string]wire.Member)
				return &spoiltDisseminator{add: func(p *disseminator.Piggyback, u wire.Update) {
					if last[u.Name] != u.Member {
						p.Forget(u.Name)
					}
					last[u.Name] = u.Member
					p.Add(u)
				}}
			}),
		},
		{
			fault: "old claims are sent beside the news", sentence: "A claim that one waiting supersedes changes nothing",
			bind: like(besideNews),
		},
		{
			fault: "nothing is sent before the first, which is too large", sentence: "A claim too large for the room holds up no other",
			bind: like(func() swim.Disseminator { return holdsUp(func(first, _ *wire.Update) *wire.Update { return first }) }),
		},
		{
			fault: "nothing is sent before the last, which is too large", sentence: "A claim too large for the room holds up no other",
			bind: like(func() swim.Disseminator { return holdsUp(func(_, last *wire.Update) *wire.Update { return last }) }),
		},
		{
			fault: "a claim that is too large is dropped", sentence: "A claim too large for the room holds up no other",
			bind: like(func() swim.Disseminator {
				var names []wire.Update
				return &spoiltDisseminator{
					add: func(p *disseminator.Piggyback, u wire.Update) {
						names = append(names, alive(u.Name, 1))
						p.Add(u)
					},
					fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
						for i := range names {
							if room.Size(&names[i]) > room.Bytes {
								p.Forget(names[i].Name)
							}
						}
						return p.Fill(dst, room)
					},
				}
			}),
		},
		{
			fault: "Fill overwrites dst", sentence: "Fill appends to dst",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
					if len(dst) > 1 {
						return append(dst[:0], p.Fill(dst, room)[1:]...)
					}
					return p.Fill(dst, room)
				}}
			}),
		},
		{
			fault: "a room has a byte more", sentence: "Fill keeps to its room",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
					room.Bytes++
					return p.Fill(dst, room)
				}}
			}),
		},
		{
			fault: "a claim is sent once more", sentence: "Fill counts each claim as sent once",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
					if room.Limit > 0 {
						room.Limit++
					}
					return p.Fill(dst, room)
				}}
			}),
		},
		{
			fault: "a packet holds a claim twice", sentence: "Fill counts each claim as sent once",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
					got := p.Fill(dst, room)
					if room.Limit == 3 && len(got) > 1 {
						got = append(got, got[1])
					}
					return got
				}}
			}),
		},
		{
			fault: "dst is not looked at", sentence: "Fill skips members that dst has a claim about",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
					return append(dst, p.Fill(nil, room)...)
				}}
			}),
		},
		{
			fault: "what is skipped counts as sent", sentence: "Fill skips members that dst has a claim about",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
					for _, u := range dst {
						p.Forget(u.Name)
					}
					return p.Fill(dst, room)
				}}
			}),
		},
		{
			fault: "no Limit is below 1", sentence: "A Limit below 1 sends nothing",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
					room.Limit = max(room.Limit, 1)
					return p.Fill(dst, room)
				}}
			}),
		},
		{
			fault: "Forget does nothing", sentence: "Forget drops all claims about a member",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{forget: func(*disseminator.Piggyback, string) {}}
			}),
		},
		{
			fault: "Len counts members", sentence: "Len is how many claims wait",
			also: []string{"Memory stays bounded whatever is added"}, // which is told by it
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{len: func(p *disseminator.Piggyback) int { return min(p.Len(), 2) }}
			}),
		},
		{
			fault: "nothing is shed", sentence: "Memory stays bounded whatever is added",
			bind: like(endless),
		},
		{
			fault: "what is shed is kept", sentence: "Memory stays bounded whatever is added",
			bind: like(func() swim.Disseminator {
				var all []wire.Update
				return &spoiltDisseminator{add: func(p *disseminator.Piggyback, u wire.Update) { all = append(all, u); p.Add(u) }}
			}),
		},
		{
			fault: "Forget sleeps", sentence: "No call blocks",
			bind: like(func() swim.Disseminator {
				return &spoiltDisseminator{forget: func(p *disseminator.Piggyback, name string) {
					time.Sleep(time.Nanosecond)
					p.Forget(name)
				}}
			}),
		},
		{
			fault: "it is set up wrongly", sentence: "Validate returns nil for a layer that can be used",
			bind: like(func() swim.Disseminator { return &spoiltDisseminator{validate: errBroken} }),
		},
	})
}

// besideNews is a Piggyback with another for the claims that come too late.
func besideNews() swim.Disseminator {
	var old disseminator.Piggyback
	newest := make(map[string]wire.Member)
	return &spoiltDisseminator{
		add: func(p *disseminator.Piggyback, u wire.Update) {
			if n, known := newest[u.Name]; known && wire.Supersedes(&n, &u.Member) {
				old.Add(u)
				return
			}
			newest[u.Name] = u.Member
			p.Add(u)
		},
		fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
			return append(p.Fill(dst, room), old.Fill(dst, room)[len(dst):]...)
		},
		forget: func(p *disseminator.Piggyback, name string) {
			delete(newest, name)
			old.Forget(name)
			p.Forget(name)
		},
	}
}

// holdsUp is a Piggyback that waits for a room that one of two claims fits.
func holdsUp(which func(first, last *wire.Update) *wire.Update) swim.Disseminator {
	var all []wire.Update
	return &spoiltDisseminator{
		add: func(p *disseminator.Piggyback, u wire.Update) { all = append(all, alive(u.Name, 1)); p.Add(u) },
		fill: func(p *disseminator.Piggyback, dst []wire.Update, room wire.Room) []wire.Update {
			if len(all) == 2 && room.Size(which(&all[0], &all[1])) > room.Bytes {
				return dst
			}
			return p.Fill(dst, room)
		},
	}
}
