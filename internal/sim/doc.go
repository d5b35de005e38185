// Package sim runs many Machines in one goroutine on a virtual clock: a
// discrete-event simulator of a cluster with its layers and its network.
//
// A run is determined by its seed and by what is done to it, on any machine.
// What happens at the same time happens in the order in which it was scheduled.
package sim
