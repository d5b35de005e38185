package query

import (
	"errors"
	"fmt"
)

var (
	// ErrUnbound: Bind was not called yet. Nothing was asked.
	ErrUnbound = errors.New("swim: queries are not bound to a node; call Bind after Start")
	// ErrBound: Bind was called before. Nothing was changed.
	ErrBound = errors.New("swim: queries are bound to a node already")
	// ErrTooMany: MaxQueries are under way. Nothing was asked.
	ErrTooMany = errors.New("swim: too many queries under way")
	// ErrTooLarge: a name, a payload or the choice of members is beyond its limit, or the
	// name of a query empty. Nothing was asked.
	ErrTooLarge = errors.New("swim: query beyond its limits")

	// ErrNoAnswer: the member got the query and did not answer in time.
	ErrNoAnswer = errors.New("swim: received and not answered")
	// ErrNotReceived: nothing was heard of the member, which hardly got the query.
	ErrNotReceived = errors.New("swim: query not acknowledged")
	// ErrGone: the member failed, left or was restarted before it answered.
	ErrGone = errors.New("swim: member gone before it answered")
	// ErrUnhandled: the member has nothing to Handle a query of that name.
	ErrUnhandled = errors.New("swim: no such query there")
	// ErrBusy: the member answers as many queries as it may, and left this one alone.
	ErrBusy = errors.New("swim: member busy with other queries")
	// ErrShed: the member answered, but MaxUnreadBytes of answers waited to be read.
	ErrShed = errors.New("swim: answer dropped, since others were not read")
)

// RemoteError is what went wrong at the member that was asked: the function returned an
// error, or panicked, or its answer was too large.
type RemoteError struct {
	// Text is the error's, of which MaxErrorBytes arrive.
	Text string
}

func (e *RemoteError) Error() string { return fmt.Sprintf("swim: query failed there: %s", e.Text) }
