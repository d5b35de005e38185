package main

import (
	"testing"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
)

func TestContract(t *testing.T) {
	swimtest.TestSelector(t, func() swim.MemberSelector { return newZoned("a") })
}
