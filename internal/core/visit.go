package core

import "github.com/swim-go/swim/wire"

// answerVisit gives our table to one who wants to see it before it gives its own: a
// node whose user may decide against one cluster with ours. Nothing that it says is
// kept; but where not everybody is admitted, it has to say of itself what a member
// would, or anybody could have the table.
func (m *Machine) answerVisit(from Path, msg *wire.Message) {
	if reason := m.objection(msg); reason != "" {
		answer := m.answer(from, wire.Refusal)
		answer.Seq, answer.Payload = msg.Seq, []byte(reason[:min(len(reason), wire.MaxReasonBytes)])
		m.stats.Refusals++
		m.event(Event{Kind: Refused, After: wire.Member{Name: m.own(msg.Sender.Name), Addr: from.Addr}, Text: reason})
		return
	}
	m.stats.SyncsAnswered++
	reply := m.answer(from, wire.SyncReply)
	reply.Seq = msg.Seq
	m.fillTable(reply)
}

// objection says why a visitor is not admitted, or nothing.
func (m *Machine) objection(msg *wire.Message) string {
	if m.cfg.Admit == nil {
		return ""
	}
	for i := range msg.Updates {
		u := &msg.Updates[i]
		if u.Name != msg.Sender.Name || u.Check() != nil {
			continue
		}
		err := m.cfg.Admit(u.Member)
		if err == nil {
			return ""
		}
		m.stats.ClaimsRefused++
		return err.Error()
	}
	return "nothing is known of it"
}
