package main

import "testing"

func TestSplit(t *testing.T) {
	for setting, want := range map[string]struct {
		name string
		x    float64
		ok   bool
	}{
		"SWIM, C=4":            {"SWIM", 4, true},
		"N=128":                {"", 128, true},
		"Buddy System, C=32":   {"Buddy System", 32, true},
		"SWIM":                 {"", 0, false},
		"infection and so on,": {"", 0, false},
	} {
		name, x, ok := split(setting)
		if name != want.name || x != want.x || ok != want.ok {
			t.Errorf("%q: %q, %v, %v; want %v", setting, name, x, ok, want)
		}
	}
}
