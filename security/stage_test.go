package security_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/swim-go/swim/security"
)

var stages = []security.Stage{security.SendPlain, security.AcceptPlain, security.Required}

// staged returns an envelope with a sealer at that stage, or without one at 0.
func staged(t testing.TB, stage security.Stage) *security.Envelope {
	t.Helper()
	if stage == 0 {
		return security.NewEnvelope("prod", nil)
	}
	e := security.NewEnvelope("prod", security.NewXChaCha20Poly1305(ringOf(t)))
	if err := e.SetStage(stage); err != nil || e.Stage() != stage {
		t.Fatalf("at stage %v, %v; want %v", e.Stage(), err, stage)
	}
	return e
}

// Who understands whom. Two neighbouring stages do, both ways; that is what makes
// a roll-out safe.
func TestStages(t *testing.T) {
	const none = security.Stage(0)
	for _, from := range append([]security.Stage{none}, stages...) {
		for _, to := range append([]security.Stage{none}, stages...) {
			plain := from < security.AcceptPlain
			var want error
			switch {
			case plain && to == security.Required:
				want = security.ErrPlain
			case !plain && to == none:
				want = security.ErrSealed
			}
			if next := from - to; want != nil && (next == 1 || next == 255) {
				t.Errorf("%v and %v are neighbours", from, to)
			}
			packet := seal(t, staged(t, from), "hello")
			opened, err := staged(t, to).Open(nil, packet)
			if !errors.Is(err, want) || err == nil && string(opened) != "hello" {
				t.Errorf("%v to %v: %q, %v; want %v", from, to, opened, err, want)
			}
		}
	}
}

func TestStageWhileRunning(t *testing.T) {
	e, peer := staged(t, security.SendPlain), staged(t, security.AcceptPlain)
	for _, stage := range []security.Stage{security.AcceptPlain, security.Required, security.AcceptPlain, security.SendPlain} {
		if err := e.SetStage(stage); err != nil {
			t.Fatal(err)
		}
		packet := seal(t, e, "hello")
		if sealed := packet[1] == 1; sealed != (stage != security.SendPlain) {
			t.Errorf("at %v: sealed %v", stage, sealed)
		}
		if got := len(packet) - len("hello"); got > e.Overhead() {
			t.Errorf("at %v: %d bytes longer, Overhead is %d", stage, got, e.Overhead())
		}
		if _, err := peer.Open(nil, packet); err != nil {
			t.Errorf("at %v: %v", stage, err)
		}
	}
}

func TestSetStageRefuses(t *testing.T) {
	none, with := staged(t, 0), staged(t, security.AcceptPlain)
	if err := none.SetStage(security.SendPlain); err == nil || none.Stage() != 0 {
		t.Errorf("without a sealer: stage %v, %v", none.Stage(), err)
	}
	for _, bad := range []security.Stage{0, security.Required + 1, 255} {
		if err := with.SetStage(bad); err == nil || with.Stage() != security.AcceptPlain {
			t.Errorf("%v: stage %v, %v", bad, with.Stage(), err)
		}
	}
	if security.NewEnvelope("", xorSealer{7}).Stage() != security.Required {
		t.Error("an envelope with a sealer does not begin by requiring it")
	}
	if got := fmt.Sprint(stages, security.Stage(9)); got != "[send plain accept plain required] Stage(9)" {
		t.Errorf("they are called %s", got)
	}
}

// smallSealer adds less than the checksum that stands in for it.
type smallSealer struct{ xorSealer }

func (smallSealer) Overhead() int { return 1 }

func TestOverheadIsThatOfAnyStage(t *testing.T) {
	if got, want := security.NewEnvelope("", smallSealer{}).Overhead(), security.NewEnvelope("", nil).Overhead(); got != want {
		t.Errorf("%d, want %d: a plain packet may be sent too", got, want)
	}
	if got := staged(t, security.SendPlain).Overhead(); got != security.HeaderBytes+security.SealBytes {
		t.Errorf("%d, want that of the sealer", got)
	}
}

// A node opens packet after packet into the same two buffers. What it opened must
// not lie in the one that the next packet is read into, or opening that one would
// overwrite it while it reads.
func TestOpenedIntoItsOwnRoom(t *testing.T) {
	e := staged(t, security.AcceptPlain)
	plainly, sealing := staged(t, security.SendPlain), staged(t, security.Required)
	read, room := make([]byte, 0, 200), make([]byte, 0, 200)
	for i := range 10 {
		message := fmt.Sprintf("message %d, and as long as a cipher's block", i)
		from := sealing
		if i%2 == 0 {
			from = plainly
		}
		read = append(read[:0], seal(t, from, message)...)
		opened, err := e.Open(room[:0], read)
		if err != nil || string(opened) != message || &opened[0] != &room[:1][0] {
			t.Fatalf("packet %d: %q, %v, in its own room: %v", i, opened, err, &opened[0] == &room[:1][0])
		}
		room = opened
	}
}

func TestPlainPacketsAreSummedAtEveryStage(t *testing.T) {
	for _, stage := range []security.Stage{security.SendPlain, security.AcceptPlain} {
		packet := seal(t, staged(t, security.SendPlain), "hello")
		packet[len(packet)-1] ^= 1
		if _, err := staged(t, stage).Open(nil, packet); !errors.Is(err, security.ErrCorrupt) {
			t.Errorf("%v: %v", stage, err)
		}
	}
}

// The versions are a range, and only they are opened.
func TestVersions(t *testing.T) {
	for _, e := range []*security.Envelope{staged(t, 0), staged(t, security.Required)} {
		for version := range 256 {
			packet := seal(t, e, "hello")
			packet[0] = byte(version)
			_, err := e.Open(nil, packet)
			spoken := security.OldestVersion <= version && version <= security.Version
			if errors.Is(err, security.ErrVersion) == spoken {
				t.Errorf("version %d: %v, and we speak %d to %d", version, err, security.OldestVersion, security.Version)
			}
		}
	}
}

// Why a KeyedSealer refuses stays to be seen through an Envelope, as one
// ErrOpen.
func TestEnvelopeTellsWhyItDoesNotOpen(t *testing.T) {
	e := staged(t, security.Required)
	packet := seal(t, e, "hello")
	if _, err := e.Open(nil, packet); err != nil {
		t.Fatal(err)
	}
	stranger := security.NewEnvelope("prod", security.NewXChaCha20Poly1305(ringOf(t, keyOf(7))))
	for _, test := range []struct {
		packet []byte
		want   error
	}{
		{packet, security.ErrReplay},
		{packet[:20], security.ErrForged},
		{seal(t, stranger, "hello"), security.ErrKey},
	} {
		_, err := e.Open(nil, test.packet)
		if !errors.Is(err, test.want) || !errors.Is(err, security.ErrOpen) || errors.Is(err, security.ErrCorrupt) {
			t.Errorf("%v, want %v and ErrOpen", err, test.want)
		}
	}
}
