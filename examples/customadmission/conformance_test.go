package main

import (
	"testing"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/swimtest"
)

func TestContract(t *testing.T) {
	swimtest.TestAdmission(t, func() swim.Admission {
		return dialect{oldest: 3, newest: 4}
	})
}

func TestVersionsAreHeldToTheRange(t *testing.T) {
	d := dialect{oldest: 3, newest: 4}
	for meta, want := range map[string]bool{
		string(announce(2)): false,
		string(announce(3)): true,
		string(announce(4)): true,
		string(announce(5)): false,
		"":                  false,
		"no tags":           false,
	} {
		if err := d.Admit(swim.Member{Name: "a", Meta: meta}, time.Time{}); (err == nil) != want {
			t.Errorf("metadata %q: %v", meta, err)
		}
	}
}
