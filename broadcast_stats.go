package swim

// BroadcastStats counts the broadcasts of a node, its own and those of others.
type BroadcastStats struct {
	// Waiting are to be sent, QueueBytes of them; Kept are remembered for members that
	// lack them, KeptBytes of them; Held wait for one that is missing before them.
	Waiting, QueueBytes, Kept, KeptBytes, Held int
	// Sent are this node's own; Received came from others, each counted once, and
	// Duplicates are all that came again; Delivered were handed on to the Delegate.
	Sent, Received, Duplicates, Delivered uint64
	// Replaced gave way to a later one of the same key. Missed never came.
	Replaced, Missed uint64
	// Passed counts the times that broadcasts were sent on; Shed found a queue full, and
	// were sent to fewer members than usual, or to none.
	Passed, Shed uint64
	// Compared counts how often this node told another which broadcasts it has, and
	// Repaired the broadcasts that it sent to members that lacked them.
	Compared, Repaired uint64
	// Fetched came over a stream, and FetchesFailed did not.
	Fetched, FetchesFailed uint64
	// Refused come from nobody who is a live member, or over this node's limits; Invalid
	// from no correct peer.
	Refused, Invalid uint64
}
