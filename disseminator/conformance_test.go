package disseminator_test

import (
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/disseminator"
	"github.com/swim-go/swim/swimtest"
)

// Piggyback keeps the contract of the seam it is made for.
func TestContract(t *testing.T) {
	swimtest.TestDisseminator(t, func() swim.Disseminator { return new(disseminator.Piggyback) })
}
