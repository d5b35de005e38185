// Package ring tells which member of a cluster owns a key: a consistent-hash ring
// that follows the members of a [swim.Node] through its public API alone.
//
//	var r ring.Ring
//	go r.Watch(ctx, node)
//	...
//	owner, ok := r.Owner("user/1")
//
// Nodes that know the same members have the same ring, whatever happened before
// and in which order, so all of them name the same owner with no word between
// them. A member that joins takes its part of the keys from all others, one that
// goes gives its own to all others, and no other key moves.
//
// # Who is on it
//
// Members that are alive or suspect own keys, the node itself included; those
// that failed or left do not. A suspect keeps its own because most suspects
// refute: taking its keys away and giving them back would move data twice for
// each false alarm, and a true one becomes a failure within seconds anyway. A
// member that was restarted, or has another address, keeps them too, since a
// member's place depends on its name alone.
//
// # What it does not promise
//
// Each node has a view of its own, and views agree within seconds and not at
// every moment. While news is under way, and for as long as the network is cut,
// two nodes may each hold themselves for the owner of a key. A ring spreads work
// and finds data; it is no lock, and no consensus. All nodes need the same
// [Options], too.
//
// # Lookups and changes
//
// A [Snapshot] never changes: a change of members makes a new one beside it.
// Lookups take no lock and allocate nothing. [Diff] of two snapshots tells which
// ranges of keys moved from whom to whom, and [Ring.Changes] when to ask. Diff
// is about owners. Who keeps several copies of a key, see [Snapshot.Owners],
// compares those before and after for the keys it has.
//
// # Why points
//
// Each member has 256 points on the ring for each unit of its weight, and a key
// belongs to the next point. Measured with BenchmarkChoice, for n members: how
// much the one that owns most owns, as a multiple of the mean; what a join moves,
// as a multiple of the least possible; how many ranges that is; and a lookup.
//
//	                        n     most   moved    ranges   lookup
//	128 points             10     1.18    1.0        120    16 ns
//	                      100     1.20    0.9        130    24 ns
//	                    1,000     1.31    1.0        120    29 ns
//	256 points             10     1.10    1.0        230    17 ns
//	                      100     1.14    1.0        250    24 ns
//	                    1,000     1.22    1.0        230    35 ns
//	512 points             10     1.05    1.0        460    19 ns
//	                      100     1.12    1.0        500    24 ns
//	                    1,000     1.16    1.0        400    41 ns
//	rendezvous hashing     10     1.01    1.0     86,000    12 ns
//	                      100     1.03    1.0     10,000   110 ns
//	Maglev, 65,537 places  10     1.00    1.0     88,000     1 ns
//	                      100     1.00    1.6     16,000     1 ns
//	                    1,000     1.01    6.9      7,200     1 ns
//
// Both others share out more evenly. But rendezvous hashing asks every member
// for each key, Maglev moves keys between members that stay, and either scatters
// what moves over the whole ring, so that handing it over means looking at every
// key, where here it is a few hundred ranges. (Of those two the ranges are counted
// among a million keys, and there would be more among more.) With 256 points, a
// member that comes or goes costs each of 1,000 nodes 3 ms and 4 MB for a moment,
// off the protocol's path.
package ring
