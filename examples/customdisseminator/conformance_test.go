package main

import (
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
)

func TestContract(t *testing.T) {
	swimtest.TestDisseminator(t, func() swim.Disseminator { return new(fifo) })
}
