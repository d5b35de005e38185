package security_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/swim-go/swim/security"
	"github.com/swim-go/swim/wire"
)

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// verdict is an Admission that has made up its mind.
type verdict struct{ err error }

func (v verdict) Admit(wire.Member, time.Time) error { return v.err }

var (
	errA, errB = errors.New("a says no"), errors.New("b says no")
	yes        = verdict{}
	noA, noB   = verdict{errA}, verdict{errB}
)

func TestAllAndAny(t *testing.T) {
	type admissions = []security.Admission
	for _, test := range []struct {
		each     admissions
		all, any error // one of the reasons, and ErrRefused where there is none
	}{
		{admissions{}, nil, security.ErrRefused},
		{admissions{nil, nil}, nil, security.ErrRefused},
		{admissions{yes}, nil, nil},
		{admissions{noA}, errA, errA},
		{admissions{yes, nil, yes}, nil, nil},
		{admissions{noA, nil}, errA, errA},
		{admissions{yes, noA, noB}, errA, nil},
		{admissions{noB, yes, noA}, errB, nil},
		{admissions{noA, noB}, errA, errB},
		{admissions{security.Any(noA, yes), security.All(yes, noB)}, errB, nil},
	} {
		if err := security.All(test.each...).Admit(wire.Member{}, noon); !errors.Is(err, test.all) {
			t.Errorf("All%v: %v, want %v", test.each, err, test.all)
		}
		if err := security.Any(test.each...).Admit(wire.Member{}, noon); !errors.Is(err, test.any) {
			t.Errorf("Any%v: %v, want %v", test.each, err, test.any)
		}
	}
	if err := security.All(noA, noB).Admit(wire.Member{}, noon); errors.Is(err, errB) {
		t.Errorf("All went on after the first refusal: %v", err)
	}
	if got, want := security.Reason(security.Any(noA, noB).Admit(wire.Member{}, noon)), "a says no; b says no"; got != want {
		t.Errorf("the reasons are %q, want %q", got, want)
	}
}

// What the caller does to its slice afterwards changes nobody's admission.
func TestAllCopies(t *testing.T) {
	each := []security.Admission{noA}
	all := security.All(each...)
	each[0] = yes
	if all.Admit(wire.Member{}, noon) == nil {
		t.Error("admitted")
	}
}

func TestAdmissionFunc(t *testing.T) {
	var saw wire.Member
	var at time.Time
	a := security.AdmissionFunc(func(m wire.Member, now time.Time) error {
		saw, at = m, now
		return errA
	})
	m := wire.Member{Name: "a", Meta: "role=db"}
	if err := a.Admit(m, noon); err != errA || saw != m || at != noon {
		t.Errorf("%v, asked for %+v at %v", err, saw, at)
	}
}

func TestNames(t *testing.T) {
	allow, err := security.AllowNames("db-*", "web-[0-9]", "exactly")
	if err != nil {
		t.Fatal(err)
	}
	deny, err := security.DenyNames("db-*", "web-[0-9]", "exactly")
	if err != nil {
		t.Fatal(err)
	}
	for name, matches := range map[string]bool{
		"db-1": true, "db-": true, "web-7": true, "exactly": true,
		"db": false, "xdb-1": false, "web-77": false, "db-1/x": false, "": false, "exactly ": false,
	} {
		a, d := allow.Admit(wire.Member{Name: name}, noon), deny.Admit(wire.Member{Name: name}, noon)
		if (a == nil) != matches || (d == nil) == matches {
			t.Errorf("%q is allowed: %v; denied: %v", name, a, d)
		}
		for _, err := range []error{a, d} {
			if err != nil && !errors.Is(err, security.ErrRefused) {
				t.Errorf("%v does not wrap ErrRefused", err)
			}
		}
	}
	for _, of := range []func(...string) (security.Admission, error){security.AllowNames, security.DenyNames} {
		a, err := of("fine", "[bad", "also bad\\")
		if a != nil || err == nil || !strings.Contains(err.Error(), `"[bad"`) || !strings.Contains(err.Error(), `"also bad`) {
			t.Errorf("bad patterns: %v, %v", a, err)
		}
	}
}

// Nothing that may be in a name takes a pattern long to say no to.
func TestNamePatternsDoNotBacktrackForLong(t *testing.T) {
	a, err := security.AllowNames(strings.Repeat("a*", 100) + "b")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if a.Admit(wire.Member{Name: strings.Repeat("a", wire.MaxNameBytes)}, noon) == nil {
		t.Error("admitted")
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
}

func TestReason(t *testing.T) {
	long := strings.Repeat("ä", security.MaxReasonBytes)
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errA, "a says no"},
		{errors.New("swim: out of luck"), "out of luck"},
		{fmt.Errorf("%w: too late", security.ErrRefused), "too late"},
		{security.ErrRefused, "not admitted"},
		{errors.New(""), "no reason given"},
		{errors.New(" \r\n\n"), "no reason given"},
		{errors.Join(errA, fmt.Errorf("%w: too late", security.ErrRefused), io.EOF), "a says no; too late; EOF"},
		{errors.New("one\r\ntwo\n"), "one; two"},
		{errors.New("\x1b[31mred\x00 \xff \u202e"), "\ufffd[31mred\ufffd \ufffd \ufffd"},
		{errors.New(long), long[:security.MaxReasonBytes]},
		{errors.New("x" + long), "x" + long[:security.MaxReasonBytes-2]},
	} {
		got := security.Reason(test.err)
		if got != test.want {
			t.Errorf("Reason(%q) = %q, want %q", test.err, got, test.want)
		}
		if len(got) > security.MaxReasonBytes || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("Reason(%q) = %q cannot be told", test.err, got)
		}
	}
}
