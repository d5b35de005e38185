package security_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swim-go/swim/security"
)

func TestReplayAtOnceAndLater(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		synctest.Test(t, func(t *testing.T) { // by the clock that users have
			a, b := sealer(), sealer()
			first, second := sealOf(t, a, "1"), sealOf(t, a, "2")
			expect(t, b, second, nil)
			expect(t, b, first, nil)
			for range 3 {
				for _, packet := range [][]byte{first, second} {
					expect(t, b, packet, security.ErrReplay)
				}
				time.Sleep(time.Hour)
			}
			expect(t, b, sealOf(t, a, "3"), nil)
		})
	})
}

func TestReplayAfterTheKeyWasRetired(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		old, next := keyOf(1), keyOf(2)
		a, b := sealer(old), (*security.KeyedSealer)(nil)
		ring := ringOf(t, old, next)
		for _, s := range sealers {
			if strings.HasSuffix(t.Name(), s.name) {
				b = s.make(ring)
			}
		}
		opened, kept := sealOf(t, a, "opened"), sealOf(t, a, "kept back")
		expect(t, b, opened, nil)
		change(t, ring.Use(next.ID()), ring.Remove(old.ID()))
		expect(t, b, opened, security.ErrKey)
		expect(t, b, kept, security.ErrKey)
		// And if the key comes back, what was opened stays so.
		change(t, ring.Add(old))
		expect(t, b, opened, security.ErrReplay)
		expect(t, b, kept, nil)
	})
}

func change(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// A packet that a receiver never got opens there while it is recent, whoever
// brings it; and not later.
func TestReceiverThatNeverSawTheSession(t *testing.T) {
	for _, test := range []struct {
		age  time.Duration
		want error
	}{
		{0, nil},
		{security.DefaultMaxSkew, nil},
		{security.DefaultMaxSkew + time.Second, security.ErrSkew},
		{time.Hour, security.ErrSkew},
		{365 * 24 * time.Hour, security.ErrSkew},
		{-security.DefaultMaxSkew, nil},
		{-security.DefaultMaxSkew - time.Second, security.ErrSkew},
	} {
		a, b := security.NewHMAC(ringOf(t)), security.NewHMAC(ringOf(t))
		sending, receiving := newClock(), newClock()
		sending.on(a)
		receiving.on(b)
		receiving.set(test.age)
		packet := sealOf(t, a, "a message")
		expect(t, b, packet, test.want)
		if test.want == nil {
			expect(t, b, packet, security.ErrReplay)
		}
	}
}

// The time of a packet has 32 bits, which are enough if it is within 68 years.
func TestTimeWraps(t *testing.T) {
	a, b := security.NewHMAC(ringOf(t)), security.NewHMAC(ringOf(t))
	clock := &fakeClock{unix: 1<<32 - 2}
	clock.on(a, b)
	for range 5 {
		packet := sealOf(t, a, "a message")
		expect(t, b, packet, nil)
		expect(t, b, packet, security.ErrReplay)
		stranger := security.NewHMAC(ringOf(t))
		expect(t, b, sealOf(t, stranger, "by the clock of this machine"), security.ErrSkew)
		stranger = security.NewHMAC(ringOf(t))
		clock.on(stranger)
		expect(t, b, sealOf(t, stranger, "by the same clock"), nil)
		clock.pass(time.Second)
	}
}

func TestReordering(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	a, b := security.NewHMAC(ringOf(t)), security.NewHMAC(ringOf(t))
	packets := make([][]byte, 2*security.Kept)
	for i := range packets {
		packets[i] = sealOf(t, a, fmt.Sprint(i))
	}
	// Each is late by less than the window.
	for begin := 0; begin < len(packets); begin += security.Kept / 2 {
		part := packets[begin : begin+security.Kept/2]
		rng.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	for i, packet := range packets {
		if _, err := b.Open(nil, packet, header); err != nil {
			t.Fatalf("seed %d: packet %d: %v", seed, i, err)
		}
	}
	for i, packet := range packets {
		if _, err := b.Open(nil, packet, header); !errors.Is(err, security.ErrReplay) {
			t.Fatalf("seed %d: packet %d again: %v", seed, i, err)
		}
	}
}

func TestTooLateForTheWindow(t *testing.T) {
	a, b := security.NewHMAC(ringOf(t)), security.NewHMAC(ringOf(t))
	late := sealOf(t, a, "late")
	var last []byte
	for range security.Kept {
		last = sealOf(t, a, "in time")
	}
	expect(t, b, last, nil)
	expect(t, b, late, security.ErrReplay)
}

// A frame that takes a while finds its place, however many packets overtake it.
func TestBulkIsNotOvertaken(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a, b := sealer(), sealer()
		frame := sealOf(t, a, string(make([]byte, security.BulkBytes+1)))
		other := sealOf(t, a, string(make([]byte, security.BulkBytes+1)))
		packet := sealOf(t, a, string(make([]byte, security.BulkBytes)))
		if sessionOf(frame) == sessionOf(packet) || sessionOf(frame) != sessionOf(other) {
			t.Fatal("want a session of packets and one of frames")
		}
		for range 2 * security.Kept {
			expect(t, b, sealOf(t, a, "a packet"), nil)
		}
		for _, late := range [][]byte{other, frame} {
			expect(t, b, late, nil)
			expect(t, b, late, security.ErrReplay)
		}
	})
}

func TestForgeriesEnterNoTable(t *testing.T) {
	eachSealer(t, func(t *testing.T, sealer func(...security.Key) *security.KeyedSealer) {
		a, b := sealer(), sealer()
		for i := range 100 {
			forged := sealOf(t, a, "a message")
			forged[4] ^= byte(1 + i) // a session that nobody has
			expect(t, b, forged, security.ErrForged)
		}
		if got := b.Stats().Sessions; got != 0 {
			t.Errorf("%d sessions of forgers are kept", got)
		}
	})
}

func TestReplayLimits(t *testing.T) {
	s := security.NewHMAC(nil)
	for _, good := range []security.ReplayLimits{
		{},
		{MaxSkew: time.Second, MaxSessions: 4},
		{MaxSkew: 24 * time.Hour, MaxSessions: 1 << 20},
	} {
		if err := s.LimitReplay(good); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for _, bad := range []security.ReplayLimits{
		{MaxSkew: -1, MaxSessions: -1},
		{MaxSkew: 24*time.Hour + 1, MaxSessions: 1<<20 + 1},
		{MaxSkew: 1500 * time.Millisecond, MaxSessions: 3},
	} {
		err := s.LimitReplay(bad)
		if err == nil || !strings.Contains(err.Error(), "MaxSkew") || !strings.Contains(err.Error(), "MaxSessions") {
			t.Errorf("%+v: %v; want both fields named", bad, err)
		}
	}
}
