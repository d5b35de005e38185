// Package swimtest starts clusters for tests, over a network in memory: no
// sockets, no ports, and the faults that the test asks for.
//
// In a bubble of testing/synctest a cluster runs in virtual time: the minute in
// which a failure is noticed takes milliseconds, and nothing that else keeps the
// machine busy makes a test fail. Outside of one it runs in real time.
//
//	func TestFailover(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			c := swimtest.NewCluster(t, 3, nil)
//			c.Kill(2)
//			c.AwaitMembers()
//			if m, _ := c.Nodes[0].Member("node-2"); m.State != swim.Failed {
//				t.Errorf("node-2 is %v, want failed", m.State)
//			}
//		})
//	}
//
// This package will also hold the suites that check whether a layer of your own
// keeps the promises that swim's layers.go asks of it. They are not there yet.
package swimtest
