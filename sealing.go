package swim

import "github.com/swim-go/swim/security"

// SetSealing goes to another stage of the introduction of the Sealer, at once for
// all packets and streams to come; see [security.Stage] for the order in which the
// nodes of a running cluster do that, and Config.Sealing for where they begin. It
// fails, and changes nothing, without a Config.Sealer and for what is no stage. It
// may be called at any time.
func (n *Node) SetSealing(s security.Stage) error { return n.driver.envelope.SetStage(s) }

// envelope is that of c, which is valid and filled.
func (c *Config) envelope() *security.Envelope {
	e := security.NewEnvelope(c.Cluster, c.Sealer)
	if c.Sealing != 0 {
		_ = e.SetStage(c.Sealing) // Validate has looked at it
	}
	return e
}
