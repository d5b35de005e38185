package security

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/swim-go/swim/wire"
)

// Admission decides who may be a member. A node asks it before it keeps
// anything about a member that it does not know, whatever is claimed of that
// member, and again when the address, the metadata or the token of one that it
// knows changes. What is refused is dropped and counted: a stranger stays
// unknown, and of a member what was admitted before stays true.
//
// Each node decides for itself. So all nodes of a cluster should have the same
// Admission, or they will not agree on who is in it.
type Admission interface {
	// Admit returns nil if m may be a member, and else why not: the reason, cut
	// down by [Reason], is told to both sides. It must not wait for anything, and
	// depend on nothing but its arguments: of m on Name, Addr, Meta and Token
	// alone, since it is not asked again when the rest changes. m holds until it
	// returns; its strings are what a stranger sent, checked for their length and
	// for a printable name. now is the node's idea of the time of day.
	//
	// A Node asks from several goroutines at once.
	Admit(m wire.Member, now time.Time) error
}

// AdmissionFunc is an [Admission] that consists of one function.
type AdmissionFunc func(m wire.Member, now time.Time) error

// Admit calls f.
func (f AdmissionFunc) Admit(m wire.Member, now time.Time) error { return f(m, now) }

// ErrRefused is wrapped by all refusals of this package.
var ErrRefused = errors.New("swim: not admitted")

// All admits whom each of them admits, and refuses with the reason of the first
// that does not; so the cheap ones come first. Those that are nil are left out,
// and if none is left, everybody is admitted.
func All(each ...Admission) Admission { return all(withoutNil(each)) }

// Any admits whom at least one of them admits, and refuses with the reasons of
// all. Those that are nil are left out, and if none is left, nobody is admitted.
func Any(each ...Admission) Admission { return anyOf(withoutNil(each)) }

type (
	all   []Admission
	anyOf []Admission
)

func (a all) Admit(m wire.Member, now time.Time) error {
	for _, each := range a {
		if err := each.Admit(m, now); err != nil {
			return err
		}
	}
	return nil
}

func (a anyOf) Admit(m wire.Member, now time.Time) error {
	if len(a) == 0 {
		return ErrRefused
	}
	var reasons []error
	for _, each := range a {
		err := each.Admit(m, now)
		if err == nil {
			return nil
		}
		reasons = append(reasons, err)
	}
	return errors.Join(reasons...)
}

func withoutNil(each []Admission) []Admission {
	var some []Admission
	for _, a := range each {
		if a != nil {
			some = append(some, a)
		}
	}
	return some
}

// MaxReasonBytes bounds what is told of the reason for a refusal.
const MaxReasonBytes = 200

// Reason is what is told of a refusal, over the network and in logs: the text
// of the error in one line of up to [MaxReasonBytes] bytes that can be printed
// as it is. It is "" for nil, and not for any other error.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	var reasons []string
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimPrefix(strings.TrimPrefix(line, ErrRefused.Error()+": "), "swim: ")
		if line = strings.TrimSpace(line); line != "" {
			reasons = append(reasons, line)
		}
	}
	if len(reasons) == 0 {
		return "no reason given"
	}
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, strings.Join(reasons, "; "))
	if len(text) <= MaxReasonBytes {
		return text
	}
	end := MaxReasonBytes
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
