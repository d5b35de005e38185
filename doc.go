// Package swim tells a program who else is in its cluster: who just joined, who
// failed, who left, and gives it a way to send them all something. A program
// starts a [Node], joins it to others through one or more seed addresses, and
// from then on asks for the members or listens for changes:
//
//	node, err := swim.Start(ctx, swim.Config{})
//	...
//	_, err = node.Join(ctx, "10.0.0.1:7946", "10.0.0.2:7946")
//	...
//	for event := range node.Events(ctx) {
//		fmt.Println(event.Kind, event.Member.Name)
//	}
//
// The protocol is SWIM (Das, Gupta, Motivala, 2002): each node probes one other a
// period, in turn. One that answers neither it nor its relays is suspected, has a while
// to refute that, and is then declared failed. News rides on the packets. A node that
// has reason to doubt itself accuses later (Lifeguard; Dadgar, Phillips, Currey, 2018).
//
// A [Member] is what this node believes about one participant; beliefs of all nodes
// converge, and are never promised to be equal at a moment. [Node.Events] and a
// [Delegate] tell of changes, one at most for each member to a reader that is slow,
// who misses what came and went, and never makes the node look dead.
//
// Each layer can be replaced with one field of the [Config]: [Transport], [Codec],
// [MemberSelector], [Disseminator], [Sealer], [Admission]. The interfaces stand on one
// page, layers.go, each with its default.
//
// Without a Sealer, whoever can send a packet is believed. The zero Config therefore
// listens on the loopback interface only; [LAN] and [WAN] listen on all of them.
// Clusters of different [Config.Cluster] names never exchange a member. Whatever
// arrives is data: it is dropped and counted, see [Stats], and never stops a node.
package swim
