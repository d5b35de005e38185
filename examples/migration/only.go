package main

import (
	"fmt"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/tags"
)

// only admits members of one environment, as an AliveDelegate might have done.
type only string

var _ swim.Admission = only("")

// Admit refuses who announces another environment, or none.
func (o only) Admit(m swim.Member, _ time.Time) error {
	if env, _ := tags.Lookup(m.Meta, "env"); env != string(o) {
		return fmt.Errorf("of environment %.20q, and this is %s", env, string(o))
	}
	return nil
}
