// Package core is the Machine: the whole SWIM protocol as a pure state machine.
//
// A Machine has no clock, socket, goroutine, lock or global randomness. Time,
// packets and commands go in; packets and events come out. So the same code
// runs over UDP in production and ten thousand times over in a simulator, and
// the same seed and inputs give the same outputs on any machine.
//
// One goroutine owns a Machine. Start reading at [Machine.Receive] and
// [Machine.Tick]: they are the table of contents.
package core
