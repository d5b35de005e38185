package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swim-go/swim/wire"
)

// answers lets the next probe be acked with our digest, or another, and returns who
// was probed.
func (b *bench) answers(agreeing bool) string {
	b.t.Helper()
	for end := b.now + 5*time.Second; b.now < end; {
		for _, s := range b.until(b.now + 10*time.Millisecond) {
			if s.Msg.Kind != wire.Ping {
				continue
			}
			digest := s.Msg.Digest
			if !agreeing {
				digest++
			}
			b.receive(s.Msg.Target, wire.Message{Kind: wire.Ack, Seq: s.Msg.Seq, Target: s.Msg.Target, Digest: digest})
			return s.Msg.Target
		}
	}
	b.t.Fatal("nobody is probed")
	return ""
}

func TestAgreementTakesThreeInARow(t *testing.T) {
	b := newBench(t)
	if !b.m.Agrees() {
		t.Error("alone it does not agree with itself")
	}
	b.meet("b", "c", "d", "e")
	for _, step := range []struct{ answer, agrees bool }{
		{true, false},
		{true, false},
		{false, false},
		{true, false},
		{true, false},
		{true, true},
		{true, true},
		{false, false},
		{true, false},
		{true, false},
		{true, true},
	} {
		who := b.answers(step.answer)
		if got := b.m.Agrees(); got != step.agrees {
			t.Fatalf("after %s answered %v it agrees: %v", who, step.answer, got)
		}
	}
	b.meet("f")
	if b.m.Agrees() {
		t.Error("they agreed with a view that it has no more")
	}
}

// One member who answers again and again is one, and where there are fewer than
// three, all are enough.
func TestAgreementIsOfDistinctMembers(t *testing.T) {
	for peers, answers := range map[int]int{1: 1, 2: 2, 3: 3, 9: 3} {
		b := newBench(t)
		for i := range peers {
			b.meet(fmt.Sprint("m", i))
		}
		for i := range answers {
			if b.m.Agrees() {
				t.Fatalf("of %d peers %d answers are enough", peers, i)
			}
			b.answers(true)
		}
		if !b.m.Agrees() {
			t.Errorf("of %d peers %d answers are not enough", peers, answers)
		}
	}
	b := newBench(t)
	b.meet("b", "c")
	for answered := 0; answered < 2; {
		for _, p := range b.until(b.now + 10*time.Millisecond) {
			if p.Msg.Kind == wire.Ping && p.Msg.Target == "b" { // c is silent
				b.receive("b", wire.Message{Kind: wire.Ack, Seq: p.Msg.Seq, Target: "b", Digest: p.Msg.Digest})
				answered++
			}
		}
	}
	if b.m.Agrees() {
		t.Error("one member who answers twice is enough where there are two")
	}
}
