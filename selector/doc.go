// Package selector decides with whom a node speaks: whom it probes next, whom
// it asks to probe for it, whom it gossips to and with whom it compares tables.
//
// [RoundRobin] is the default, and the one to build on: it bounds how long any
// member waits for its next probe. [Random] is SWIM's basic protocol, and a
// short example of a selector. Both choose alike for all purposes. [Zoned] is for
// a cluster that spans zones: it keeps gossip and syncs mostly within them, and
// cuts none off. A selector that looks at other metadata (roles, versions) wraps
// one of them and filters Pick.
//
// A selector belongs to one node and is called by one goroutine. All its
// randomness comes from the generator it is handed, and it iterates over no
// map, so the same calls with the same generator give the same answers.
package selector
