package assembly_test

import (
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/inbox"
)

func text(s string) *waE2E.Message {
	return &waE2E.Message{Conversation: proto.String(s)}
}

func saying(s string) func(*events.Message) bool {
	return func(m *events.Message) bool { return m.Message.GetConversation() == s }
}

func (c *companion) send(to types.JID, message *waE2E.Message) whatsmeow.SendResponse {
	c.t.Helper()
	sent, err := c.SendMessage(c.t.Context(), to, message)
	if err != nil {
		c.t.Fatal("send:", err)
	}
	return sent
}

func TestWhatAContactSaysReachesEveryCompanion(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	said := r.say(bob, "", "good morning")
	for _, c := range []*companion{first, second} {
		m := await(c, saying("good morning"))
		if m.Info.ID != said.ID || m.Info.Sender != r.jid(bob) || m.Info.SenderAlt.User != bobNumber || m.Info.IsFromMe {
			t.Errorf("device %d got %+v", c.device, m.Info)
		}
		c.settled()
	}
	r.received(bob, func(e inbox.Entry) bool { return e.Kind == inbox.Receipt && e.ID == said.ID })
}

func TestWhatACompanionSendsReachesTheContactTheOtherCompanionAndThePhone(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	sent := first.send(types.NewJID(bobNumber, types.DefaultUserServer), text("see you at eight"))
	got := r.received(bob, func(e inbox.Entry) bool { return e.ID == sent.ID })
	if got.Text != "see you at eight" || got.From != first.Store.LID.String() {
		t.Errorf("Bob got %+v", got)
	}
	r.onPhone(func(e inbox.Entry) bool {
		return e.Kind == inbox.Copy && e.ID == sent.ID && e.Text == "see you at eight"
	})
	m := await(second, saying("see you at eight"))
	if !m.Info.IsFromMe || m.Info.Chat != r.jid(bob) || m.Info.Sender.Device != first.device {
		t.Errorf("the other companion got %+v", m.Info)
	}
	delivered := await(first, func(e *events.Receipt) bool { return e.Type == types.ReceiptTypeDelivered })
	if delivered.MessageIDs[0] != sent.ID || delivered.Chat != r.jid(bob) {
		t.Errorf("the receipt is %+v", delivered)
	}
}

func TestTheSecondCompanionIsKnownToTheFirstOnceItIsLinked(t *testing.T) {
	r := start(t)
	first := r.link()
	first.send(r.jid(bob), text("alone"))
	second := r.link()
	first.settled()
	first.send(r.jid(bob), text("together"))
	await(second, saying("together"))
}

func TestThePhonesOwnMessagesReachTheCompanions(t *testing.T) {
	r := start(t)
	c := r.link()
	r.do("/admin/phone/say", words{"chat": zoe, "text": "typed on the phone"})
	m := await(c, saying("typed on the phone"))
	if !m.Info.IsFromMe || m.Info.Chat != r.jid(zoe) {
		t.Errorf("%+v", m.Info)
	}
}

func TestContactsReactEditAndRevoke(t *testing.T) {
	r := start(t)
	c := r.link()
	said := r.say(bob, "", "meet at nine")
	r.do("/admin/react", words{"from": bob, "id": said.ID, "emoji": "👍"})
	r.do("/admin/edit", words{"from": bob, "id": said.ID, "text": "meet at ten"})
	r.do("/admin/revoke", words{"from": bob, "id": said.ID})
	await(c, func(m *events.Message) bool { return m.Message.GetReactionMessage().GetText() == "👍" })
	await(c, func(m *events.Message) bool {
		edit := m.Message.GetProtocolMessage()
		return m.IsEdit && edit.GetKey().GetID() == said.ID && edit.GetEditedMessage().GetConversation() == "meet at ten"
	})
	await(c, func(m *events.Message) bool {
		return m.Message.GetProtocolMessage().GetType() == waE2E.ProtocolMessage_REVOKE && m.Message.GetProtocolMessage().GetKey().GetID() == said.ID
	})
	r.refuses("/admin/edit", words{"from": zoe, "id": said.ID, "text": "not hers"}, 404)
}

func TestACompanionReactsEditsAndRevokes(t *testing.T) {
	r := start(t)
	c := r.link()
	said := r.say(bob, "", "what do you think?")
	await(c, saying("what do you think?"))
	to := r.jid(bob)
	c.send(to, c.BuildReaction(to, to, said.ID, "🎉"))
	c.send(to, c.BuildReaction(to, to, said.ID, ""))
	sent := c.send(to, text("grat"))
	c.send(to, c.BuildEdit(to, sent.ID, text("great")))
	c.send(to, c.BuildRevoke(to, types.EmptyJID, sent.ID))
	first := r.received(bob, func(e inbox.Entry) bool { return e.Kind == inbox.Reaction && e.Target == said.ID && e.Text == "🎉" })
	if first.Author != to.String() {
		t.Errorf("%+v", first)
	}
	r.received(bob, func(e inbox.Entry) bool { return e.Kind == inbox.Reaction && e.Target == said.ID && e.Text == "" })
	r.received(bob, func(e inbox.Entry) bool { return e.Kind == inbox.Edit && e.Target == sent.ID && e.Text == "great" })
	r.received(bob, func(e inbox.Entry) bool { return e.Kind == inbox.Revoke && e.Target == sent.ID })
}

func TestWhatIsForwardedShowsIt(t *testing.T) {
	r := start(t)
	c := r.link()
	sent := c.send(r.jid(bob), &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{
		Text: proto.String("told again"), ContextInfo: &waE2E.ContextInfo{IsForwarded: proto.Bool(true), ForwardingScore: proto.Uint32(3)},
	}})
	got := r.received(bob, func(e inbox.Entry) bool { return e.ID == sent.ID })
	if !got.Forwarded || got.ForwardingScore != 3 {
		t.Errorf("%+v", got)
	}
}

func TestAMessageUnderALIDComesWithoutItsNumberWhenAskedFor(t *testing.T) {
	r := start(t)
	c := r.link()
	r.do("/admin/say", words{"from": bob, "text": "who am I?", "via": "lid_unmapped"})
	m := await(c, saying("who am I?"))
	if !m.Info.SenderAlt.IsEmpty() || m.Info.Sender != r.jid(bob) {
		t.Errorf("%+v", m.Info)
	}
	r.refuses("/admin/say", words{"from": bob, "text": "x", "via": "pigeon"}, 400)
}

func TestANumberThatNobodyHasIsNotOnWhatsApp(t *testing.T) {
	r := start(t)
	c := r.link()
	answers, err := c.IsOnWhatsApp(t.Context(), []string{"+" + bobNumber, "+15550199"})
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range answers {
		if known := answer.Query == "+"+bobNumber; answer.IsIn != known {
			t.Errorf("%+v", answer)
		}
		if answer.IsIn && answer.JID != r.jid(bob) {
			t.Errorf("Bob is %s", answer.JID)
		}
	}
	if _, err := c.SendMessage(t.Context(), types.NewJID("15550199", types.DefaultUserServer), text("anybody?")); err == nil {
		t.Error("a message to nobody was sent")
	}
}

func TestEachOneTimeKeyIsGivenOutOnce(t *testing.T) {
	r := start(t)
	c := r.link()
	c.settled()
	before := c.settled().PreKeys
	people := r.world().Contacts[:5]
	for _, person := range people {
		r.say(person.Name, "", "first words of "+person.Name)
	}
	for _, person := range people {
		await(c, saying("first words of "+person.Name))
	}
	if after := c.settled().PreKeys; after != before-len(people) {
		t.Errorf("%d keys were left, and %d after %d people wrote", before, after, len(people))
	}
}

func TestAMessageThatCannotBeDecryptedIsSentAgain(t *testing.T) {
	r := start(t)
	c := r.link()
	r.say(bob, "", "before")
	await(c, saying("before"))
	sender := r.jid(bob)
	c.send(sender, text("answer"))
	r.received(bob, func(e inbox.Entry) bool { return e.Text == "answer" })
	if err := c.Store.Sessions.DeleteSession(t.Context(), sender.SignalAddress().String()); err != nil {
		t.Fatal(err)
	}
	said := r.say(bob, "", "after the session was lost")
	if m := await(c, saying("after the session was lost")); m.Info.ID != said.ID || m.RetryCount != 1 {
		t.Errorf("%+v, retry %d", m.Info, m.RetryCount)
	}
	c.settled()
}

func TestReadReceiptsReachTheAuthorTheOtherCompanionAndThePhone(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	said := r.say(bob, "", "did you see this?")
	m := await(first, saying("did you see this?"))
	if err := first.MarkRead(t.Context(), []types.MessageID{said.ID}, m.Info.Timestamp, m.Info.Chat, m.Info.Sender); err != nil {
		t.Fatal(err)
	}
	r.received(bob, func(e inbox.Entry) bool { return e.Kind == inbox.Receipt && e.ReceiptType == "read" && e.ID == said.ID })
	read := await(second, func(e *events.Receipt) bool { return e.Type == types.ReceiptTypeRead })
	if !read.IsFromMe || read.Chat != r.jid(bob) || read.MessageIDs[0] != said.ID {
		t.Errorf("the other companion got %+v", read)
	}
	if unread := r.chat(bob).Unread; unread != 0 {
		t.Errorf("the phone shows %d unread", unread)
	}
}

func TestAContactsReadReceiptReachesTheCompanions(t *testing.T) {
	r := start(t)
	c := r.link()
	one, two := c.send(r.jid(bob), text("one")), c.send(r.jid(bob), text("two"))
	r.post("/admin/read", words{"from": bob, "ids": []string{one.ID, two.ID}}, nil)
	read := await(c, func(e *events.Receipt) bool { return e.Type == types.ReceiptTypeRead })
	if len(read.MessageIDs) != 2 || read.MessageIDs[1] != two.ID {
		t.Errorf("%+v", read)
	}
}
