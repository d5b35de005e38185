package security

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/swim-go/swim/wire"
)

// AllowNames admits members whose name matches one of the patterns, which are
// those of [path.Match]: "db-*" matches "db-7" and not "db/7". A pattern that is
// none is an error.
//
// A name is what a member calls itself. To see it proven, ask for a token.
func AllowNames(patterns ...string) (Admission, error) { return newNames(patterns, true) }

// DenyNames refuses members whose name matches one of the patterns, as those of
// [AllowNames] do: the name of a stolen token, say.
func DenyNames(patterns ...string) (Admission, error) { return newNames(patterns, false) }

var (
	errNameNotAllowed = fmt.Errorf("%w: the name is not one of those allowed", ErrRefused)
	errNameDenied     = fmt.Errorf("%w: the name is denied", ErrRefused)
)

type names struct {
	patterns []string
	allow    bool
}

func newNames(patterns []string, allow bool) (Admission, error) {
	var problems []error
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			problems = append(problems, fmt.Errorf("swim: name pattern %q: %w", p, err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return names{slices.Clone(patterns), allow}, nil
}

func (n names) Admit(m wire.Member, _ time.Time) error {
	matches := slices.ContainsFunc(n.patterns, func(p string) bool {
		ok, _ := path.Match(p, m.Name) // the patterns are valid
		return ok
	})
	switch {
	case n.allow && !matches:
		return errNameNotAllowed
	case !n.allow && matches:
		return errNameDenied
	}
	return nil
}
