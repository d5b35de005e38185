package core

import "github.com/swim-go/swim/wire"

// Users may have state of their own that is to be the same on all members. The Machine
// says when it is exchanged and with whom, and never sees it: to make it, or to merge
// it, may take a user as long as it likes, and the protocol waits for nobody.

// startExchange has users' state exchanged with one member now and then, as often as
// tables are compared.
func (m *Machine) startExchange() {
	if m.now < m.nextState {
		return
	}
	m.nextState = m.now + m.syncInterval()
	for _, ref := range m.pick(1, wire.ForSync, wire.Self) {
		m.event(Event{Kind: StateDue, After: m.table.member(ref)})
	}
}

// answerState answers a member that asks for users' state or brings its own, with its
// own question: whoever carries the answer puts the user's in its place. Others are
// not answered, and neither is a life of a member that is not the one we know.
func (m *Machine) answerState(from Path, msg *wire.Message) {
	ref, ok := m.table.find(msg.Sender.Name)
	if !ok || !m.table.peer(ref) || m.table.rows[ref].who.Epoch != msg.Sender.Epoch || len(msg.Payload) > m.cfg.MaxStateBytes {
		m.stats.MessagesRefused++
		return
	}
	reply := m.answer(from, wire.UserStateReply)
	reply.Seq, reply.Cursor, reply.Digest, reply.Payload = msg.Seq, msg.Cursor, msg.Digest, msg.Payload
	reply.Target = m.table.name(ref)
}

// admitsState reports whether a message with users' state may come that way, to us.
// An answer goes to whoever asked, and never to the Machine.
func (m *Machine) admitsState(from Path, msg *wire.Message) bool {
	switch {
	case msg.Kind == wire.UserStateReply || !from.Stream || m.cfg.MaxStateBytes == 0:
		m.stats.MessagesRefused++
	case msg.Target != m.cfg.Name:
		m.stats.MessagesMisdirected++
	default:
		return true
	}
	return false
}
