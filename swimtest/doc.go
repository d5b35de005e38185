// Package swimtest starts clusters for tests, over a network in memory: no
// sockets, no ports, and the faults that the test asks for. And it tests layers:
// whether one of your own keeps the promises that swim's interfaces ask of it.
//
// # Clusters
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
// # Suites
//
// A layer of your own is tested by one call. The suite makes as many of it as it
// likes:
//
//	func TestContract(t *testing.T) {
//		swimtest.TestCodec(t, func() swim.Codec { return jsonCodec{} })
//	}
//
// There is one for each interface: [TestTransport], [TestCodec], [TestSelector],
// [TestDisseminator], [TestSealer], [TestDelegate] and [TestAdmission]. Each sentence
// of the interface's documentation is a sub-test, run by name like any other, and one
// that fails ends with that sentence. What a layer can do beyond the interface is
// tested where it has the methods: streams, identities, Validate.
//
// Passing is necessary, and no proof. A suite tries samples, in about a second, and
// some of what is promised cannot be seen from outside: that a layer never calls its
// Node, say. Run it under the race detector too: that is what sees most of what goes
// wrong where a layer is called by several goroutines at once.
//
// A suite must not be called inside a bubble of testing/synctest, since it makes its
// own. In one, whatever blocks lets time pass that should have stood still.
package swimtest
