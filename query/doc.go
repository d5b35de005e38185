// Package query asks the members of a cluster, all of them or some, and collects their
// answers until a deadline: which version do you run, who has this file, drain that
// queue. It stands on the public API of package swim alone.
//
//	q := query.New(nil) // or a Delegate of your own, which is passed all that is not a query's
//	node, err := swim.Start(ctx, swim.Config{Name: "a", Delegate: q.Delegate()})
//	...
//	err = q.Bind(node)
//	q.Handle("version", func(ctx context.Context, from swim.Member, payload []byte) ([]byte, error) {
//		return []byte("1.2"), nil
//	})
//	answers, err := q.Ask(ctx, "version", nil, query.Tagged("role", "db"))
//	for a := range answers {
//		fmt.Println(a.From.Name, string(a.Payload), a.Err)
//	}
//
// # What is promised
//
// Whoever asks is given exactly one [Answer] for each member that it asked, as they come,
// and at the deadline one that says why for each that did not answer: [ErrNoAnswer] if
// the member has acknowledged the query, and [ErrNotReceived] if nothing was heard of it;
// [ErrGone] as soon as it failed, left or was restarted. A query that changes something
// had better do no harm when it is asked again, since a member whose answer was lost has
// done what it was asked.
//
// # How it travels
//
// The question is a broadcast, so it reaches a member that the asker itself does not
// reach, and it costs each member about as much however few are asked; to speak with one
// member only, [swim.Node.SendReliable] is cheaper. The answer goes straight back, and
// with [Relays] by other members as well, so that a bad path between two nodes does not
// lose it. Acknowledgements are single packets, repeated while the query is worked on.
//
// All members that answer queries need this package, and those that relay do too. Members
// trust each other: one that lies can answer in another's name.
package query
