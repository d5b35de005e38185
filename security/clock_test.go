package security_test

import (
	"testing"
	"time"

	"github.com/swim-go/swim/security"
)

// pair is two nodes, each with its clock.
type pair struct {
	a, b         *security.KeyedSealer
	aTime, bTime *fakeClock
}

func newPair(t *testing.T) *pair {
	p := &pair{security.NewAESGCM(ringOf(t)), security.NewAESGCM(ringOf(t)), newClock(), newClock()}
	p.aTime.on(p.a)
	p.bTime.on(p.b)
	return p
}

func (p *pair) pass(d time.Duration) {
	p.aTime.pass(d)
	p.bTime.pass(d)
}

// talk sends a packet each way, and a newcomer one to each of them. An error is
// what is wanted of the packet.
func (p *pair) talk(t *testing.T, aToB, bToA error) {
	t.Helper()
	expect(t, p.b, sealOf(t, p.a, "from a"), aToB)
	expect(t, p.a, sealOf(t, p.b, "from b"), bToA)
}

// meets has somebody whose clock is right, as b's is, and who knows nobody, exchange
// packets with a.
func (p *pair) meets(t *testing.T, fromA, toA error) {
	t.Helper()
	c := security.NewAESGCM(ringOf(t))
	p.bTime.on(c)
	expect(t, c, sealOf(t, p.a, "from a"), fromA)
	expect(t, p.a, sealOf(t, c, "to a"), toA)
}

func TestKnownSessionsNeedNoClock(t *testing.T) {
	for _, jump := range []time.Duration{
		time.Second, time.Minute, time.Hour, 365 * 24 * time.Hour,
		-time.Second, -time.Minute, -time.Hour, -365 * 24 * time.Hour,
	} {
		p := newPair(t)
		p.talk(t, nil, nil)
		p.aTime.set(jump)
		for range 20 {
			p.talk(t, nil, nil)
			p.pass(10 * time.Second)
		}
		p.aTime.set(-jump)
		for range 20 {
			p.talk(t, nil, nil)
			p.pass(10 * time.Second)
		}
		p.meets(t, nil, nil)
	}
}

// A clock that was right, and then is set back, runs on by itself: even those who
// never met the node before are not told the wrong time.
func TestClockSetBackIsNotFollowed(t *testing.T) {
	p := newPair(t)
	p.talk(t, nil, nil)
	p.aTime.set(-time.Hour)
	for range 59 {
		p.pass(time.Minute)
		p.talk(t, nil, nil)
		p.meets(t, nil, nil)
	}
	before := sealOf(t, p.a, "")
	p.aTime.set(time.Hour)
	p.meets(t, nil, nil)
	p.talk(t, nil, nil)
	if sessionOf(before) != sessionOf(sealOf(t, p.a, "")) {
		t.Error("a new session, though the clock is right again")
	}
}

// Who booted with a clock that is ahead has talked to nobody when it is put right.
func TestClockPutRightIsFollowed(t *testing.T) {
	p := newPair(t)
	p.aTime.set(2 * time.Hour)
	for range 3 {
		p.talk(t, security.ErrSkew, security.ErrSkew)
		expect(t, p.a, sealOf(t, p.a, "to itself"), nil) // which vouches for no clock
		p.pass(time.Minute)
	}
	before := sealOf(t, p.a, "")
	p.aTime.set(-2 * time.Hour)
	p.talk(t, nil, nil)
	p.meets(t, nil, nil)
	if sessionOf(before) == sessionOf(sealOf(t, p.a, "")) {
		t.Error("the session goes on, and its times went back")
	}
}

// Two machines of a wrong clock vouch for each other. Put right, they are held to be
// wrong for an hour, and not for ever.
func TestClockIsFollowedInTheEnd(t *testing.T) {
	p := newPair(t)
	wrong := security.NewAESGCM(ringOf(t))
	p.aTime.set(2 * time.Hour)
	p.aTime.on(wrong)
	expect(t, p.a, sealOf(t, wrong, "we agree"), nil)
	p.aTime.set(-2 * time.Hour)
	p.talk(t, security.ErrSkew, security.ErrSkew)
	p.pass(59 * time.Minute)
	p.talk(t, security.ErrSkew, security.ErrSkew)
	p.pass(2 * time.Minute)
	p.talk(t, nil, nil)
	p.meets(t, nil, nil)
}

func TestTimesOfASessionNeverGoBack(t *testing.T) {
	p := newPair(t)
	p.talk(t, nil, nil)
	last := sealOf(t, p.a, "")
	for i, jump := range []time.Duration{
		-time.Second, -time.Minute, time.Minute, -time.Hour, time.Minute, -time.Minute,
		3 * time.Hour, -time.Hour, -48 * time.Hour, 0, 0, 0,
	} {
		p.aTime.set(jump)
		for range 50 {
			next := sealOf(t, p.a, "")
			if sessionOf(next) == sessionOf(last) && (stampOf(next) < stampOf(last) || counterOf(next) != counterOf(last)+1) {
				t.Fatalf("jump %d: time %d after %d, counter %d after %d", i,
					stampOf(next), stampOf(last), counterOf(next), counterOf(last))
			}
			last = next
			p.pass(time.Duration(i) * 7 * time.Second)
		}
	}
}

// A packet kept back from before the receiver's clock was set back is refused
// after, as it would have been without that.
func TestReceiverSetBackTakesNothingOld(t *testing.T) {
	p := newPair(t)
	p.talk(t, nil, nil)
	stranger := security.NewAESGCM(ringOf(t))
	p.aTime.on(stranger)
	kept := sealOf(t, stranger, "kept back")
	p.pass(time.Hour)
	p.bTime.set(-time.Hour)
	expect(t, p.b, kept, security.ErrSkew)
	p.talk(t, nil, nil)
}

// Set back by less than peers tolerate, a clock stands still until it is right again.
func TestClockSetBackALittleStandsStill(t *testing.T) {
	p := newPair(t)
	before := sealOf(t, p.a, "")
	p.aTime.set(-time.Minute)
	for range 6 {
		after := sealOf(t, p.a, "")
		if sessionOf(after) != sessionOf(before) || stampOf(after) != stampOf(before) {
			t.Errorf("at %d in session %s, want %d in %s", stampOf(after), sessionOf(after), stampOf(before), sessionOf(before))
		}
		p.pass(10 * time.Second)
	}
	p.pass(time.Second)
	if after := sealOf(t, p.a, ""); stampOf(after) != stampOf(before)+1 || sessionOf(after) != sessionOf(before) {
		t.Errorf("at %d, want %d", stampOf(after), stampOf(before)+1)
	}
}
