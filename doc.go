// Package swim tells a program who else is in its cluster: who just joined, who
// failed, who left, and gives it a way to send them all something. A program
// starts a [Node], joins it to others through one or more seed addresses, and
// from then on asks for the members or listens for changes:
//
//	node, err := swim.Start(ctx, swim.Config{})
//	if err != nil {
//		return err
//	}
//	defer node.Close()
//	if _, err := node.Join(ctx, "10.0.0.1:7946", "10.0.0.2:7946"); err != nil {
//		return err
//	}
//	for event := range node.Events(ctx) {
//		fmt.Println(event.Kind, event.Member.Name)
//	}
//
// # The protocol
//
// Each node probes one other member a period, chosen in turn. A member that
// does not answer is probed through a few others; one that answers nobody is
// suspected, has a while to refute that, and is then declared failed. News
// rides on the packets of the probes. That is SWIM (Das, Gupta, Motivala, DSN
// 2002). A node that has reason to doubt itself probes more slowly and accuses
// later, which is Lifeguard (Dadgar, Phillips, Currey, 2018). The cost to each
// node is constant, however large the cluster.
//
// # Members
//
// A [Member] is a plain value: what this node believes about one participant.
// Its name identifies it, its epoch tells its lives apart, its state is one of
// [Alive], [Suspect], [Failed] and [Left]. A suspect still takes part, for most
// suspects are live. Each node has a belief of its own; the beliefs of all nodes
// converge, within seconds, and are never promised to be equal at a moment.
//
// # Changes
//
// [Node.Events] is an iterator over changes, for as many readers as there are;
// a [Delegate] in the [Config] is called back with them. Both are off the
// protocol's path and level-triggered: for each member at most one change waits
// to be read, from what the reader knew last to what is believed now. A reader
// that is slow, or stuck, skips what came and went, costs bounded memory, and
// never makes the node look dead to others.
//
// # Layers
//
// Whatever a node is made of can be replaced with one field of the Config: how
// packets travel ([Transport]), how they are encoded ([Codec]), who is probed
// ([MemberSelector]), which news goes first ([Disseminator]), and how packets
// are protected ([Sealer]). The interfaces stand on one page, layers.go, each
// with its default.
//
// # Safety
//
// Without a Sealer, whoever can send a packet to a node is believed. The zero
// Config therefore listens on the loopback interface only; [LAN] and [WAN] listen
// on all of them, and log a warning where no Sealer is set. Clusters of different
// [Config.Cluster] names never exchange a member, even when their addresses get
// mixed up; that prevents accidents, not attacks.
//
// Whatever arrives is data: it is dropped and counted, see [Stats], and never
// an error that stops a node. Every queue and table has a limit.
package swim
