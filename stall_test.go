package swim

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim/transport"
)

// stoppable is a transport of a process that can be stopped: then nothing is
// read, and everything waits in the socket.
type stoppable struct {
	*transport.Memory
	running chan struct{} // holds a token while it runs
}

func (s *stoppable) ReadPacket(p []byte) (int, string, error) {
	n, from, err := s.Memory.ReadPacket(p)
	<-s.running
	s.running <- struct{}{}
	return n, from, err
}

// A process that is stopped while it probes, and continued when the answer has
// long been waiting in its socket, must look there before it looks at the clock
// (H15). With either half of that rule missing, it asks relays about a member
// that has answered: settle covers what is in the socket, drain what is in the
// inbox.
func TestStalledProcessLooksAtItsInboxFirst(t *testing.T) {
	for _, test := range []struct {
		name      string
		stop      time.Duration // a probe has 500 ms
		readerToo bool
		stalls    uint64 // that must be noticed
	}{
		{"a little late", 510 * time.Millisecond, false, 0},
		{"far too late", 700 * time.Millisecond, true, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net := transport.NewMemoryNetwork(1)
				net.SetFaults(transport.Faults{MinDelay: time.Millisecond})
				listen := func(name string) *stoppable {
					m, err := net.Listen(name)
					if err != nil {
						t.Fatal(err)
					}
					s := &stoppable{m, make(chan struct{}, 1)}
					s.running <- struct{}{}
					return s
				}
				own := listen("a")
				nodes := map[string]*Node{}
				for name, tr := range map[string]Transport{"a": own, "b": listen("b"), "c": listen("c")} {
					n, err := Start(t.Context(), Config{Name: name, Transport: tr})
					if err != nil {
						t.Fatal(err)
					}
					defer n.Close()
					nodes[name] = n
				}
				a := nodes["a"]
				for _, seed := range []string{"b", "c"} {
					if _, err := a.Join(t.Context(), seed); err != nil {
						t.Fatal(err)
					}
				}
				for range 50 {
					stopWhileProbing(t, a, own, test.stop, test.readerToo)
				}
				s := a.Stats()
				if s.Stalls < test.stalls {
					t.Errorf("%d stalls noticed, want %d of 50", s.Stalls, test.stalls)
				}
				if p := s.Protocol; p.IndirectProbes != 0 || p.ProbesFailed != 0 || p.SuspicionsRaised != 0 {
					t.Errorf("relays were asked %d times, %d probes failed, %d suspicions raised",
						p.IndirectProbes, p.ProbesFailed, p.SuspicionsRaised)
				}
			})
		})
	}
}

// stopWhileProbing stops the loop, and with it the reader, between a ping and
// its ack, for longer than the probe may take.
func stopWhileProbing(t *testing.T, n *Node, tr *stoppable, stop time.Duration, readerToo bool) {
	probes := func() uint64 { return n.Stats().Protocol.Probes }
	for before := probes(); probes() == before; {
		pass(time.Millisecond / 2)
	}
	if readerToo {
		<-tr.running
	}
	err := n.driver.do(t.Context(), func(time.Duration) { pass(stop) })
	if err != nil {
		t.Fatal(err)
	}
	if readerToo {
		pass(time.Millisecond) // the loop may run before the reader does
		tr.running <- struct{}{}
	}
	pass(300 * time.Millisecond)
}

// pass lets virtual time pass.
func pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}
