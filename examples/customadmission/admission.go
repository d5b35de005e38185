package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/swim-go/swim"
	"github.com/swim-go/swim/tags"
)

// dialect admits members that speak the program's own protocol in a version that
// this one understands. Each member announces its version as a tag.
//
// It has no state, so any number of goroutines may ask it at once.
type dialect struct{ oldest, newest int }

var _ swim.Admission = dialect{}

// versionTag is what members announce their version under.
const versionTag = "dialect"

// announce returns the metadata of a member that speaks a version.
func announce(version int) []byte {
	meta, err := tags.Encode(map[string]string{versionTag: strconv.Itoa(version)})
	if err != nil {
		panic(err) // only if versionTag is no good
	}
	return meta
}

// Admit looks at what m announces and at nothing else. The error is told to both
// sides, so it says what to do about it.
func (d dialect) Admit(m swim.Member, _ time.Time) error {
	text, ok := tags.Lookup(m.Meta, versionTag)
	if !ok {
		return fmt.Errorf("no tag %q, want a version from %d to %d", versionTag, d.oldest, d.newest)
	}
	version, err := strconv.Atoi(text)
	if err != nil || version < d.oldest || version > d.newest {
		return fmt.Errorf("tag %s=%.20q, want a version from %d to %d", versionTag, text, d.oldest, d.newest)
	}
	return nil
}
