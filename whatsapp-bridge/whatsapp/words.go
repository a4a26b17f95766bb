package whatsapp

import (
	"fmt"
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// readWords reads the payloads that are words, places, people or questions.
func readWords(message *waE2E.Message) (content, bool) {
	switch {
	case message.Conversation != nil:
		return content{kind: store.KindText, text: message.GetConversation()}, true
	case message.ExtendedTextMessage != nil:
		return content{kind: store.KindText, text: message.GetExtendedTextMessage().GetText()}, true
	case message.ContactMessage != nil:
		return content{kind: store.KindContact, text: contactText(message.GetContactMessage())}, true
	case message.ContactsArrayMessage != nil:
		return content{kind: store.KindContact, text: contactsText(message.GetContactsArrayMessage())}, true
	case message.LocationMessage != nil:
		place := message.GetLocationMessage()
		return content{kind: store.KindLocation, text: lines(place.GetName(), place.GetAddress(), place.GetComment(),
			coordinates(place.GetDegreesLatitude(), place.GetDegreesLongitude()))}, true
	case message.LiveLocationMessage != nil:
		place := message.GetLiveLocationMessage()
		return content{kind: store.KindLocation, text: lines(place.GetCaption(),
			coordinates(place.GetDegreesLatitude(), place.GetDegreesLongitude()))}, true
	case message.ProtocolMessage.GetType() == waE2E.ProtocolMessage_EPHEMERAL_SETTING && message.ProtocolMessage != nil:
		return content{kind: store.KindSystem, text: ephemeralText(message.GetProtocolMessage().GetEphemeralExpiration())}, true
	}
	if poll := pollOf(message); poll != nil {
		return content{kind: store.KindPoll, text: pollText(poll)}, true
	}
	return readBusiness(message)
}

// readBusiness reads what businesses send and what is pressed in answer: to a reader it is text.
func readBusiness(message *waE2E.Message) (content, bool) {
	text, known := "", true
	switch {
	case message.TemplateMessage != nil:
		text = templateText(message.GetTemplateMessage())
	case message.HighlyStructuredMessage != nil:
		text = templateText(message.GetHighlyStructuredMessage().GetHydratedHsm())
	case message.ButtonsMessage != nil:
		buttons := message.GetButtonsMessage()
		text = lines(buttons.GetText(), buttons.GetContentText(), buttons.GetFooterText())
	case message.ListMessage != nil:
		list := message.GetListMessage()
		text = lines(list.GetTitle(), list.GetDescription(), list.GetFooterText())
	case message.InteractiveMessage != nil:
		text = interactiveText(message.GetInteractiveMessage())
	case message.ButtonsResponseMessage != nil:
		text = message.GetButtonsResponseMessage().GetSelectedDisplayText()
	case message.ListResponseMessage != nil:
		text = lines(message.GetListResponseMessage().GetTitle(), message.GetListResponseMessage().GetDescription())
	case message.TemplateButtonReplyMessage != nil:
		text = message.GetTemplateButtonReplyMessage().GetSelectedDisplayText()
	case message.InteractiveResponseMessage != nil:
		text = message.GetInteractiveResponseMessage().GetBody().GetText()
	default:
		known = false
	}
	return content{kind: store.KindText, text: text}, known && text != ""
}

// readOther gives the words of payloads that have no kind of their own.
func readOther(message *waE2E.Message) string {
	switch {
	case message.GroupInviteMessage != nil:
		return lines(message.GetGroupInviteMessage().GetGroupName(), message.GetGroupInviteMessage().GetCaption())
	case message.ProductMessage != nil:
		product := message.GetProductMessage().GetProduct()
		return lines(product.GetTitle(), product.GetDescription(), message.GetProductMessage().GetBody())
	case message.OrderMessage != nil:
		return lines(message.GetOrderMessage().GetOrderTitle(), message.GetOrderMessage().GetMessage())
	case message.EventMessage != nil:
		return lines(message.GetEventMessage().GetName(), message.GetEventMessage().GetDescription())
	case message.CommentMessage != nil:
		said, _ := readContent(message.GetCommentMessage().GetMessage())
		return said.text
	}
	return ""
}

func pollOf(message *waE2E.Message) *waE2E.PollCreationMessage {
	for _, poll := range []*waE2E.PollCreationMessage{
		message.GetPollCreationMessage(), message.GetPollCreationMessageV2(), message.GetPollCreationMessageV3(),
		message.GetPollCreationMessageV5(), message.GetPollCreationMessageV6(),
	} {
		if poll != nil {
			return poll
		}
	}
	return nil
}

func pollText(poll *waE2E.PollCreationMessage) string {
	said := []string{poll.GetName()}
	for _, option := range poll.GetOptions() {
		said = append(said, "- "+option.GetOptionName())
	}
	return lines(said...)
}

func contactText(contact *waE2E.ContactMessage) string {
	return lines(contact.GetDisplayName(), contact.GetVcard())
}

func contactsText(contacts *waE2E.ContactsArrayMessage) string {
	var said []string
	for _, contact := range contacts.GetContacts() {
		said = append(said, contactText(contact))
	}
	return lines(said...)
}

func templateText(template *waE2E.TemplateMessage) string {
	hydrated := template.GetHydratedTemplate()
	if hydrated == nil {
		hydrated = template.GetHydratedFourRowTemplate()
	}
	if hydrated == nil {
		return interactiveText(template.GetInteractiveMessageTemplate())
	}
	return lines(hydrated.GetHydratedTitleText(), hydrated.GetHydratedContentText(), hydrated.GetHydratedFooterText())
}

func interactiveText(message *waE2E.InteractiveMessage) string {
	return lines(message.GetHeader().GetTitle(), message.GetHeader().GetSubtitle(),
		message.GetBody().GetText(), message.GetFooter().GetText())
}

func ephemeralText(seconds uint32) string {
	if seconds == 0 {
		return "Disappearing messages were turned off"
	}
	return fmt.Sprintf("Disappearing messages were set to %d hours", seconds/3600)
}

func coordinates(latitude, longitude float64) string {
	return fmt.Sprintf("%.6f, %.6f", latitude, longitude)
}

func lines(parts ...string) string {
	said := parts[:0:0]
	for _, part := range parts {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, "\n")
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
